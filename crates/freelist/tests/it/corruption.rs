//! What `check` says of a heap whose bytes were overwritten.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use core_api::{Allocator, Borrowed, Inspect, SizelessFree};
use freelist::{FreeList, HEADER};

type Heap<'a> = FreeList<Borrowed<'a>>;

/// Bytes from block to block.
const BLOCK: usize = 32;
const HEAP_LEN: usize = 8 * BLOCK;

#[repr(align(8))]
struct Buffer([MaybeUninit<u8>; HEAP_LEN]);

/// Five blocks, of which number 1 and then number 3 were freed.
fn with_heap<R>(body: impl FnOnce(&mut Heap<'_>) -> R) -> R {
    let mut buffer = Buffer([MaybeUninit::zeroed(); HEAP_LEN]);
    let mut heap = FreeList::new(Borrowed::new(&mut buffer.0));
    let blocks = [0; 5].map(|_| heap.allocate(Layout::new::<[u64; 3]>()).expect("room"));
    for block in [blocks[1], blocks[3]] {
        // SAFETY: live and not used again.
        unsafe { heap.free(block.cast()) };
    }
    body(&mut heap)
}

/// The number of the invariant that is found broken after `value` is written into block `number`,
/// `offset` bytes from its header, and how far from the first block it is.
fn broken_by<T>(number: usize, offset: usize, value: T) -> Option<(String, usize)> {
    with_heap(|heap| {
        // SAFETY: within the heap, which is only looked at afterwards.
        unsafe { overwrite(heap, number, offset, value) };
        let corruption = heap.check().err()?;
        let (invariant, _) = corruption.invariant.split_once(':')?;
        let at = corruption.address.wrapping_sub(heap.region().start());
        Some((invariant.to_string(), at))
    })
}

unsafe fn overwrite<T>(heap: &Heap<'_>, number: usize, offset: usize, value: T) {
    let place = heap.region().at_offset(number * BLOCK + offset);
    // SAFETY: the caller's promise.
    unsafe { place.cast::<T>().write(value) };
}

fn found(invariant: &str, number: usize) -> Option<(String, usize)> {
    Some((invariant.to_string(), number * BLOCK))
}

#[test]
fn a_header_that_is_none() {
    assert_eq!(broken_by(2, 4, *b"USEE"), found("I2", 2));
    assert_eq!(broken_by(2, 4, [0_u8; 4]), found("I2", 2));
    assert_eq!(
        broken_by(2, 0, 1_u32),
        found("I2", 2),
        "too small for a used block"
    );
    assert_eq!(
        broken_by(2, 4, *b"PAD "),
        found("I2", 2),
        "too large for a pad"
    );
}

#[test]
fn a_size_that_leads_astray() {
    assert_eq!(broken_by(4, 0, 5_u32), found("I3", 4), "beyond the top");
    assert_eq!(broken_by(2, 0, u32::MAX), found("I3", 2));
    assert_eq!(
        broken_by(2, 0, 3_u32),
        Some(("I2".to_string(), 2 * BLOCK + 24))
    );
    assert_eq!(
        broken_by(2, 0, 8_u32),
        found("I4", 1),
        "over a block that is on the list"
    );
}

#[test]
fn a_state_that_the_list_does_not_know() {
    assert_eq!(broken_by(2, 4, *b"FREE"), found("I4", 3), "not on the list");
    assert_eq!(broken_by(1, 4, *b"USED"), found("I4", 1), "on the list");
}

#[test]
fn a_link_that_was_overwritten_after_a_free() {
    with_heap(|heap| {
        let link = |number| {
            let place = heap.region().at_offset(number * BLOCK + HEADER);
            // SAFETY: the link of a free block.
            unsafe { place.cast::<usize>().read() }
        };
        assert_eq!(
            link(3),
            heap.region().start() + BLOCK,
            "to the block freed before"
        );
        assert_eq!(link(1), 0);
    });
    assert_eq!(
        broken_by(3, HEADER, 0_usize),
        found("I4", 3),
        "a block is lost"
    );
    let invariant = |found: Option<(String, usize)>| found.map(|(invariant, _)| invariant);
    for wrong in [1, 8, usize::MAX, usize::MAX & !7] {
        assert_eq!(
            invariant(broken_by(3, HEADER, wrong)).as_deref(),
            Some("I4")
        );
    }
}

#[test]
fn a_list_that_does_not_end_or_leads_to_a_used_block() {
    for (from, to) in [(1, 3), (1, 1), (3, 3), (3, 0), (3, 2), (1, 4)] {
        let invariant = with_heap(|heap| {
            let link = heap.region().start() + to * BLOCK;
            // SAFETY: within the heap, which is only looked at afterwards.
            unsafe { overwrite(heap, from, HEADER, link) };
            heap.check()
                .err()
                .map(|corruption| corruption.invariant[..2].to_string())
        });
        assert_eq!(invariant.as_deref(), Some("I4"), "from {from} to {to}");
    }
}

#[test]
fn the_walk_of_a_broken_heap_ends_and_has_no_gaps() {
    with_heap(|heap| {
        // SAFETY: within the heap, which is only looked at afterwards.
        unsafe { overwrite(heap, 2, 0, 0_u64) };
        let mut at = heap.region().start();
        let _ = heap.walk(&mut |block| {
            assert_eq!(block.address, at);
            at = block.end();
            ControlFlow::Continue(())
        });
        assert_eq!(at, heap.region().end());
        assert_eq!(
            heap.stats().overhead,
            3 * BLOCK + HEADER,
            "three blocks are lost"
        );
    });
}
