//! Which block each policy takes and how many it looks at, worked out without the heap's list.

use crate::common::{blocks, give, heap, take};
use core_api::{Block, BlockState, Fixed, Inspect};
use fit_strategies::{
    AddressOrder, BestFit, Counting, FirstFit, Fit, FitHeap, HEADER, Lifo, MIN_BLOCK, NextFit,
    Order, WorstFit,
};
use proptest::prelude::*;

const HEAP_LEN: usize = 4096;

/// A free block's address and size.
type Hole = (usize, usize);

/// What a policy should do: the index of its choice among the holes, in the order in which it sees
/// them, and the number of holes it needs to see.
type Rule = fn(holes: &[Hole], size: usize) -> (Option<usize>, usize);

fn first(holes: &[Hole], size: usize) -> (Option<usize>, usize) {
    let choice = holes.iter().position(|hole| hole.1 >= size);
    (choice, choice.map_or(holes.len(), |index| index + 1))
}

fn best(holes: &[Hole], size: usize) -> (Option<usize>, usize) {
    if let Some(exact) = holes.iter().position(|hole| hole.1 == size) {
        return (Some(exact), exact + 1);
    }
    let fitting = (0..holes.len()).filter(|&index| holes[index].1 >= size);
    (fitting.min_by_key(|&index| holes[index].1), holes.len())
}

fn worst(holes: &[Hole], size: usize) -> (Option<usize>, usize) {
    let fitting = (0..holes.len()).filter(|&index| holes[index].1 >= size);
    let worst = fitting.rev().max_by_key(|&index| holes[index].1);
    (worst, holes.len())
}

/// The free list as it should be: the addresses in list order, and the block behind which a roving
/// search begins (0 for the front).
struct Model {
    list: Vec<usize>,
    rover: usize,
    sorted: bool,
    roving: bool,
    rule: Rule,
}

impl Model {
    fn of<P: Fit, O: Order>(rule: Rule) -> Self {
        Self {
            list: Vec::new(),
            rover: 0,
            sorted: O::SORTED,
            roving: P::ROVING,
            rule,
        }
    }

    fn free(&mut self, address: usize) {
        self.list.insert(0, address);
        if self.sorted {
            self.list.sort_unstable();
        }
    }

    /// The holes as the walk shows them, in the order in which the policy sees them.
    fn seen(&self, walk: &[Block]) -> Vec<Hole> {
        let hole = |&address: &usize| {
            let hole = walk.iter().find(|block| block.address == address);
            (
                address,
                hole.expect("a block of the list is in the walk").size,
            )
        };
        let mut holes: Vec<Hole> = self.list.iter().map(hole).collect();
        let rover = self.list.iter().position(|&address| address == self.rover);
        if let Some(rover) = rover.filter(|_| self.roving) {
            holes.rotate_left(rover + 1);
        }
        holes
    }

    /// What allocating a block of `size` bytes does on a heap that looks like `walk`: the address
    /// of the hole it takes, and the number of probes.
    fn allocate(&mut self, walk: &[Block], size: usize) -> (Option<usize>, usize) {
        let holes = self.seen(walk);
        let (choice, probes) = (self.rule)(&holes, size);
        if choice.is_some() || holes.iter().map(|hole| hole.1).sum::<usize>() < size {
            return (choice.map(|index| self.cut(holes[index], size)), probes);
        }
        let swept = merged(walk);
        self.list = swept.iter().map(|hole| hole.0).collect();
        self.rover = 0;
        let (choice, more) = (self.rule)(&swept, size);
        (
            choice.map(|index| self.cut(swept[index], size)),
            probes + more,
        )
    }

    /// Takes `size` bytes from the front of a hole; what is left keeps the hole's place.
    fn cut(&mut self, (address, room): Hole, size: usize) -> usize {
        let place = self.list.iter().position(|&other| other == address);
        let place = place.expect("a hole is in the list");
        self.rover = if place == 0 { 0 } else { self.list[place - 1] };
        if room - size >= MIN_BLOCK {
            self.list[place] = address + size;
        } else {
            self.list.remove(place);
        }
        address
    }
}

/// The holes that a sweep leaves.
fn merged(walk: &[Block]) -> Vec<Hole> {
    let mut holes: Vec<Hole> = Vec::new();
    for block in walk.iter().filter(|block| block.state == BlockState::Free) {
        match holes.last_mut() {
            Some(last) if last.0 + last.1 == block.address => last.1 += block.size,
            _ => holes.push((block.address, block.size)),
        }
    }
    holes
}

/// A block size, or the index of a live block to free.
#[derive(Clone, Copy, Debug)]
enum Step {
    Allocate(usize),
    Free(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = prop_oneof![4 => 2..16_usize, 1 => 16..100_usize];
    let step = prop_oneof![
        3 => size.prop_map(|granules| Step::Allocate(granules * 8)),
        2 => any::<usize>().prop_map(Step::Free),
    ];
    prop::collection::vec(step, 0..200)
}

/// Runs the steps on a heap and on the model, which must agree on every block and every probe.
fn agree<P: Fit, O: Order>(steps: &[Step], rule: Rule) -> Result<(), TestCaseError> {
    let mut heap: FitHeap<Fixed, Counting<P>, O> = heap(HEAP_LEN);
    let mut model = Model::of::<P, O>(rule);
    let all = take(&mut heap, HEAP_LEN).expect("the region has room");
    give(&mut heap, all, HEAP_LEN);
    model.free(all.addr().get() - HEADER);
    let mut live = Vec::new();
    for &step in steps {
        match step {
            Step::Allocate(size) => {
                let expected = model.allocate(&blocks(&heap), size);
                let before = heap.policy().probes();
                let taken = take(&mut heap, size);
                let address = taken.map(|block| block.addr().get() - HEADER);
                let probes = (heap.policy().probes() - before) as usize;
                prop_assert_eq!((address, probes), expected);
                live.extend(taken.map(|block| (block, size)));
            }
            Step::Free(which) if !live.is_empty() => {
                let (block, size) = live.swap_remove(which % live.len());
                give(&mut heap, block, size);
                model.free(block.addr().get() - HEADER);
            }
            Step::Free(_) => {}
        }
        prop_assert_eq!(heap.check(), Ok(()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn first_fit_takes_the_first_that_fits(steps in steps()) {
        agree::<FirstFit, AddressOrder>(&steps, first)?;
        agree::<FirstFit, Lifo>(&steps, first)?;
    }

    #[test]
    fn next_fit_takes_the_first_behind_the_rover(steps in steps()) {
        agree::<NextFit, AddressOrder>(&steps, first)?;
        agree::<NextFit, Lifo>(&steps, first)?;
    }

    #[test]
    fn best_fit_takes_the_smallest_and_stops_at_an_exact_one(steps in steps()) {
        agree::<BestFit, AddressOrder>(&steps, best)?;
        agree::<BestFit, Lifo>(&steps, best)?;
    }

    #[test]
    fn worst_fit_takes_the_largest_and_looks_at_all(steps in steps()) {
        agree::<WorstFit, AddressOrder>(&steps, worst)?;
        agree::<WorstFit, Lifo>(&steps, worst)?;
    }
}
