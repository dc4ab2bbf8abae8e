//! Blocks that grow, and long blocks that come and go.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::support::{passes_in_child, resident};
use core_api::{Allocator, Inspect};
use thread_cached::{PrivateHeap, ThreadCached};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A live block of bytes that are all the same.
struct Filled {
    block: NonNull<u8>,
    size: usize,
    byte: u8,
}

impl Filled {
    fn new(heap: &mut impl Allocator, size: usize, byte: u8) -> Self {
        let block = heap.allocate(layout(size)).expect("memory").cast();
        let filled = Self { block, size, byte };
        filled.fill(0);
        filled
    }

    fn fill(&self, from: usize) {
        // SAFETY: the block has that many bytes.
        unsafe {
            self.block
                .add(from)
                .write_bytes(self.byte, self.size - from)
        };
    }

    /// Grows the block, tests what it held, and returns whether it moved.
    fn grow(&mut self, heap: &mut impl Allocator, size: usize) -> bool {
        let (before, old) = (self.block, self.size);
        // SAFETY: live, with this layout.
        let grown = unsafe { heap.grow(before, layout(old), layout(size)) };
        (self.block, self.size) = (grown.expect("memory").cast(), old);
        self.check();
        self.size = size;
        self.fill(old);
        self.block != before
    }

    fn check(&self) {
        // SAFETY: live and filled.
        let bytes = unsafe { core::slice::from_raw_parts(self.block.as_ptr(), self.size) };
        assert!(bytes.iter().all(|&byte| byte == self.byte));
    }

    fn free(self, heap: &mut impl Allocator) {
        self.check();
        // SAFETY: live, with this layout.
        unsafe { heap.deallocate(self.block, layout(self.size)) };
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a valid layout")
}

/// A hole of 2 MiB between two blocks that the test looks at in the end.
fn heap_with_hole() -> (PrivateHeap, [Filled; 2]) {
    let mut heap = PrivateHeap::new().expect("address space");
    let low = Filled::new(&mut heap, 40 * KIB, 1);
    let hole = Filled::new(&mut heap, 2 * MIB, 2);
    let high = Filled::new(&mut heap, 40 * KIB, 3);
    hole.free(&mut heap);
    (heap, [low, high])
}

fn end(mut heap: PrivateHeap, blocks: impl IntoIterator<Item = Filled>) {
    heap.check().expect("a sound heap");
    blocks.into_iter().for_each(|block| block.free(&mut heap));
    heap.check().expect("a sound heap");
    assert_eq!(heap.stats().n_used, 0);
}

#[test]
fn a_block_that_doubles_moves_to_a_place_with_room_and_stays_there() {
    let (mut heap, neighbours) = heap_with_hole();
    let mut block = Filled::new(&mut heap, 16, 4);
    let doublings = (5..20).map(|log2| 1 << log2);
    let moves: Vec<usize> = doublings
        .filter(|&size| block.grow(&mut heap, size))
        .collect();
    if cfg!(not(feature = "hardened")) {
        assert_eq!(moves.last(), Some(&(8 * KIB)));
    }
    // In the hole, which ends where a neighbour begins.
    assert!(block.grow(&mut heap, 3 * MIB));
    end(heap, neighbours.into_iter().chain([block]));
}

/// They are in each other's way all the time.
#[test]
fn blocks_that_grow_in_small_steps_are_seldom_copied() {
    let (mut heap, neighbours) = heap_with_hole();
    let mut blocks = [4, 5, 6].map(|byte| Filled::new(&mut heap, 100, byte));
    let mut moves = 0;
    for size in (1..1000).map(|n| 100 * n).skip(1) {
        for block in &mut blocks {
            moves += usize::from(block.grow(&mut heap, size));
        }
    }
    // 34 classes below, and a few eighths more of what they had above.
    // Hardened, a guard is behind them, so that no block grows into free pages.
    let most = if cfg!(feature = "hardened") { 100 } else { 70 };
    assert!(moves < 3 * most, "{moves} moves of 3 blocks");
    end(heap, neighbours.into_iter().chain(blocks));
}

#[test]
fn what_a_growing_block_does_not_need_serves_others() {
    let (mut heap, neighbours) = heap_with_hole();
    let mut block = Filled::new(&mut heap, 5000, 4);
    block.grow(&mut heap, 100 * KIB);
    let before = heap.stats();
    let other = Filled::new(&mut heap, 1800 * KIB, 5);
    assert_eq!(heap.stats().heap, before.heap, "it need not grow");
    end(heap, neighbours.into_iter().chain([block, other]));
}

/// The pages behind it are the heap's again when it is freed, and at the latest before the heap grows.
#[test]
fn the_next_block_that_grows_takes_the_same_place() {
    let (mut heap, neighbours) = heap_with_hole();
    let mut grow = |byte| {
        let mut block = Filled::new(&mut heap, 5000, byte);
        let pages = (2..250).filter(|n| block.grow(&mut heap, n * 4096)).count();
        heap.check().expect("a sound heap");
        let (place, n_used) = (block.block, heap.stats().n_used);
        block.free(&mut heap);
        heap.check().expect("a sound heap");
        assert_eq!(heap.stats().n_used, n_used - 1);
        (pages, place)
    };
    let [first, second] = [4, 5].map(&mut grow);
    if cfg!(not(feature = "hardened")) {
        assert_eq!(first.0, 1, "one move");
        assert_eq!(second, first);
    }
    end(heap, neighbours);
}

#[test]
fn a_block_that_grows_over_the_pages_behind_it_keeps_off_its_neighbour() {
    let (mut heap, neighbours) = heap_with_hole();
    let mut block = Filled::new(&mut heap, 9000, 4);
    // Beyond the growth span, to the hole's end and further.
    for size in (40 * KIB..2400 * KIB).step_by(36 * KIB) {
        block.grow(&mut heap, size);
        heap.check().expect("a sound heap");
    }
    end(heap, neighbours.into_iter().chain([block]));
}

/// The owner moves the bound behind a block without a lock.
#[test]
fn a_heap_is_sound_at_any_moment_while_a_block_grows() {
    let (done, is_done) = channel::<()>();
    let grower = std::thread::spawn(move || {
        let mut heap = ThreadCached::new();
        Filled::new(&mut heap, MIB, 1).free(&mut heap);
        while is_done.try_recv().is_err() {
            let mut block = Filled::new(&mut heap, 9000, 2);
            for n in 3..60 {
                block.grow(&mut heap, n * 4096);
            }
            block.free(&mut heap);
        }
    });
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(200) {
        ThreadCached::new().check().expect("sound heaps");
    }
    done.send(()).expect("it listens");
    grower.join().expect("it ends");
}

#[test]
fn a_long_block_that_comes_and_goes_stays_in_its_place() {
    let mut heap = PrivateHeap::new().expect("address space");
    let first = Filled::new(&mut heap, 8 * MIB, 1);
    let other = Filled::new(&mut heap, 8 * MIB, 2);
    let place = first.block;
    first.free(&mut heap);
    heap.check().expect("a sound heap");
    for byte in 3..9 {
        let again = Filled::new(&mut heap, 8 * MIB, byte);
        assert_eq!(again.block, place);
        again.free(&mut heap);
    }
    // One length is not another's.
    let shorter = Filled::new(&mut heap, 7 * MIB, 9);
    let longer = Filled::new(&mut heap, 9 * MIB, 10);
    end(heap, [other, shorter, longer]);
}

/// A thread keeps the long block that it freed last; it sleeps, and others give the block back.
#[test]
fn a_long_block_of_a_thread_that_sleeps_goes_back() {
    passes_in_child("a_long_block_of_a_thread_that_sleeps_goes_back", || {
        let (freed, is_freed) = channel();
        let (wake, sleep) = channel::<()>();
        let sleeper = std::thread::spawn(move || {
            let mut heap = ThreadCached::new();
            let start = resident();
            let block = Filled::new(&mut heap, 30 * MIB, 1);
            block.free(&mut heap);
            freed.send(start).expect("somebody listens");
            assert!(sleep.recv().is_err(), "woken by the end of the test");
        });
        let start = is_freed.recv().expect("it frees");
        // Hardened, giving its pages back clears it.
        let is_kept = resident() > start + 25 * MIB;
        assert!(
            is_kept != cfg!(feature = "hardened"),
            "nothing goes back at once"
        );
        let mut heap = ThreadCached::new();
        let begin = Instant::now();
        while resident() > start + 3 * MIB {
            assert!(begin.elapsed() < Duration::from_secs(30), "{}", resident());
            (0..1000).for_each(|_| Filled::new(&mut heap, 100, 2).free(&mut heap));
            std::thread::sleep(Duration::from_millis(50));
        }
        drop(wake);
        sleeper.join().expect("it ends");
        heap.check().expect("sound heaps");
    });
}
