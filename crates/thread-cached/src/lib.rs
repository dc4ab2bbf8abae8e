#![doc = include_str!("../README.md")]
//!
//! # Picture
//!
//! ```text
// ANCHOR: picture
//!   a heap is one region of address space, 16 GiB; each part is committed as far as it is used
//!  ┌────────┬──────────┬──────────────────────────────────┬────────────┬─────────┬───────┐
//!  │ header │ page map │ sub-page┆ slabs ▒ large █ free ░ │ never used │ records │ marks │
//!  │ lists  │ 2 B/KiB  │ ┆┆┆┆▒▒▒▒░░████░▒▒▒▒░░░░░░███▒▒▒░ │            │ 16 B a  │ for   │
//!  │        │          │                                  │            │ page    │ checks│
//!  └────────┴──────────┴──────────────────────────────────┴────────────┴─────────┴───────┘
//!
//!  allocate(n): pops lists[class of n] ◄────┐   ┌──── free(p): p in my region, class of its KiB? pushes
//!                                           │   ▼      └─ no: address map → large, other heap, mapping
//!                        magazine         lists[class]
//!                        of each class      │ full  ▲ empty
//!                                           ▼       │
//!                                         reserve[class]
//!                  full again: put back     │       ▲ empty as well: one slab's free blocks, whole
//!                                           ▼       │
//!  slabs' records:   A ▒▒▒▒▒▒▒░ out    B ▒░▒░░▒▒░ listed    C ░░░░░░░░ spare, or a free span
//!                                           ▲
//!  collect, every 100 ms: remote frees, and the magazines of classes that took nothing
//!  B frees A's ─ remote-free cache, 64 at a time ─ one CAS ─► A's remote free list[class] ─ one swap ─► A
//!  purge: a free span idle for 1 s is taken out, MADV_DONTNEED without a lock, put back zero
// ANCHOR_END: picture
//! ```
//!
//! # Folders
//!
//! Each folder imports only folders below it.
//!
//! | folder | what it holds |
//! |---|---|
//! | `observe` | invariants, walks, size-class statistics, probes |
//! | `front` | the two allocators, the hit paths, resizing |
//! | `slow` | the slow paths; its first lines follow a `malloc(24)` through a miss |
//! | `lifecycle` | which thread has which heap |
//! | `large` | large blocks, and finding a block by its address |
//! | `giving_back` | collecting, purging, periodic maintenance |
//! | `small` | slabs and magazines |
//! | `huge_pages` | when a heap asks the OS for huge pages |
//! | `heap` | the header with the state of every role, ownership, the references to a heap |
//! | `remote` | the remote-free cache and the remote free lists |
//! | `pages` | spans, page map, committing, span caches |
//! | `hardened` | the hook point of the hardened mode, its guarded pages, quarantine and states |
//! | `layout` | pages and units, size classes |
//!
//! Below them lie four files: `link`, the link in a free block; `mutex`; `clock`, the cached time; `primitive`, the atomics
//! that the models replace.
//!
//! # Invariants
//!
//! [`PrivateHeap`]'s [`check`](core_api::Inspect::check) tests them in this order.
//!
//! - **I1** A region begins at a multiple of 1 GiB with its header and page map and ends with its records
//!   and marks, and the address map leads from each of its entries to it. All pages below `top` are
//!   committed, and so are the header and what describes these pages.
//! - **I2** From the first page behind the page map to `top`, slabs, spans and unused units of the
//!   sub-page area tile the region. The page map has for each unit of a slab the slab's class and the distance
//!   from its first unit; two free spans never touch.
//! - **I3** A free block of a slab, in a list, a reserve, a slab's record or a remote free list, is linked to the
//!   next one there, starts at a multiple of its size from its slab's start, is of the list's class, was
//!   carved, and is in one of them once.
//! - **I4** A free span is in the bin of its length, linked both ways; the counts of free and of
//!   dirty pages are those of the bins.
//! - **I5** A clean span, and everything from `top` on, is zero.
//! - **I6** A slab's record counts the blocks that wait in it, and all of them are the slab's.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
extern crate std;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!("thread-cached needs mremap and futex, which only Linux has");

mod clock;
mod front;
mod giving_back;
mod hardened;
mod heap;
mod huge_pages;
mod large;
mod layout;
mod lifecycle;
mod link;
mod mutex;
mod observe;
mod pages;
mod primitive;
mod remote;
mod slow;
mod small;

pub use front::global::ThreadCached;
pub use front::handle::PrivateHeap;
pub use hardened::Checks;
#[cfg(feature = "hardened")]
#[doc(hidden)]
pub use hardened::Door;
pub use huge_pages::HugePages;
pub use observe::census::{BlockSum, ClassStats, SizeClassStats};
pub use observe::probed::Probed;
