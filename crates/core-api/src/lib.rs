#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod forward;

pub mod adapters;
pub mod align;
mod allocator;
mod heap_map;
mod inspect;
mod misuse;
mod region;
mod source;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(target_has_atomic = "8")]
pub use adapters::SpinLock;
pub use adapters::{Local, Locked, RawLock};
pub use allocator::{AllocError, Allocator, Reclaims, Reset, SizelessFree, reallocate};
pub use heap_map::{HeapMap, MAX_COLUMNS};
pub use inspect::{Block, BlockState, Corruption, HeapStats, Inspect};
#[cfg(target_has_atomic = "ptr")]
pub use misuse::set_default_fatal_handler;
pub use misuse::{FatalHandler, Misuse, fatal, set_fatal_handler};
pub use region::Region;
pub use source::{Borrowed, DEFAULT_HEAP_LEN, Fixed, Growth, Source, StaticHeap};
