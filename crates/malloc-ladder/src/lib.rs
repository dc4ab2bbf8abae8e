#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use core_api;
#[cfg(feature = "testing")]
pub use core_api::testing;

#[cfg(feature = "bump")]
pub use bump;
#[cfg(feature = "coalescing")]
pub use coalescing;
#[cfg(feature = "fit-strategies")]
pub use fit_strategies;
#[cfg(feature = "freelist")]
pub use freelist;
#[cfg(feature = "headerless")]
pub use headerless;
#[cfg(feature = "mmap-backed")]
pub use mmap_backed;
#[cfg(feature = "thread-cached")]
pub use thread_cached;
#[cfg(feature = "wasm")]
pub use wasm;

/// The allocator of a whole program: a heap for each thread, on memory from Linux.
///
/// ```
/// #[global_allocator]
/// static GLOBAL: malloc_ladder::Global = malloc_ladder::Global::new();
///
/// assert_eq!([7; 1000].to_vec().len(), 1000);
/// ```
#[cfg(feature = "thread-cached")]
pub use thread_cached::ThreadCached as Global;

/// The allocator of a WebAssembly program with one thread, on `wasm32` only.
///
/// ```text
/// #[global_allocator]
/// static A: malloc_ladder::Wasm = malloc_ladder::Wasm::new();
/// ```
#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
pub use wasm::Wasm;

/// An arena: allocating moves a pointer, and the end of a scope frees everything in it.
#[cfg(feature = "bump")]
pub use bump::Bump as Arena;

#[cfg(feature = "coalescing")]
mod fixed;
#[cfg(feature = "coalescing")]
pub use fixed::{FixedHeap, fixed_heap};
