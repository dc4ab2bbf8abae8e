//! The README's tables, measured.

use core::alloc::Layout;

use core_api::{Allocator, Inspect};
use wasm::Heap;

use crate::common::{Memory, bytes, give, heap, take};

const README: &str = include_str!("../../README.md");

/// The numbers in the table row called `name`, in order.
fn row(name: &str) -> Vec<usize> {
    let start = format!("| {name} |");
    let line = README.lines().find(|line| line.starts_with(&start));
    let cell = &line.expect("the table has the row")[start.len()..];
    cell.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

#[test]
fn alignment() {
    let mut heap = heap(1 << 16);
    let mut lowest_bits = 0;
    for size in 1..100 {
        lowest_bits |= take(&mut heap, size).addr().get();
    }
    assert_eq!([1 << lowest_bits.trailing_zeros()], row("alignment")[..]);
    let page = Layout::from_size_align(1, 4096).expect("a valid layout");
    let block = heap.allocate(page).expect("room");
    assert_eq!(block.addr().get() % 4096, 0);
}

#[test]
fn header_bytes_and_smallest_block() {
    let mut heap = heap(1 << 16);
    let first = take(&mut heap, 48).addr().get();
    let second = take(&mut heap, 1).addr().get();
    let third = take(&mut heap, 1).addr().get();
    assert_eq!(row("header bytes"), [second - first - 48]);
    assert_eq!(row("smallest block"), [third - second]);
    assert_eq!(heap.stats().overhead, 0);
}

/// Returns the number of parts of a block of which at most one is waste, for requests between two sizes.
fn parts<const LISTS: usize>(from: usize, to: usize) -> usize {
    let mut heap = Heap::<_, LISTS>::new(Memory::new(64 << 20));
    let worst = (from + 1..=to)
        .step_by(16)
        .map(|size| {
            let len = heap.allocate(bytes(size)).expect("room").len();
            (len - size + 1) as f64 / len as f64
        })
        .fold(0.0, f64::max);
    (1.0 / worst) as usize
}

#[test]
fn worst_internal_waste() {
    let mut heap = heap(1 << 20);
    let rounding = (9000..9100)
        .map(|size| heap.allocate(bytes(size)).expect("room").len() - size)
        .max()
        .expect("sizes");
    let [coarse, _, fine, _, most, ..] = row("worst internal waste")[..] else {
        panic!("the row has its numbers");
    };
    assert_eq!(rounding, most);
    assert_eq!(
        [parts::<56>(128, 4096), parts::<112>(256, 8192)],
        [coarse, fine]
    );
}

#[test]
fn bytes_of_heap() {
    let pairs = row("requested").into_iter().zip(row("bytes of heap"));
    for (size, cost) in pairs {
        let mut heap = heap(1 << 16);
        let before = heap.stats().used;
        take(&mut heap, size);
        assert_eq!(heap.stats().used - before, cost, "a request of {size}");
    }
    assert_eq!(row("requested").len(), row("bytes of heap").len());
}

#[test]
fn frees_merge_nothing() {
    let mut heap = heap(4096);
    let all: Vec<_> = (0..6).map(|_| take(&mut heap, 32)).collect();
    let before = heap.stats().n_free;
    for block in &all {
        give(&mut heap, *block, 32);
    }
    assert_eq!(heap.stats().n_free, before + all.len());
}
