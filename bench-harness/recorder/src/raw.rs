//! The raw recording: what the recorder writes and the harness turns into traces.
//!
//! A file is a header, then events in the order of their tickets. Every number is in the
//! machine's byte order: a recording is read where it was made. An event is three words:
//!
//! | word | bits | content |
//! |---|---|---|
//! | 0 | | address of the block |
//! | 1 | | requested bytes |
//! | 2 | 0–31 | thread |
//! | 2 | 32–39 | kind; 0 where the event was never written |
//! | 2 | 40–47 | log2 of the requested alignment; 0 where none was named |
//!
//! The last word is written last, so that an event is whole or absent.

/// The environment variable that names the directory for recordings.
pub const DIRECTORY_VARIABLE: &str = "ALLOCATION_RECORD_DIR";

/// The first word of a file.
pub const MAGIC: u64 = u64::from_le_bytes(*b"RAWALOC1");

/// Bytes before the first event: a multiple of every page size.
pub const HEADER_LEN: usize = 64 << 10;

/// Where in the header the recorded process's id is: a `u32`.
pub const PID_AT: usize = 8;

/// Where in the header the error number is that ended the recording early, else 0: a `u32`.
pub const STOPPED_AT: usize = 12;

/// Where in the header the program's name is.
pub const NAME_AT: usize = 16;

/// Bytes of the program's name, padded with 0.
pub const NAME_LEN: usize = 16;

/// Bytes of an event.
pub const EVENT_LEN: usize = 24;

/// Events by which a file grows; `CHUNK_EVENTS * EVENT_LEN` is a multiple of every page size.
pub const CHUNK_EVENTS: usize = 1 << 16;

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

/// One call, or half of a resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Address of the block.
    pub address: u64,
    /// Requested bytes.
    pub size: u64,
    /// log2 of the requested alignment; 0 where none was named.
    pub log2_align: u8,
    /// The calling thread.
    pub thread: u32,
}

impl Event {
    /// The event's three words.
    pub fn to_words(self) -> [u64; 3] {
        let kind = (self.kind as u64) << 32 | u64::from(self.log2_align) << 40;
        [self.address, self.size, kind | u64::from(self.thread)]
    }

    /// The event of three words, or `None` if it was not written.
    pub fn from_words([address, size, rest]: [u64; 3]) -> Option<Self> {
        let kind = match (rest >> 32) as u8 {
            1 => Kind::Allocate,
            2 => Kind::AllocateZeroed,
            3 => Kind::Free,
            4 => Kind::ResizeBegin,
            5 => Kind::ResizeEnd,
            _ => return None,
        };
        Some(Self {
            kind,
            address,
            size,
            log2_align: (rest >> 40) as u8,
            thread: rest as u32,
        })
    }
}
