#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(std_allocator_is_unstable, feature(allocator_api))]

#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod forward;

pub mod adapters;
pub mod align;
mod allocator;
mod banks;
pub mod checks;
mod end;
pub mod fatal;
mod heap_map;
mod inspect;
mod misuse;
mod region;
pub mod resize;
mod source;
#[cfg(feature = "testing")]
pub mod testing;
pub mod thread;

#[cfg(feature = "critical-section")]
pub use adapters::CriticalSection;
#[cfg(feature = "lock_api")]
pub use adapters::LockApi;
#[cfg(target_has_atomic = "ptr")]
pub use adapters::SpinLock;
#[cfg(std_allocator)]
pub use adapters::Standard;
pub use adapters::{DefaultLock, Handle, Local, Locked, RawLock};
pub use allocator::{AllocError, Allocator, Reclaims, Reset, SizelessFree};
pub use checks::{Checked, CheckedFree};
pub use fatal::fatal;
pub use heap_map::HeapMap;
pub use inspect::{Block, BlockState, Corruption, HeapStats, Inspect};
pub use misuse::Misuse;
pub use region::Region;
pub use source::{Borrowed, DEFAULT_HEAP_LEN, Fixed, Growth, Source, StaticHeap};
