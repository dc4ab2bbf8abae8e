//! The compact binary format, specified in `docs/src/traces.md`.
//!
//! ```text
//! ┌───────┬─────────┬───────┬─────────────────┬─────────┬─   ─┬─────────┬──────────┐
//! │ magic │ version │ flags │ provenance JSON │ frame 0 │  …  │ frame n │ end mark │
//! └───────┴─────────┴───────┴─────────────────┴─────────┴─   ─┴─────────┴──────────┘
//! ┌───────┬───────────┬─────────┬──────────┬─────────────┬───────┬──────────────────────┐
//! │ calls │ bytes     │ bytes   │ calls    │ allocations │ crc32 │ varints of the calls,│
//! │       │ deflated  │ in full │ before   │ before      │       │ deflated             │
//! └───────┴───────────┴─────────┴──────────┴─────────────┴───────┴──────────────────────┘
//! ```

mod calls;
mod frame;
mod read;
pub(crate) mod varint;
mod write;

pub use read::{read, read_prefix};
pub use write::{fingerprint, write};

/// The first bytes of every compact trace. The first is no text, the last two show a transfer
/// that changed line ends.
pub const MAGIC: [u8; 8] = *b"\x89ALLOC\r\n";

/// The version that this module writes and reads.
pub const VERSION: u16 = 1;

/// The most calls in a frame.
pub const MAX_FRAME_OPS: usize = 1 << 16;

/// The largest request that the format holds: two bits of a 64-bit varint tell the call.
pub const MAX_SIZE: usize = usize::MAX >> 2;
