//! The longest operation that a search finds is within the bound that the documentation states.
//!
//! A program of operations brings a heap into some state; then one more operation is counted,
//! instruction by instruction. The search changes programs at random and goes on from those whose last
//! operation is longest. Copying and clearing are left out: their cost is that of the bytes.
mod steps;

use core::alloc::Layout;
use core::ptr::NonNull;
use std::process::Command;

use coalescing::{CoalescingHeap, Deferred, Immediate, Merging};
use core_api::{Allocator, Fixed, Region};

/// Bytes of the heap.
const HEAP: usize = 1 << 20;
/// Operations of a program.
const MOST_OPS: usize = 400;

/// Instructions of the longest operation that merges at once, at most. A test is built with checks for
/// overflow and without most of inlining.
const BOUND: u64 = if cfg!(debug_assertions) { 4_000 } else { 1_000 };

/// The most blocks that a heap of this size defers: one part in 128 of it, and one block more.
const MOST_DEFERRED: u64 = (HEAP / 128 / 16 + 1) as u64;

#[derive(Clone, Copy, Debug)]
enum Op {
    Allocate { size: u32, log_align: u8 },
    Free { nth: u32 },
    Resize { nth: u32, size: u32 },
}

type Block = (NonNull<u8>, Layout);

/// Numbers by which programs are changed: the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }

    fn size(&mut self) -> u32 {
        let log = self.below(21);
        ((1 << log) + self.below(1 << log)) as u32
    }

    fn op(&mut self) -> Op {
        let nth = self.below(MOST_OPS) as u32;
        match self.below(7) {
            0 => Op::Allocate {
                size: self.size(),
                log_align: self.below(13) as u8,
            },
            1 | 2 => Op::Allocate {
                size: self.size() % 600,
                log_align: 3,
            },
            3..=5 => Op::Free { nth },
            _ => Op::Resize {
                nth,
                size: self.size(),
            },
        }
    }

    /// `program` with a few changes: an operation replaced, added or taken out, or a part repeated.
    fn change(&mut self, program: &[Op]) -> Vec<Op> {
        let mut changed = program.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(changed.len());
            match self.below(6) {
                0 | 1 => changed[at] = self.op(),
                2 => changed.insert(at, self.op()),
                3 if changed.len() > 2 => drop(changed.remove(at)),
                4 => {
                    let end = (at + 1 + self.below(60)).min(changed.len());
                    changed.splice(at..at, changed[at..end].to_vec());
                }
                _ => *changed.last_mut().expect("a last operation") = self.op(),
            }
        }
        let surplus = changed.len().saturating_sub(MOST_OPS);
        changed.drain(..surplus);
        changed
    }
}

fn layout(size: u32, log_align: u8) -> Layout {
    Layout::from_size_align(size as usize, 1 << log_align).expect("a small layout")
}

fn apply<M: Merging>(heap: &mut CoalescingHeap<Fixed, 8, M>, live: &mut Vec<Block>, op: Op) {
    match op {
        Op::Allocate { size, log_align } => {
            let layout = layout(size, log_align);
            if let Ok(block) = heap.allocate(layout)
                && live.len() < live.capacity()
            {
                live.push((block.cast(), layout));
            }
        }
        Op::Free { nth } if !live.is_empty() => {
            let (block, layout) = live.swap_remove(nth as usize % live.len());
            // SAFETY: the block is live with this layout and is not used again.
            unsafe { heap.deallocate(block, layout) };
        }
        Op::Resize { nth, size } if !live.is_empty() => {
            let index = nth as usize % live.len();
            let (block, old) = &mut live[index];
            // SAFETY: the block is live with this layout.
            if unsafe { heap.resize_in_place(*block, *old, size as usize) }.is_ok() {
                *old = layout(size, old.align().trailing_zeros() as u8);
            }
        }
        _ => (),
    }
}

/// Instructions of the last operation of `program`, with the stopping; `None` if they cannot be counted.
fn instructions<M: Merging>(region: Region, program: &[Op]) -> Option<u64> {
    let mut live = Vec::with_capacity(MOST_OPS);
    let (last, before) = program.split_last()?;
    steps::count(|| {
        // SAFETY: the region is this heap's alone: each fork has a copy of it.
        let mut heap = CoalescingHeap::<_, 8, M>::new(unsafe { Fixed::new(region) });
        for op in before {
            apply(&mut heap, &mut live, *op);
        }
        steps::stop();
        apply(&mut heap, &mut live, *last);
        steps::stop();
    })
}

/// Where the search begins: equal blocks, every second one freed, and a request that none fits; small
/// blocks, all freed, and a request for nearly all of the heap; and chance.
fn beginnings(random: &mut Random) -> Vec<Vec<Op>> {
    let allocate = |size| Op::Allocate { size, log_align: 3 };
    let mut combs = Vec::new();
    for size in [12, 100, 500, 600, 2000] {
        let mut comb = vec![allocate(size); 180];
        comb.extend((0..90).map(|nth| Op::Free { nth: 2 * nth }));
        comb.push(allocate(2 * size));
        combs.push(comb);
    }
    let half = MOST_OPS as u32 / 2;
    let mut drained: Vec<Op> = (0..half).map(|nth| allocate(12 + nth % 40 * 8)).collect();
    drained.extend((1..half).map(|_| Op::Free { nth: 0 }));
    drained.push(allocate(HEAP as u32 - 20_000));
    combs.push(drained);
    let chance = (0..8).map(|_| (0..200).map(|_| random.op()).collect());
    combs.extend(chance.collect::<Vec<_>>());
    combs
}

/// The most instructions of one operation that `n` programs have; `None` if they cannot be counted.
fn search<M: Merging>(n: usize) -> Option<(u64, Vec<Op>)> {
    let memory = Layout::from_size_align(HEAP, 4096).expect("a layout");
    // SAFETY: the layout has a size; the memory lives as long as the test.
    let base = NonNull::new(unsafe { std::alloc::alloc_zeroed(memory) })?;
    // SAFETY: the memory is new and nobody else's.
    let region = unsafe { Region::new(base, HEAP) };
    let stopping = steps::count(|| {
        steps::stop();
        steps::stop();
    })?;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut best: Vec<(u64, Vec<Op>)> = Vec::new();
    let mut programs = beginnings(&mut random);
    for round in 0.. {
        for program in programs.drain(..) {
            let counted = instructions::<M>(region, &program)?.saturating_sub(stopping);
            best.push((counted, program));
        }
        best.sort_by_key(|(counted, _)| core::cmp::Reverse(*counted));
        best.truncate(8);
        if round * 8 >= n {
            break;
        }
        programs.extend((0..8).map(|nth| random.change(&best[nth % best.len()].1)));
    }
    best.into_iter().next()
}

/// How long to search: more with `WORST_CASE_PROGRAMS=100000`.
fn n_programs() -> usize {
    let wish = std::env::var("WORST_CASE_PROGRAMS").ok();
    wish.and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Set where a test has the process for itself.
const ALONE: &str = "WORST_CASE_ALONE";

/// Runs `body`, the whole of the test `name`, in a process of its own. Each fork shares all pages with
/// this process, and what other tests write meanwhile would be copied page by page.
fn alone(name: &str, body: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        return body();
    }
    let program = std::env::current_exe().expect("tests are programs");
    let output = Command::new(program)
        .args([name, "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output()
        .expect("a child process");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "not one test is called {name}");
}

fn check<M: Merging>(name: &str, bound: u64) {
    let Some((most, program)) = search::<M>(n_programs()) else {
        println!("{name}: instructions cannot be counted here");
        return;
    };
    let last = program.last();
    println!("{name}: {most} instructions at most, of {last:?}; the bound is {bound}");
    assert!(most > 50, "{most}: nothing was counted");
    assert!(most <= bound, "{name}: {most} instructions: {program:?}");
}

#[test]
fn merging_at_once_is_bounded() {
    alone("merging_at_once_is_bounded", || {
        check::<Immediate>("Immediate", BOUND);
    });
}

/// A request that only fits if all that waits is merged merges all of it.
#[test]
fn deferred_merging_is_bounded_by_what_waits() {
    alone("deferred_merging_is_bounded_by_what_waits", || {
        check::<Deferred>("Deferred", BOUND + MOST_DEFERRED * BOUND / 4);
    });
}
