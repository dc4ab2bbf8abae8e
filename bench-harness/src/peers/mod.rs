//! The peers: libc malloc and the best known pure-Rust allocators behind our trait.
//!
//! A wrapper adds nothing: it calls the peer's own methods, in-place reallocation included where
//! the peer has it, and returns the requested length as the usable one. Each hands the whole heap
//! to the peer when it is made.

mod buddy;
mod bumpalo;
mod dlmalloc;
mod libc;
mod linked_list;
mod rlsf;
mod talc;

pub use self::buddy::Buddy;
pub use self::bumpalo::Bumpalo;
pub use self::dlmalloc::Dlmalloc;
pub use self::libc::Libc;
pub use self::linked_list::LinkedList;
pub use self::rlsf::Rlsf;
pub use self::talc::Talc;

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::AllocError;

/// A block of the requested length.
#[inline]
fn sized(block: Option<NonNull<u8>>, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    let block = block.ok_or(AllocError)?;
    Ok(NonNull::slice_from_raw_parts(block, layout.size()))
}

/// "Resizing" of a peer that cannot resize in place and must get back the size that it gave.
#[inline]
fn only_equal(old: Layout, new_size: usize) -> Result<usize, AllocError> {
    match new_size == old.size() {
        true => Ok(new_size),
        false => Err(AllocError),
    }
}
