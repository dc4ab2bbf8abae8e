//! Blocks with a mapping of their own, on a kernel that refuses to resize and to move them.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use core::alloc::Layout;
use core::ffi::{c_int, c_void};
use core::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use core_api::{Allocator, Inspect};
use support::is_mapped;
use thread_cached::ThreadCached;

/// Bytes that another thread maps.
const TAKEN_LEN: usize = 4096;

/// Why a mapping is not resized.
static REFUSAL: AtomicI32 = AtomicI32::new(0);

/// What another thread has where a mapping should have moved.
static TAKEN: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// The kernel unmaps what lies where the pages are to go before it knows that they can. As soon as it has
/// given up, another thread has the place.
#[unsafe(no_mangle)]
extern "C" fn mremap(
    _: *mut c_void,
    _: usize,
    new_len: usize,
    flags: c_int,
    to: *mut c_void,
) -> *mut c_void {
    // SAFETY: the place is the caller's to replace, and errno this thread's.
    unsafe {
        if flags & libc::MREMAP_FIXED != 0 {
            libc::munmap(to, new_len);
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
            let taken = libc::mmap(to, TAKEN_LEN, protection, flags, -1, 0);
            assert_eq!(taken, to);
            TAKEN.store(taken.cast(), Ordering::Relaxed);
        }
        *libc::__errno_location() = REFUSAL.load(Ordering::Relaxed);
    }
    libc::MAP_FAILED
}

/// Grows a block under this refusal: its bytes are copied, and it is counted once.
fn grows(refusal: c_int) {
    REFUSAL.store(refusal, Ordering::Relaxed);
    let mut heaps = ThreadCached::new();
    let layout = |len| Layout::array::<u8>(len).expect("a layout");
    let (old, new) = (layout(40_000_000), layout(90_000_000));
    let block: NonNull<u8> = heaps.allocate(old).expect("room").cast();
    // SAFETY: the block is live, and freed once.
    unsafe {
        block.add(39_999_999).write(7);
        let grown = heaps.grow(block, old, new).expect("room").cast::<u8>();
        assert_eq!(grown.add(39_999_999).read(), 7);
        assert_ne!(grown, block);
        assert_eq!(heaps.size_class_stats().direct.n, 1);
        heaps.deallocate(grown, new);
    }
    assert_eq!(heaps.size_class_stats().direct.n, 0);
    heaps.check().expect("sound heaps");
}

#[test]
fn what_a_failed_move_left_to_others_is_theirs() {
    grows(libc::EAGAIN);
    assert!(TAKEN.load(Ordering::Relaxed).is_null(), "not tried");
    grows(libc::ENOMEM);
    let taken = TAKEN.load(Ordering::Relaxed);
    assert!(!taken.is_null(), "tried");
    assert!(is_mapped(taken.addr()));
}
