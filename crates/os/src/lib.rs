#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
extern crate std;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!("os calls mremap and futex, which only Linux has");

mod clock;
mod errno;
mod faults;
mod futex;
mod memory;
mod page;
pub mod probes;
mod process;
mod single_thread;
mod thread_value;

pub use clock::now;
pub use errno::{errno, keeping_errno};
pub use faults::{OnFault, watch_faults};
pub use futex::{wait, wake_one};
pub use memory::{
    ResizeError, advise_huge, commit, decommit, map, map_uncharged, move_pages, protect, purge,
    reserve, reserve_aligned, resize, resize_or_move, unmap,
};
pub use page::page_size;
pub use process::{at_fork, has_one_thread, random};
pub use single_thread::{find_flag, forget_flag, is_single_threaded, set_flag};
pub use thread_value::{AtThreadEnd, ThreadValue};
