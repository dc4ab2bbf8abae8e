//! Tests of splitting and merging, and of the heap that remains in the end.

use crate::common::{blocks, blocks_and_top, bytes, give, heap, take};
use core::alloc::Layout;
use core_api::{Allocator, Inspect};

/// Bytes in front of the blocks, so that the blocks begin at the first or the second granule of a pair.
const SHIFTS: [usize; 2] = [16, 24];

/// Allocates four blocks of 32 bytes, and frees the middle ones after `freed`.
fn free_middle_after(freed: &[usize]) -> String {
    let [even, odd] = SHIFTS.map(|shift| {
        let mut heap = heap(4096);
        take(&mut heap, shift);
        let four: Vec<_> = (0..4).map(|_| take(&mut heap, 32)).collect();
        for &index in freed.iter().chain(&[1]) {
            give(&mut heap, four[index], 32);
            heap.check().expect("a sound heap");
        }
        let blocks = blocks_and_top(&heap);
        let in_front: String = blocks
            .chars()
            .skip("used ".len())
            .take_while(char::is_ascii_digit)
            .collect();
        let in_front: usize = in_front.parse().expect("the first block is used");
        let rest = blocks.split_once(", ").expect("more than one block").1;
        format!("used {}, {rest}", in_front - shift)
    });
    assert_eq!(even, odd, "whatever the pairs");
    even
}

#[test]
fn case_1_both_neighbours_used() {
    assert_eq!(free_middle_after(&[]), "used 32, free 32, used 64, top");
}

#[test]
fn case_2_next_free() {
    assert_eq!(free_middle_after(&[2]), "used 32, free 64, used 32, top");
}

#[test]
fn case_3_previous_free() {
    assert_eq!(free_middle_after(&[0]), "used 0, free 64, used 64, top");
}

#[test]
fn case_4_both_free() {
    assert_eq!(free_middle_after(&[0, 2]), "used 0, free 96, used 32, top");
}

#[test]
fn a_block_before_the_top_becomes_top() {
    let mut heap = heap(4096);
    let first = take(&mut heap, 32);
    let whole = heap.top_len() + 32;
    let second = take(&mut heap, 48);
    give(&mut heap, first, 32);
    assert_eq!(blocks_and_top(&heap), "free 32, used 48, top");
    give(&mut heap, second, 48);
    assert_eq!(heap.top_len(), whole);
    assert_eq!(blocks(&heap), format!("free {whole}"));
    heap.check().expect("a sound heap");
}

#[test]
fn a_hole_is_split_at_its_low_end() {
    let mut heap = heap(4096);
    let hole = take(&mut heap, 96);
    take(&mut heap, 16);
    give(&mut heap, hole, 96);
    assert_eq!(take(&mut heap, 40), hole);
    assert_eq!(blocks_and_top(&heap), "used 40, free 56, used 16, top");
    heap.check().expect("a sound heap");
}

/// A remaining granule has room for its size, twice, and merges with its neighbours later.
#[test]
fn a_rest_of_8_bytes_becomes_a_pad() {
    for shift in SHIFTS {
        for back_first in [true, false] {
            let mut heap = heap(4096);
            take(&mut heap, shift);
            let hole = take(&mut heap, 40);
            let behind = take(&mut heap, 16);
            take(&mut heap, 16);
            give(&mut heap, hole, 40);
            let block = take(&mut heap, 32);
            let pad = format!("used {}, pad 8, used 32, top", shift + 32);
            assert_eq!(blocks_and_top(&heap), pad);
            heap.check().expect("a sound heap");
            if back_first {
                give(&mut heap, behind, 16);
                let merged = format!("used {}, free 24, used 16, top", shift + 32);
                assert_eq!(blocks_and_top(&heap), merged);
                give(&mut heap, block, 32);
            } else {
                give(&mut heap, block, 32);
                let merged = format!("used {shift}, free 40, used 32, top");
                assert_eq!(blocks_and_top(&heap), merged);
                give(&mut heap, behind, 16);
            }
            heap.check().expect("a sound heap");
            let merged = format!("used {shift}, free 56, used 16, top");
            assert_eq!(blocks_and_top(&heap), merged);
        }
    }
}

#[test]
fn an_exact_hole_is_taken_whole() {
    let mut heap = heap(4096);
    let large = take(&mut heap, 48);
    take(&mut heap, 16);
    let exact = take(&mut heap, 40);
    take(&mut heap, 16);
    give(&mut heap, exact, 40);
    give(&mut heap, large, 48);
    assert_eq!(take(&mut heap, 40), exact, "not the larger hole in front");
    assert_eq!(blocks_and_top(&heap), "free 48, used 72, top");
}

#[test]
fn bytes_in_front_of_an_aligned_block_stay_usable() {
    for shift in SHIFTS {
        let mut heap = heap(1 << 16);
        take(&mut heap, shift);
        let aligned = Layout::from_size_align(60, 4096).expect("a valid layout");
        let block = heap.allocate(aligned).expect("room").cast::<u8>();
        assert_eq!(block.addr().get() % 4096, 0);
        heap.check().expect("a sound heap");
        let in_front = take(&mut heap, 1000);
        assert!(in_front < block, "the bytes in front are used first");
        give(&mut heap, in_front, 1000);
        // SAFETY: the block was allocated with this layout.
        unsafe { heap.deallocate(block, aligned) };
        assert_eq!(blocks_and_top(&heap), format!("used {shift}, top"));
    }
}

#[test]
fn blocks_grow_and_shrink_where_they_are() {
    for shift in SHIFTS {
        let mut heap = heap(4096);
        take(&mut heap, shift);
        let block = take(&mut heap, 32);
        let behind = take(&mut heap, 64);
        take(&mut heap, 16);
        let resize = |heap: &mut headerless::HeaderlessHeap<_>, old, new, expected: &str| {
            // SAFETY: the block is live and has `old` bytes.
            let resized = unsafe { heap.resize_in_place(block, bytes(old), new) };
            let usable = resized.map(|resized| resized.len());
            heap.check().expect("a sound heap");
            let expected = expected.replace("shift", &shift.to_string());
            let used = blocks_and_top(heap);
            let used = used.replacen(
                &format!("used {}", shift + new.next_multiple_of(8)),
                "grown",
                1,
            );
            assert_eq!(used, expected, "{old} to {new}");
            usable
        };
        let unchanged = format!("used {}, top", shift + 32 + 64 + 16);
        assert!(resize(&mut heap, 32, 40, &unchanged).is_err());
        give(&mut heap, behind, 64);
        assert_eq!(
            resize(&mut heap, 32, 40, "grown, free 56, used 16, top"),
            Ok(40)
        );
        assert_eq!(
            resize(&mut heap, 40, 81, "grown, pad 8, used 16, top"),
            Ok(88)
        );
        let unchanged =
            "grown, pad 8, used 16, top".replace("grown", &format!("used {}", shift + 88));
        assert!(resize(&mut heap, 88, 97, &unchanged).is_err());
        let whole = format!("used {}, top", shift + 96 + 16);
        assert_eq!(resize(&mut heap, 88, 96, &whole), Ok(96));
        assert_eq!(
            resize(&mut heap, 96, 88, "grown, pad 8, used 16, top"),
            Ok(88)
        );
        assert_eq!(
            resize(&mut heap, 88, 24, "grown, free 72, used 16, top"),
            Ok(24)
        );
    }
}

#[test]
fn a_heap_can_be_filled_and_emptied_in_any_order() {
    for stride in [1, 7, 101] {
        let mut heap = heap(1 << 16);
        let first = take(&mut heap, 48);
        let whole = heap.top_len() + 48;
        let more = core::iter::from_fn(|| heap.allocate(bytes(44)).ok());
        let mut all: Vec<_> = core::iter::once(first)
            .chain(more.map(|block| block.cast()))
            .collect();
        assert_eq!(all.len(), whole / 48, "not a byte between the blocks");
        for step in 0..all.len() {
            let block = all.swap_remove(step * stride % all.len());
            give(&mut heap, block, 48);
            heap.check().expect("a sound heap");
        }
        assert_eq!(blocks(&heap), format!("free {whole}"));
    }
}

/// The lists are circles of any length, but a request looks at the first few blocks only.
#[test]
fn a_search_is_bounded() {
    for (n_in_front, found) in [(7, true), (15, true), (16, false), (40, false)] {
        let mut heap = heap(1 << 20);
        // One bin holds all sizes from 8192 to 8696 bytes, those with lower addresses in front.
        let mut poor = Vec::new();
        for _ in 0..n_in_front {
            poor.push(take(&mut heap, 8192));
            take(&mut heap, 16);
        }
        let good = take(&mut heap, 8440);
        take(&mut heap, 16);
        let rest = heap.top_len();
        take(&mut heap, rest);
        poor.into_iter()
            .for_each(|block| give(&mut heap, block, 8192));
        give(&mut heap, good, 8440);
        let taken = heap.allocate(bytes(8400)).ok();
        assert_eq!(taken.is_some(), found, "behind {n_in_front} blocks");
        assert!(taken.is_none_or(|block| block.cast() == good));
    }
}

/// The heap never confuses a pad with a used block that has the contents of a pad.
#[test]
fn payload_that_looks_like_tags_is_payload() {
    for shift in SHIFTS {
        let mut heap = heap(4096);
        take(&mut heap, shift);
        let before = take(&mut heap, 16);
        let hole = take(&mut heap, 40);
        let behind = take(&mut heap, 16);
        give(&mut heap, hole, 40);
        let block = take(&mut heap, 32);
        for owned in [before, behind] {
            // SAFETY: the blocks are live and have 16 bytes.
            unsafe { owned.cast::<[u32; 4]>().write([1, 1, 1, 1]) };
        }
        give(&mut heap, behind, 16);
        give(&mut heap, before, 16);
        give(&mut heap, block, 32);
        assert_eq!(blocks_and_top(&heap), format!("used {shift}, top"));
        heap.check().expect("a sound heap");
    }
}
