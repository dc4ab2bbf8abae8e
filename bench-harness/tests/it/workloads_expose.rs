//! Each generated workload shows the weakness that it names: by counts, never by times.

use std::alloc::Layout;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::ptr::NonNull;

use bench_harness::allocators;
use bench_harness::memory::Room;
use bench_harness::script::{Script, Step};
use bench_harness::trace::Trace;
use bench_harness::workloads::WORKLOADS;
use bump::Bump;
use core_api::{Allocator, BlockState, Fixed, Inspect, Reset};
use fit_strategies::{BestFit, Counting, FirstFit, Fit, FitHeap, NextFit, WorstFit};
use freelist::FreeList;
use mmap_backed::MmapHeap;

type Coalescing = coalescing::CoalescingHeap<Fixed, 8, coalescing::Immediate>;
type Counted<P> = FitHeap<Fixed, Counting<P>>;

/// Plays a script and keeps the books.
struct Play<A> {
    allocator: A,
    slots: Vec<Option<(NonNull<u8>, Layout)>>,
    live: usize,
    peak_live: usize,
    /// The lowest and the highest address of any block so far.
    ends: Option<(usize, usize)>,
    moved: usize,
    resized: usize,
}

impl<A: Allocator> Play<A> {
    fn new(allocator: A, script: &Script) -> Self {
        Self {
            allocator,
            slots: vec![None; script.n_slots],
            live: 0,
            peak_live: 0,
            ends: None,
            moved: 0,
            resized: 0,
        }
    }

    /// Plays the whole of `script`; `false` if memory ran out.
    fn run(&mut self, script: &Script) -> bool {
        script.steps.iter().all(|step| self.step(*step))
    }

    fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Allocate { slot, layout, .. } => {
                let layout = layout.get();
                let Ok(block) = self.allocator.allocate(layout) else {
                    return false;
                };
                self.place(slot, block.cast(), layout);
            }
            Step::Resize { slot, new } => {
                let new = new.get();
                let (block, old) = self.slots[slot as usize].expect("a full slot");
                let resized = if new.size() >= old.size() {
                    // SAFETY: the slot's block is live and has layout `old`.
                    unsafe { self.allocator.grow(block, old, new) }
                } else {
                    // SAFETY: the slot's block is live and has layout `old`.
                    unsafe { self.allocator.shrink(block, old, new) }
                };
                let Ok(resized) = resized else { return false };
                self.live -= old.size();
                self.resized += 1;
                self.moved += usize::from(resized.cast() != block);
                self.place(slot, resized.cast(), new);
            }
            Step::Free { slot } => {
                let (block, layout) = self.slots[slot as usize].take().expect("a full slot");
                self.live -= layout.size();
                // SAFETY: the slot's block is live and has this layout.
                unsafe { self.allocator.deallocate(block, layout) };
            }
        }
        true
    }

    fn place(&mut self, slot: u32, block: NonNull<u8>, layout: Layout) {
        let start = block.addr().get();
        let end = start + layout.size();
        let (low, high) = self.ends.unwrap_or((start, end));
        self.ends = Some((low.min(start), high.max(end)));
        self.slots[slot as usize] = Some((block, layout));
        self.live += layout.size();
        self.peak_live = self.peak_live.max(self.live);
    }

    /// Bytes between the lowest and the highest byte ever used.
    fn extent(&self) -> usize {
        self.ends.map_or(0, |(low, high)| high - low)
    }

    /// The most address space ever used over the most bytes ever live (F4).
    fn f4(&self) -> f64 {
        self.extent() as f64 / self.peak_live as f64
    }
}

fn trace(name: &str, n_ops: usize) -> Trace {
    let workload = WORKLOADS.iter().find(|workload| workload.name == name);
    (workload.expect("a workload of this name").generate)(1, n_ops)
}

fn script(name: &str, n_ops: usize) -> Script {
    Script::new(&trace(name, n_ops), None).expect("a generated trace is replayable")
}

fn fixed(room: &mut Room) -> Fixed {
    // SAFETY: each room is used for one heap.
    unsafe { Fixed::new(room.region()) }
}

/// Plays `script` to its end in a heap of `len` bytes.
fn played<A: Allocator>(
    script: &Script,
    len: usize,
    make: fn(Fixed) -> A,
) -> (Play<A>, bool, Room) {
    let mut room = Room::new(len);
    let mut play = Play::new(make(fixed(&mut room)), script);
    let done = play.run(script);
    (play, done, room)
}

fn f4<A: Allocator>(script: &Script, make: fn(Fixed) -> A) -> f64 {
    let (play, done, _room) = played(script, 64 << 20, make);
    assert!(done, "{} needs more than its room", script.name);
    play.f4()
}

/// Free blocks looked at per search.
fn probes<P: Fit>(script: &Script) -> f64 {
    let len = (64 << 20).max(script.roomy());
    let (play, done, _room) = played(script, len, Counted::<P>::new);
    assert!(done, "{} needs more than its room", script.name);
    let policy = play.allocator.policy();
    policy.probes() as f64 / policy.searches() as f64
}

/// Asserts that `exposed` needs at least `factor` times the address space of `other`.
fn assert_wider(script: &Script, factor: f64, exposed: f64, other: f64) {
    let name = &script.name;
    assert!(
        exposed >= factor * other,
        "{name}: {exposed:.2} against {other:.2}"
    );
}

/// The proof of a workload: its name, the operations that it takes, and what must hold.
type Proof = (&'static str, usize, fn(&Script));

/// One for each workload, in the order of the stages.
const PROOFS: &[Proof] = &[
    ("plateau", 12_000, |script| {
        let half = Script::new(&trace("plateau", 6_500), None).expect("replayable");
        let first = f4(&half, Bump::new);
        assert_wider(script, 1.6, f4(script, Bump::new), first);
        assert_wider(
            script,
            1.8,
            f4(script, Bump::new),
            f4(script, FreeList::new),
        );
        assert!(f4(script, Coalescing::new) < 1.5, "reuse is what it takes");
    }),
    ("fifo", 12_000, |script| {
        assert_wider(
            script,
            3.0,
            f4(script, Bump::new),
            f4(script, Coalescing::new),
        );
    }),
    ("peak", 16_000, |script| {
        assert_wider(
            script,
            1.3,
            f4(script, FreeList::new),
            f4(script, Coalescing::new),
        );
        assert_wider(script, 1.3, f4(script, FreeList::new), f4_of_arena(script));
    }),
    ("growth", 5_000, |script| {
        assert_wider(
            script,
            1.08,
            f4(script, FreeList::new),
            f4(script, Coalescing::new),
        );
        assert_wider(
            script,
            1.08,
            f4(script, Coalescing::new),
            f4(script, Bump::new),
        );
    }),
    ("coalescing", 5_000, |script| {
        let (play, done, _room) = played(script, script.roomy(), FreeList::new);
        assert!(!done, "the free list has enough for every round");
        let free = play.allocator.stats().free;
        assert!(free > script.roomy() / 2, "only {free} bytes are free");
        let (_, done, _room) = played(script, script.roomy(), Coalescing::new);
        assert!(
            done,
            "coalescing serves every round from the memory of the last"
        );
    }),
    ("lifo", 12_000, |script| {
        assert_wider(
            script,
            1.7,
            f4(script, FreeList::new),
            f4(script, Bump::new),
        );
    }),
    ("reverse", 12_000, |script| {
        assert_wider(
            script,
            2.0,
            f4(script, FreeList::new),
            f4(script, Coalescing::new),
        );
    }),
    ("realloc-grow", 12_000, |script| {
        wasteful_list(script);
        let (play, _, _room) = played(script, 64 << 20, Coalescing::new);
        assert!(
            play.moved < play.resized,
            "some buffers grow where they are"
        );
        assert!(play.moved > play.resized / 4, "and many have to move");
    }),
    ("random-actions", 12_000, |script| wasteful_list(script)),
    ("random-actions-200", 12_000, |script| wasteful_list(script)),
    ("random-actions-10000", 12_000, |script| {
        wasteful_list(script)
    }),
    ("small-large", 8_000, |script| {
        let (first, next) = (probes::<FirstFit>(script), probes::<NextFit>(script));
        assert!(
            first > 10.0 * next,
            "{first:.1} probes a search against {next:.1}"
        );
    }),
    ("zipf-bimodal", 12_000, |script| {
        assert_wider(
            script,
            2.0,
            f4(script, FitHeap::<_, FirstFit>::new),
            f4(script, FitHeap::<_, BestFit>::new),
        );
    }),
    ("ramp", 20_000, |script| next_fit_roams(script, 1.3)),
    ("zipf-exponential", 8_000, |script| {
        next_fit_roams(script, 1.5)
    }),
    ("pareto", 8_000, |script| next_fit_roams(script, 4.0)),
    ("slivers", 12_000, |script| {
        let (best, first) = (probes::<BestFit>(script), probes::<FirstFit>(script));
        assert!(
            best > 3.0 * first,
            "{best:.1} probes a search against {first:.1}"
        );
        let (play, _, _room) = played(script, 64 << 20, FitHeap::<_, BestFit>::new);
        let n_slivers = free_blocks(&play.allocator)
            .filter(|size| *size < 1024)
            .count();
        assert!(n_slivers > 1000, "only {n_slivers} leftovers");
    }),
    ("churn", 22_000, |script| worst_fit_looks_at_all(script)),
    ("churn-100", 3_000, |script| worst_fit_looks_at_all(script)),
    ("churn-1000", 6_000, |script| worst_fit_looks_at_all(script)),
    ("churn-100000", 103_000, |script| {
        worst_fit_looks_at_all(script)
    }),
    ("churn-1000000", 1_010_000, |script| {
        worst_fit_looks_at_all(script)
    }),
    ("high-alignment", 12_000, |script| {
        let bump = f4(script, Bump::new);
        assert_wider(script, 4.0, bump, f4(script, Coalescing::new));
        let requested = script.requested as f64 / script.peak_live as f64;
        assert_wider(script, 1.5, bump, requested);
    }),
    ("inverse-square", 6_000, |script| {
        largest_hole_is_cut(script)
    }),
    ("rare-large", 5_000, |script| largest_hole_is_cut(script)),
    ("checkerboard", 12_000, |script| {
        let (merging, not) = (f4(script, Coalescing::new), f4(script, FreeList::new));
        assert!(
            merging > 1.5 && merging > 0.97 * not,
            "{merging:.2} against {not:.2}"
        );
    }),
    ("binary", 4_000, |script| {
        let (play, _, _room) = played(script, 4 << 20, Coalescing::new);
        // All that was freed lies in holes between small blocks; the rest of the heap is one hole.
        let holes: Vec<usize> = free_blocks(&play.allocator).collect();
        let wasted = holes.iter().sum::<usize>() - holes.iter().max().expect("a hole");
        assert!(
            wasted > play.live / 2,
            "{wasted} bytes of holes beside {} live",
            play.live
        );
    }),
    ("ramp-then-drain", 60_000, |script| {
        let (play, _, _room) = played(script, 64 << 20, Coalescing::new);
        assert_eq!(
            play.allocator.stats().heap,
            64 << 20,
            "a given heap is kept whole"
        );
        let mut play = Play::new(<MmapHeap>::new(), script);
        let mut most = 0;
        for step in &script.steps {
            assert!(play.step(*step));
            most = most.max(play.allocator.mapped().accessible());
        }
        let left = play.allocator.mapped().accessible();
        assert!(left < most / 4, "{left} of {most} bytes are still mapped");
    }),
    ("boundary-ping-pong", 2_000, |script| {
        assert!(splits(script, Coalescing::new) > 900);
        assert!(
            splits(script, FreeList::new) < 100,
            "the pinned blocks alone are cut"
        );
    }),
    ("threshold-ping-pong", 4_000, |script| {
        let n_allocations = script.steps.len() / 2;
        let mut play = Play::new(<MmapHeap>::new(), script);
        let mut n_mapped = [0; 2];
        for (index, step) in script.steps.iter().enumerate() {
            assert!(play.step(*step));
            n_mapped[index / n_allocations] += play.allocator.mapped().n_direct;
        }
        assert!(
            n_mapped[0] > n_allocations / 4,
            "{n_mapped:?} mappings for {n_allocations} blocks"
        );
        assert!(
            n_mapped[1] * 4 < n_mapped[0],
            "it does not learn: {n_mapped:?}"
        );
        assert!(
            f4(script, Coalescing::new) < 1.1,
            "a heap of its own keeps the one block"
        );
    }),
];

fn wasteful_list(script: &Script) {
    assert_wider(
        script,
        2.0,
        f4(script, FreeList::new),
        f4(script, Coalescing::new),
    );
}

fn next_fit_roams(script: &Script, factor: f64) {
    let next = f4(script, FitHeap::<_, NextFit>::new);
    assert_wider(script, factor, next, f4(script, FitHeap::<_, BestFit>::new));
}

fn worst_fit_looks_at_all(script: &Script) {
    let (worst, best) = (probes::<WorstFit>(script), probes::<BestFit>(script));
    let first = probes::<FirstFit>(script);
    assert!(
        worst > 4.0 * first.max(best),
        "{worst:.1} probes against {best:.1} and {first:.1}"
    );
}

fn largest_hole_is_cut(script: &Script) {
    let worst = f4(script, FitHeap::<_, WorstFit>::new);
    assert_wider(script, 3.0, worst, f4(script, FitHeap::<_, BestFit>::new));
}

/// F4 of bump if the program resets it whenever nothing is live.
fn f4_of_arena(script: &Script) -> f64 {
    let mut room = Room::new(64 << 20);
    let mut play = Play::new(Bump::new(fixed(&mut room)), script);
    for step in &script.steps {
        assert!(play.step(*step), "the arena holds a phase");
        if play.live == 0 {
            play.allocator.reset();
        }
    }
    play.f4()
}

/// The sizes of the free blocks.
fn free_blocks(heap: &impl Inspect) -> impl Iterator<Item = usize> {
    let mut sizes = Vec::new();
    let _ = heap.walk(&mut |block| {
        if block.state == BlockState::Free {
            sizes.push(block.size);
        }
        ControlFlow::Continue(())
    });
    sizes.into_iter()
}

/// How many allocations cut a free block in two: one more block is used, and as many are free.
fn splits<A: Allocator + Inspect>(script: &Script, make: fn(Fixed) -> A) -> usize {
    let mut room = Room::new(1 << 20);
    let mut play = Play::new(make(fixed(&mut room)), script);
    let mut n_splits = 0;
    for step in &script.steps {
        let before = play.allocator.stats();
        assert!(play.step(*step), "a mebibyte is plenty");
        let after = play.allocator.stats();
        n_splits += usize::from(
            after.n_used > before.n_used && after.n_free == before.n_free && before.n_free > 0,
        );
    }
    n_splits
}

/// Runs the proofs of the workloads that expose `stage`.
fn prove(stage: &str) {
    let exposing = WORKLOADS
        .iter()
        .filter(|workload| workload.exposes == stage);
    let mut n_proofs = 0;
    for workload in exposing {
        let proof = PROOFS.iter().find(|(name, ..)| *name == workload.name);
        let (name, n_ops, proof) = proof.expect("every workload has a proof");
        proof(&script(name, *n_ops));
        n_proofs += 1;
    }
    assert!(n_proofs > 0, "no workload exposes {stage}");
}

#[test]
fn every_workload_exposes_a_stage_and_has_a_proof() {
    let proven: BTreeSet<&str> = PROOFS.iter().map(|(name, ..)| *name).collect();
    let named: BTreeSet<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
    assert_eq!(proven, named);
    assert_eq!(PROOFS.len(), WORKLOADS.len(), "names are unique");
    for workload in WORKLOADS {
        let stage = allocators::find(workload.exposes);
        assert!(stage.is_some(), "{} exposes no allocator", workload.name);
        assert!(workload.question.ends_with('?'), "{}", workload.name);
    }
}

#[test]
fn bump_never_reuses() {
    prove("bump");
}

#[test]
fn a_free_list_neither_cuts_nor_merges() {
    prove("freelist");
}

#[test]
fn first_fit_walks_past_splinters() {
    prove("first-fit");
}

#[test]
fn next_fit_roams_the_heap() {
    prove("next-fit");
}

#[test]
fn best_fit_leaves_slivers() {
    prove("best-fit");
}

#[test]
fn worst_fit_cuts_the_largest_hole() {
    prove("worst-fit");
}

#[test]
fn coalescing_has_nothing_to_merge_or_too_much() {
    prove("coalescing");
}

#[test]
fn mmap_backed_pays_for_mappings() {
    prove("mmap-backed");
}
