//! The compact binary format, specified in `docs/src/traces.md`.
//!
//! ```text
//! ┌───────┬─────────┬───────┬─────────────────┬────────┬─  ─┬────────┬────────┬─  ─┬───────┬─────────┐
//! │ magic │ version │ flags │ provenance JSON │ CALL 0 │ …  │ LIVE   │ CALL n │ …  │ INDX  │ trailer │
//! └───────┴─────────┴───────┴─────────────────┴────────┴─  ─┴────────┴────────┴─  ─┴───────┴─────────┘
//! ```
//!
//! | to | use |
//! |---|---|
//! | read a whole trace | [`read`], [`read_prefix`] |
//! | read a file frame by frame, from any call on | [`Reader`] |
//! | write a whole trace | [`write`](write()) |
//! | write a file call by call | [`Writer`] |
//! | keep track of the live blocks meanwhile | [`Live`] |

mod calls;
mod columns;
mod header;
mod index;
mod live;
mod load;
mod reader;
mod record;
mod save;
mod seek;
pub mod varint;
mod writer;

pub use calls::Call;
pub use live::{Live, LiveBlock};
pub use load::{read, read_prefix};
pub use reader::{Frame, Reader};
pub use save::{fingerprint, write};
pub use writer::Writer;

pub(crate) use header::is_compact;
pub(crate) use load::load;

pub(crate) use save::save;

/// The first bytes of every compact trace. The first byte is not text; the last two reveal a transfer that
/// changed line ends.
pub const MAGIC: [u8; 8] = *b"\x89ALLOC\r\n";

/// The version that this module writes and reads.
pub const VERSION: u16 = 2;

/// The most calls in a frame.
pub const MAX_FRAME_OPS: usize = 1 << 16;

/// The largest request that the format can hold: two bits of a 64-bit varint are the kind of the call.
pub const MAX_SIZE: usize = usize::MAX >> 2;
