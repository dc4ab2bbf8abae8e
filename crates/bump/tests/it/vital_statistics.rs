//! The README's table, measured.

use core::alloc::Layout;

use bump::Bump;
use core_api::testing::readme_numbers;
use core_api::{Allocator, Fixed, Region};

const README: &str = include_str!("../../README.md");
const LEN: usize = 1 << 16;

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    readme_numbers(README, name)
}

/// A heap whose bytes are all `fill`.
fn filled_heap(fill: u8) -> (Bump<Fixed>, Region) {
    let bytes = Box::leak(vec![fill; LEN + 64].into_boxed_slice());
    let start = bytes.as_ptr().align_offset(64);
    let base = core::ptr::NonNull::from(&mut bytes[start..start + LEN]).cast();
    // SAFETY: leaked and not used again but through the region.
    let region = unsafe { Region::new(base, LEN) };
    (
        Bump::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        ),
        region,
    )
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a valid layout")
}

#[test]
fn alignment() {
    let (mut bump, region) = filled_heap(0);
    for _ in 0..10 {
        let block = bump.allocate(layout(1, 1)).expect("room");
        let offset = block.addr().get() - region.start();
        assert_eq!(offset % row("alignment")[0], 0);
    }
    let block = bump.allocate(layout(1, 4096)).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let (mut bump, _) = filled_heap(0);
    let block = bump.allocate(layout(1, 1)).expect("room");
    assert_eq!([block.len()], row("smallest block")[..]);
    assert_eq!([bump.used() - block.len()], row("header bytes")[..]);
}

#[test]
fn worst_internal_waste() {
    let (mut bump, _) = filled_heap(0);
    let mut waste = |layout: Layout| {
        let before = bump.used();
        bump.allocate(layout).expect("room");
        bump.used() - before - layout.size()
    };
    let worst = (1..=256).map(|size| waste(layout(size, 1))).max();
    let [per_block, larger_than, padding_less] = row("worst internal waste")[..] else {
        panic!("the row has three numbers");
    };
    assert_eq!(worst, Some(per_block));
    let mut worst_padding = 0;
    for align in [16, 64, 1024]
        .into_iter()
        .filter(|&align| align > larger_than)
    {
        waste(layout(align, align));
        waste(layout(8, 8));
        worst_padding = waste(layout(align, align));
        assert_eq!(worst_padding, align - padding_less);
    }
    assert!(worst_padding > per_block);
}

#[test]
fn no_operation_touches_the_heap() {
    let (mut bump, region) = filled_heap(0xA5);
    for size in 0..100 {
        let kept = bump.allocate(layout(size, 8)).expect("room");
        let freed = bump.allocate(layout(size, 64)).expect("room");
        // SAFETY: both live; `freed` is the last block and not used again.
        unsafe {
            bump.deallocate(freed.cast(), layout(size, 64));
            bump.deallocate(kept.cast(), layout(size, 8));
        }
    }
    // SAFETY: initialized by `filled_heap`; nobody writes meanwhile.
    let bytes = unsafe { core::slice::from_raw_parts(region.base().as_ptr(), LEN) };
    let touched = bytes.iter().filter(|&&byte| byte != 0xA5).count();
    assert_eq!(touched, row("cost of allocate")[1]);
    assert_eq!(touched, row("cost of free")[1]);
}

#[test]
fn cannot_reuse_memory() {
    let (mut bump, _) = filled_heap(0);
    let first = bump.allocate(layout(64, 8)).expect("room");
    bump.allocate(layout(64, 8)).expect("room");
    let before = bump.remaining();
    // SAFETY: live and not used again.
    unsafe { bump.deallocate(first.cast(), layout(64, 8)) };
    assert_eq!(bump.remaining() - before, row("what it cannot do")[0]);
}
