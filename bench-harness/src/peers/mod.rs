//! The peers: libc malloc and the best known allocators by others behind our trait.
//!
//! A peer is wrapped in one of three ways: what implements [`GlobalAlloc`](std::alloc::GlobalAlloc)
//! needs nothing but [`global`]; what implements `allocator_api2`'s trait goes into [`Api2`]; and
//! anything else implements [`Foreign`], two calls and what it can do beside them. A wrapper adds
//! nothing: it calls the peer's own methods, in-place reallocation included where the peer has it.
//! The constructors here hand the whole heap to the peer.

mod api2;
mod blink;
mod buddy;
mod bump_scope;
mod bumpalo;
mod dlmalloc;
mod foreign;
mod galloc;
mod global;
mod libc;
mod linked_list;
mod one_chunk;
mod rlsf;
mod talc;

pub use self::api2::Api2;
pub use self::blink::{Blink, blink};
pub use self::buddy::{Buddy, buddy};
pub use self::bump_scope::{BumpScope, bump_scope};
pub use self::bumpalo::{bumpalo, bumpalo_of};
pub use self::dlmalloc::{Dlmalloc, LockedDlmalloc, dlmalloc};
pub use self::foreign::{Foreign, Peer};
pub use self::galloc::{Galloc, galloc};
pub use self::global::{Global, global};
pub use self::libc::{Libc, libc};
pub use self::linked_list::linked_list;
pub use self::one_chunk::OneChunk;
pub use self::rlsf::{Tlsf, rlsf};
pub use self::talc::{Talc, talc};
