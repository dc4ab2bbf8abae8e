//! The loop, and its time.

use std::hint::black_box;
use std::time::Instant;

use bump::Bump;
use core_api::Fixed;
use serde::{Deserialize, Serialize};

use super::Arena;
use super::arena::{Allocate, Floor, Nothing, scope_down, scope_up};
use crate::memory::Room;
use crate::peers::{blink, bumpalo_of};
use bench_results::stats::median;

/// Blocks between two resets.
pub(super) const N_BLOCKS: usize = 10_000;
/// Bytes for them, and some.
const ROOM: usize = 2 << 20;

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Block {
    /// 8 bytes at a multiple of 8.
    #[value(name = "8 / 8")]
    #[serde(rename = "8 / 8")]
    Word,
    /// 24 bytes at a multiple of 8.
    #[value(name = "24 / 8")]
    #[serde(rename = "24 / 8")]
    Words,
    /// 64 bytes at a multiple of 16.
    #[value(name = "64 / 16")]
    #[serde(rename = "64 / 16")]
    Vector,
    /// 96 bytes at a multiple of 32.
    #[value(name = "96 / 32")]
    #[serde(rename = "96 / 32")]
    Vectors,
}

#[repr(align(16))]
struct Vector(#[expect(dead_code)] [u64; 8]);

#[repr(align(32))]
struct Vectors(#[expect(dead_code)] [u64; 12]);

/// One arena on one kind of block: what a child process is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Who.
    pub arena: Arena,
    /// On what.
    pub block: Block,
    /// How often its blocks are allocated.
    pub n_passes: usize,
}

impl Pass {
    /// Nanoseconds of an allocation, the median over the passes.
    pub(crate) fn run(self) -> f64 {
        match self.block {
            Block::Word => self.with::<u64>(),
            Block::Words => self.with::<[u64; 3]>(),
            Block::Vector => self.with::<Vector>(),
            Block::Vectors => self.with::<Vectors>(),
        }
    }

    fn with<T>(self) -> f64 {
        let mut room = Room::new(ROOM);
        on_arena(self.arena, &mut room, Timed::<T>::new(self.n_passes))
    }
}

/// What is done with an arena, whichever it is.
pub(super) trait Visit {
    type Result;

    fn visit(self, arena: impl Allocate) -> Self::Result;
}

/// Makes the arena in `room`, all of whose pages were touched.
pub(super) fn on_arena<V: Visit>(arena: Arena, room: &mut Room, visit: V) -> V::Result {
    let region = room.region();
    match arena {
        // SAFETY: the room's memory belongs to this heap alone.
        Arena::Bump => visit.visit(Bump::new(unsafe { Fixed::new(region) })),
        Arena::Bumpalo => visit.visit(bumpalo_of::<1>(ROOM)),
        Arena::Bumpalo8 => visit.visit(bumpalo_of::<8>(ROOM)),
        Arena::BumpScope => visit.visit(scope_up(region)),
        Arena::BumpScopeDown => visit.visit(scope_down(region)),
        Arena::Blink => visit.visit(blink(region).0),
        Arena::Floor => visit.visit(Floor::new(region)),
        Arena::Nothing => visit.visit(Nothing),
    }
}

struct Timed<T> {
    n_passes: usize,
    of: std::marker::PhantomData<T>,
}

impl<T> Timed<T> {
    fn new(n_passes: usize) -> Self {
        Self {
            n_passes,
            of: std::marker::PhantomData,
        }
    }
}

impl<T> Visit for Timed<T> {
    type Result = f64;

    fn visit(self, mut arena: impl Allocate) -> f64 {
        let pass = |_| {
            // SAFETY: the blocks of the last pass are gone.
            unsafe { arena.reset() };
            let start = Instant::now();
            allocate_blocks::<_, T>(&mut arena, N_BLOCKS);
            start.elapsed().as_nanos() as f64 / N_BLOCKS as f64
        };
        let times: Vec<f64> = (0..self.n_passes).map(pass).collect();
        median(&times).unwrap_or_default()
    }
}

/// The loop; callgrind looks for it by its name. The arena is hidden from the compiler, so that its
/// cursor is in memory, as it is in a program that does something with its blocks.
#[inline(never)]
fn allocate_blocks<A: Allocate, T>(arena: &mut A, n: usize) {
    let arena = black_box(arena);
    for _ in 0..n {
        black_box(arena.allocate::<T>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Choice;

    /// Allocates the blocks of a pass, twice.
    struct Checked<T>(std::marker::PhantomData<T>);

    impl<T> Visit for Checked<T> {
        type Result = Vec<usize>;

        fn visit(self, mut arena: impl Allocate) -> Vec<usize> {
            let mut blocks = Vec::new();
            for _ in 0..2 {
                blocks.clear();
                // SAFETY: the blocks were never used.
                unsafe { arena.reset() };
                let block = |_| arena.allocate::<T>().expect("a pass fits").addr().get();
                blocks.extend((0..N_BLOCKS).map(block));
            }
            blocks.sort_unstable();
            blocks
        }
    }

    fn check<T>() {
        for &arena in Arena::all() {
            let checked = Checked::<T>(std::marker::PhantomData);
            let blocks = on_arena(arena, &mut Room::new(ROOM), checked);
            assert_eq!(blocks.len(), N_BLOCKS);
            assert!(
                blocks
                    .iter()
                    .all(|block| block.is_multiple_of(align_of::<T>()))
            );
            let apart = blocks
                .windows(2)
                .all(|two| two[1] - two[0] >= size_of::<T>());
            assert_eq!(apart, arena != Arena::Nothing, "{arena:?}");
        }
    }

    #[test]
    fn a_pass_fits_into_every_arena_and_its_blocks_are_apart() {
        check::<u64>();
        check::<[u64; 3]>();
        check::<Vector>();
        check::<Vectors>();
    }

    #[test]
    fn a_block_is_named_after_its_layout() {
        let names: Vec<String> = Block::all().iter().map(Choice::name).collect();
        let of = |size: usize, align: usize| format!("{size} / {align}");
        let expected = [
            of(size_of::<u64>(), align_of::<u64>()),
            of(size_of::<[u64; 3]>(), align_of::<[u64; 3]>()),
            of(size_of::<Vector>(), align_of::<Vector>()),
            of(size_of::<Vectors>(), align_of::<Vectors>()),
        ];
        assert_eq!(names, expected);
    }
}
