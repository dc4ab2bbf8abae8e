//! Tests of wrong frees, as far as bits and tags show them.

use crate::common::{bytes, give, heap, take};
use core::alloc::Layout;
use core::ptr::NonNull;
use core_api::{Allocator, Fixed, Inspect, Misuse};
use headerless::HeaderlessHeap;
use std::process::Command;

fn try_free(
    heap: &mut HeaderlessHeap<Fixed>,
    block: NonNull<u8>,
    size: usize,
) -> Result<(), Misuse> {
    // SAFETY: the tests free live blocks, or make mistakes that the heap finds.
    unsafe { heap.try_deallocate(block, bytes(size)) }
}

#[test]
fn a_good_free_succeeds() {
    let mut heap = heap(4096);
    let block = take(&mut heap, 32);
    assert_eq!(try_free(&mut heap, block, 32), Ok(()));
    heap.check().expect("a sound heap");
}

/// The heap finds a second free, whatever the block was merged with.
#[test]
fn a_second_free_is_seen() {
    for shift in [16, 24] {
        for freed in [&[][..], &[0], &[2], &[0, 2], &[3], &[2, 3], &[0, 2, 3]] {
            let mut heap = heap(4096);
            take(&mut heap, shift);
            let blocks: Vec<_> = (0..4).map(|_| take(&mut heap, 32)).collect();
            for &index in freed.iter().chain(&[1]) {
                assert_eq!(try_free(&mut heap, blocks[index], 32), Ok(()));
            }
            for &index in freed.iter().chain(&[1]) {
                let again = try_free(&mut heap, blocks[index], 32);
                assert_eq!(again, Err(Misuse::DoubleFree), "after {freed:?} and 1");
            }
            heap.check().expect("nothing was changed");
        }
    }
}

/// A granule was cut off in front of the block. Only the contents of the two show which of them is free.
#[test]
fn a_block_that_begins_with_a_copy_of_a_free_granule_can_be_freed() {
    for shift in [16, 24] {
        let mut heap = heap(4096);
        take(&mut heap, shift);
        let (cut, block) = (take(&mut heap, 24), take(&mut heap, 32));
        take(&mut heap, 32);
        give(&mut heap, cut, 24);
        take(&mut heap, 16);
        // SAFETY: the block is live and has 32 bytes.
        unsafe { block.cast::<[u32; 2]>().write([1, 1]) };
        assert_eq!(try_free(&mut heap, block, 32), Ok(()), "{shift}");
        heap.check().expect("a sound heap");
    }
}

#[test]
fn foreign_addresses_are_seen() {
    let mut heap = heap(4096);
    let mut local = 0_u64;
    let outside = NonNull::from(&mut local).cast::<u8>();
    let foreign = Err(Misuse::ForeignPointer);
    assert_eq!(try_free(&mut heap, outside, 16), foreign);
    let block = take(&mut heap, 32);
    assert_eq!(try_free(&mut heap, outside, 16), foreign);
    let unaligned = block.map_addr(|address| address | 3);
    assert_eq!(try_free(&mut heap, unaligned, 16), foreign);
    let metadata = block.map_addr(|address| (address.get() - 8).try_into().expect("not 0"));
    assert_eq!(try_free(&mut heap, metadata, 16), foreign);
    heap.check().expect("nothing was changed");
}

#[test]
fn layouts_that_reach_too_far_are_seen() {
    let mut heap = heap(4096);
    let block = take(&mut heap, 32);
    let free = take(&mut heap, 32);
    let last = take(&mut heap, 32);
    give(&mut heap, free, 32);
    let wrong = Err(Misuse::CorruptHeader);
    assert_eq!(try_free(&mut heap, block, 40), wrong, "into a free block");
    assert_eq!(try_free(&mut heap, last, 40), wrong, "into the top");
    assert_eq!(try_free(&mut heap, block, isize::MAX as usize), wrong);
    assert_eq!(try_free(&mut heap, block, 32), Ok(()));
    heap.check().expect("a sound heap");
}

/// A program that misuses a heap.
type Mistake = fn(&mut HeaderlessHeap<Fixed>);

/// The mistakes that the test makes, each in a process of its own, and the misuse that ends that process.
const FATAL: &[(&str, Mistake, Misuse)] = &[
    (
        "twice at the begin of a pair",
        |heap| free_twice(heap, 16),
        Misuse::DoubleFree,
    ),
    (
        "twice at the end of a pair",
        |heap| free_twice(heap, 24),
        Misuse::DoubleFree,
    ),
    ("twice in the top", free_top_twice, Misuse::DoubleFree),
    ("a foreign pointer", free_foreign, Misuse::ForeignPointer),
    (
        "a payload written past its end",
        overrun,
        Misuse::CorruptHeader,
    ),
];

fn free_twice(heap: &mut HeaderlessHeap<Fixed>, shift: usize) {
    take(heap, shift);
    let block = take(heap, 32);
    take(heap, 32);
    give(heap, block, 32);
    give(heap, block, 32);
}

fn free_top_twice(heap: &mut HeaderlessHeap<Fixed>) {
    let block = take(heap, 32);
    give(heap, block, 32);
    give(heap, block, 32);
}

fn free_foreign(heap: &mut HeaderlessHeap<Fixed>) {
    take(heap, 32);
    let mut local = 0_u64;
    give(heap, NonNull::from(&mut local).cast(), 8);
}

/// Overwrites the last word of a free block through a pointer to the former used block.
fn overrun(heap: &mut HeaderlessHeap<Fixed>) {
    let block = take(heap, 32);
    let behind = take(heap, 32);
    take(heap, 32);
    give(heap, block, 32);
    // SAFETY: the bytes lie in the region. They belong to the heap, which is the mistake under test.
    unsafe { block.add(28).cast::<u32>().write(0x4141_4141) };
    give(heap, behind, 32);
}

const CHILD: &str = "HEADERLESS_FATAL";

/// Each misuse ends its process with its message; the test makes each in a child process.
#[test]
fn a_wrong_free_is_fatal() {
    let Ok(chosen) = std::env::var(CHILD) else {
        return FATAL
            .iter()
            .for_each(|(name, _, misuse)| dies(name, *misuse));
    };
    core_api::fatal::set_handler(end);
    let (_, run, _) = FATAL
        .iter()
        .find(|(name, ..)| *name == chosen)
        .expect("a known case");
    run(&mut heap(4096));
}

fn end(misuse: Misuse) -> ! {
    eprintln!("{misuse}");
    std::process::exit(86)
}

fn dies(name: &str, misuse: Misuse) {
    let test = std::env::current_exe().expect("the test's own path");
    let mut child = Command::new(test);
    child.args(["--exact", "misuse::a_wrong_free_is_fatal", "--nocapture"]);
    let output = child
        .env(CHILD, name)
        .output()
        .expect("the test starts itself");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(86), "{name}: {said}");
    assert!(said.contains(misuse.message()), "{name}: {said}");
}

#[test]
fn corruption_is_reported_with_its_invariant() {
    let broken = |damage: fn(NonNull<u8>)| {
        let mut heap = heap(4096);
        take(&mut heap, 16);
        let block = take(&mut heap, 48);
        take(&mut heap, 16);
        give(&mut heap, block, 48);
        assert_eq!(heap.check(), Ok(()));
        damage(block);
        heap.check().expect_err("something is wrong").invariant
    };
    assert!(broken(|block| overwrite(block, 44, 5)).starts_with("I3"));
    assert!(broken(|block| overwrite(block, 0, 7)).starts_with("I2"));
    assert!(broken(|block| overwrite(block, 4, 3)).starts_with("I5"));
    assert!(broken(|block| overwrite(block, 8, 3)).starts_with("I6"));
}

/// Writes into a free block.
fn overwrite(block: NonNull<u8>, at: usize, value: u32) {
    // SAFETY: the bytes lie in the region of the heap.
    unsafe { block.add(at).cast::<u32>().write(value) };
}

#[test]
fn an_empty_heap_has_no_blocks_to_free() {
    let mut heap = HeaderlessHeap::new(
        // SAFETY: the test uses the region for this heap alone.
        unsafe { Fixed::new(crate::common::filled(64)) },
    );
    assert!(
        heap.allocate(bytes(1)).is_err(),
        "too short for the metadata"
    );
    let layout = Layout::new::<u64>();
    let mut local = 0_u64;
    // SAFETY: the call is a mistake that the heap finds.
    let result = unsafe { heap.try_deallocate(NonNull::from(&mut local).cast(), layout) };
    assert_eq!(result, Err(Misuse::ForeignPointer));
    heap.check().expect("a sound heap");
}
