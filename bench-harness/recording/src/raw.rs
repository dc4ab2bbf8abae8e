//! The raw recording: what is written while a program runs and the harness turns into traces.
//!
//! A file is a header, then pages. Every number is in the machine's byte order: a recording is read
//! where it was made. A page belongs to one thread and begins with four words:
//!
//! | word | content |
//! |---|---|
//! | 0 | thread, plus 2^32; 0 in a page that nobody took |
//! | 1 | ticks of the processor's counter when the page was taken |
//! | 2 | nanoseconds of the clock then |
//! | 3 | 0 |
//!
//! Then come its events, one directly after the other; two bytes of 0 are where no event was written.
//! How an event becomes bytes is in [`coder`](crate::coder): eight for most, which is one write.

/// The environment variable that names the directory for recordings.
pub const DIRECTORY_VARIABLE: &str = "ALLOCATION_RECORD_DIR";

/// The first word of a file.
pub const MAGIC: u64 = u64::from_le_bytes(*b"RAWALOC3");

/// Bytes before the first page: a multiple of every page size of a machine.
pub const HEADER_LEN: usize = 64 << 10;

/// Where in the header the recorded process's id is: a `u32`.
pub const PID_AT: usize = 8;

/// Where in the header the error number is that ended the recording early, else 0: a `u32`.
pub const STOPPED_AT: usize = 12;

/// Where in the header the program's name is.
pub const NAME_AT: usize = 16;

/// Bytes of the program's name, padded with 0.
pub const NAME_LEN: usize = 16;

/// Where in the header the id of the process's parent is: a `u32`.
pub const PARENT_AT: usize = 32;

/// Where in the header the path of the program's file is; empty where there is no `/proc`.
pub const IMAGE_AT: usize = 64;

/// Bytes of that path, padded with 0.
pub const IMAGE_LEN: usize = 4096;

/// Bytes of a page.
pub const PAGE_LEN: usize = 4096;

/// Bytes of a page before its events.
pub const HEAD_LEN: usize = 32;

/// Pages by which a file grows.
pub const EXTENT_PAGES: usize = 512;

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A block was handed out.
    Allocate = 1,
    /// A block of zeroed bytes was handed out.
    AllocateZeroed = 2,
    /// A block is about to be freed.
    Free = 3,
    /// A block is about to be resized; the thread's next `ResizeEnd` says to what.
    ResizeBegin = 4,
    /// The block is at this address now; at 0, it is where it was.
    ResizeEnd = 5,
}

impl Kind {
    /// The kind of that number.
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
    /// Requested bytes; of a free or the beginning of a resize, those that it states.
    pub size: u64,
    /// log2 of the requested alignment, if one was named.
    pub align: Option<u8>,
    /// Whether a free or resize states the size.
    pub is_sized: bool,
}

/// An event with its place among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The event.
    pub event: Event,
    /// Its number among all threads' events.
    pub ticket: u64,
    /// When it happened, in ticks.
    pub ticks: u64,
}
