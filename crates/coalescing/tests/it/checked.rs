//! A checked heap ends the process at a mistake, before it spreads. Each test runs itself again in a
//! child, which must not survive.
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::common::{bytes, filled};
use coalescing::CoalescingHeap;
use core_api::{Allocator, Checked, Fixed, Misuse, SizelessFree};
use std::alloc::Layout;
use std::ptr::NonNull;

const IN_CHILD: &str = "COALESCING_TEST_CHILD";

type CheckedHeap = Checked<CoalescingHeap<Fixed>>;

fn checked() -> CheckedHeap {
    // SAFETY: the region is handed out for this heap alone.
    Checked::new(CoalescingHeap::new(unsafe {
        Fixed::new(filled(64 << 10, 0xA5))
    }))
}

/// Makes the mistake if this is the child; otherwise sees to it that the child ended of `misuse`.
#[track_caller]
fn ends_of(misuse: Misuse, test: &str, mistake: impl FnOnce(&mut CheckedHeap)) {
    if std::env::var_os(IN_CHILD).is_some() {
        mistake(&mut checked());
        return;
    }
    let program = std::env::current_exe().expect("tests are programs");
    let mut child = Command::new(program);
    child
        .args([&format!("checked::{test}"), "--exact", "--nocapture"])
        .env(IN_CHILD, "1");
    let output = child.output().expect("the test runs again");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(misuse.message()), "{said}");
    assert!(output.status.signal().is_some(), "{:?}", output.status);
}

fn take(heap: &mut impl Allocator, size: usize) -> NonNull<u8> {
    heap.allocate(bytes(size)).expect("room enough").cast()
}

#[test]
fn a_second_free() {
    ends_of(Misuse::DoubleFree, "a_second_free", |heap| {
        let block = take(heap, 28);
        // SAFETY: the second free is a mistake that is found.
        unsafe {
            heap.deallocate(block, bytes(28));
            heap.deallocate(block, bytes(28));
        }
    });
}

#[test]
fn a_pointer_into_a_block() {
    ends_of(Misuse::ForeignPointer, "a_pointer_into_a_block", |heap| {
        let block = take(heap, 28);
        // SAFETY: the address is in the block; the free is a mistake that is found.
        unsafe { heap.free(block.add(4)) }
    });
}

#[test]
fn a_free_of_another_size() {
    ends_of(Misuse::CorruptHeader, "a_free_of_another_size", |heap| {
        let block = take(heap, 28);
        // SAFETY: a mistake that is found.
        unsafe { heap.deallocate(block, bytes(60)) }
    });
}

/// The header behind says that a free block follows, which would be merged with this one.
#[test]
fn an_overrun_that_looks_like_a_free_block() {
    let name = "an_overrun_that_looks_like_a_free_block";
    ends_of(Misuse::CorruptHeader, name, |heap| {
        let block = take(heap, 28);
        take(heap, 28);
        take(heap, 28);
        // SAFETY: four bytes beyond the block are the next header, inside the region.
        unsafe {
            block.add(28).cast::<u32>().write(8 << 2 | 2);
            heap.deallocate(block, bytes(28));
        }
    });
}

/// The footer of the free block in front, which says where it begins.
#[test]
fn an_overwritten_footer() {
    ends_of(Misuse::CorruptHeader, "an_overwritten_footer", |heap| {
        let front = take(heap, 1020);
        let block = take(heap, 28);
        take(heap, 28);
        // SAFETY: `front` is live; its last four bytes are the footer after the free.
        unsafe {
            heap.deallocate(front, bytes(1020));
            front.add(1016).cast::<u32>().write(64);
            heap.deallocate(block, bytes(28));
        }
    });
}

#[test]
fn a_resize_of_a_freed_block() {
    ends_of(Misuse::DoubleFree, "a_resize_of_a_freed_block", |heap| {
        let block = take(heap, 28);
        // SAFETY: the resize after the free is a mistake that is found.
        unsafe {
            heap.deallocate(block, bytes(28));
            let _ = heap.resize_in_place(block, bytes(28), 60);
        }
    });
}

#[test]
fn a_full_heap_shrinks_blocks_to_another_alignment() {
    let mut heap = checked();
    let old = Layout::from_size_align(100, 8).expect("a valid layout");
    let block = heap.allocate(old).expect("room enough").cast::<u8>();
    while heap.allocate(bytes(28)).is_ok() {}
    // SAFETY: the block is live with this layout.
    let shrunk = unsafe { heap.shrink(block, old, bytes(60)) };
    assert_eq!(shrunk.map(NonNull::cast), Ok(block));
}

#[test]
fn what_is_right_is_left_alone() {
    let mut heap = checked();
    let mut plain: CoalescingHeap<Fixed> = {
        // SAFETY: the region is handed out for this heap alone.
        CoalescingHeap::new(unsafe { Fixed::new(filled(64 << 10, 0xA5)) })
    };
    let used = [28, 1020, 60, 28].map(|size| (take(&mut heap, size), take(&mut plain, size)));
    let place = |block: NonNull<u8>, first: NonNull<u8>| block.addr().get() - first.addr().get();
    for (in_checked, in_plain) in used {
        let same = place(in_checked, used[0].0) == place(in_plain, used[0].1);
        assert!(same, "a checked heap puts blocks where the other does");
    }
}
