//! The format of a raw recording, which a running program writes and the harness converts to traces.
//!
//! A file consists of a header and pages. Every number is in the machine's byte order, because the machine
//! that made a recording also reads it. A page belongs to one thread and begins with four words:
//!
//! | word | content |
//! |---|---|
//! | 0 | thread, plus 2^32; 0 in a page that no thread took |
//! | 1 | ticks of the processor's counter when the thread took the page |
//! | 2 | nanoseconds of the clock at that time |
//! | 3 | 0 |
//!
//! The page's events follow without gaps; two bytes of 0 mark the end of the events. [`coder`](crate::coder)
//! encodes an event: most take eight bytes, which is one write.

/// The environment variable that names the directory for recordings.
pub const DIRECTORY_VARIABLE: &str = "ALLOCATION_RECORD_DIR";

/// The first word of a file.
pub const MAGIC: u64 = u64::from_le_bytes(*b"RAWALOC3");

/// Bytes before the first page: a multiple of every machine's page size.
pub const HEADER_LEN: usize = 64 << 10;

/// The header's offset of the recorded process's id: a `u32`.
pub const PID_AT: usize = 8;

/// The header's offset of the error number that ended the recording early, else 0: a `u32`.
pub const STOPPED_AT: usize = 12;

/// The header's offset of the program's name.
pub const NAME_AT: usize = 16;

/// Bytes of the program's name, padded with 0.
pub const NAME_LEN: usize = 16;

/// The header's offset of the id of the process's parent: a `u32`.
pub const PARENT_AT: usize = 32;

/// The header's offset of the path of the program's file; the path is empty if there is no `/proc`.
pub const IMAGE_AT: usize = 64;

/// Bytes of that path, padded with 0.
pub const IMAGE_LEN: usize = 4096;

/// Bytes of a page.
pub const PAGE_LEN: usize = 4096;

/// Bytes of a page before its events.
pub const HEAD_LEN: usize = 32;

/// The number of pages by which a file grows.
pub const EXTENT_PAGES: usize = 512;

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The allocator handed out a block.
    Allocate = 1,
    /// The allocator handed out a block of zeroed bytes.
    AllocateZeroed = 2,
    /// The program is about to free a block.
    Free = 3,
    /// The program is about to resize a block; the thread's next `ResizeEnd` has the new size.
    ResizeBegin = 4,
    /// The resized block is now at this address; address 0 means that the resize failed and the block has not
    /// moved.
    ResizeEnd = 5,
}

impl Kind {
    /// Returns the kind with that number.
    pub(crate) fn of(number: u16) -> Option<Self> {
        [
            Self::Allocate,
            Self::AllocateZeroed,
            Self::Free,
            Self::ResizeBegin,
            Self::ResizeEnd,
        ]
        .into_iter()
        .find(|kind| *kind as u16 == number)
    }
}

/// One call, or half of a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Address of the block.
    pub address: u64,
    /// Requested bytes; for a free or the beginning of a resize, the bytes that the call states.
    pub size: u64,
    /// log2 of the requested alignment, if the call names one.
    pub align: Option<u8>,
    /// True if a free or resize states the size.
    pub is_sized: bool,
}

/// An event with its place among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The event.
    pub event: Event,
    /// Its number among all threads' events.
    pub ticket: u64,
    /// The time of the event, in ticks.
    pub ticks: u64,
}
