//! A compiler's work: syntax trees, whose nodes have several sizes and names and lists in them, are
//! built, rewritten in part, read, and dropped.

use std::sync::atomic::{AtomicUsize, Ordering};

use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use super::block::ensure_intact;
use super::collections::{Called, Heap};
use super::rng::Rng;
use super::workers;

/// Nodes that are live together, of all threads: some ten MiB.
const N_LIVE: usize = 160_000;
/// Nodes of a tree.
const TREE: usize = 100;
/// Times that a part of every other tree is replaced before all are dropped.
const N_REWRITES: usize = 4;

/// A node with all below it. With what it holds itself, it takes 24, 48, 64, 104 or 160 bytes.
enum Tree<'a> {
    Number(Box<[u64; 3], Heap<'a>>),
    Name(Box<Name<'a>, Heap<'a>>),
    Pair(Box<Pair<'a>, Heap<'a>>),
    Call(Box<Call<'a>, Heap<'a>>),
    Scope(Box<Scope<'a>, Heap<'a>>),
}

struct Name<'a> {
    text: Vec<u8, Heap<'a>>,
    place: [u64; 2],
}

struct Pair<'a> {
    both: [Tree<'a>; 2],
    place: [u64; 2],
}

struct Call<'a> {
    text: Vec<u8, Heap<'a>>,
    arguments: Vec<Tree<'a>, Heap<'a>>,
    place: [u64; 5],
}

struct Scope<'a> {
    statements: Vec<Tree<'a>, Heap<'a>>,
    symbols: [u64; 16],
}

/// How many nodes there are, and the sum of what is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    n_nodes: usize,
    sum: u64,
}

/// Grows trees, and knows what was written into those that are live.
struct Grower<'a> {
    heap: Heap<'a>,
    rng: Rng,
    live: Tally,
    n_grown: usize,
}

/// Nanoseconds of a node, of `n` or some more: it is built, read and dropped.
pub(super) fn trees(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let n_live = (N_LIVE / n_threads).min(n_each);
    let n_grown = AtomicUsize::new(0);
    let prepare = |index| {
        let mut grower = Grower::new(Heap(&allocator), index);
        grower.generation(n_live / 8);
        grower.n_grown = 0;
        grower
    };
    let run = |grower: &mut Grower<'_>| {
        while grower.n_grown < n_each {
            grower.generation(n_live);
        }
    };
    let finish = |grower: Grower<'_>| {
        n_grown.fetch_add(grower.n_grown, Ordering::Relaxed);
    };
    let nanos = workers::time(n_threads, prepare, run, finish);
    nanos / n_grown.into_inner() as f64
}

impl<'a> Grower<'a> {
    fn new(heap: Heap<'a>, index: usize) -> Self {
        Self {
            heap,
            rng: Rng::new(index),
            live: Tally::default(),
            n_grown: 0,
        }
    }

    /// Builds trees with `n_live` nodes, replaces parts of them, reads all and drops all.
    fn generation(&mut self, n_live: usize) {
        let mut forest = Vec::new_in(self.heap);
        while self.live.n_nodes < n_live {
            forest.push(self.grow(TREE));
        }
        for index in (0..N_REWRITES * forest.len()).step_by(2) {
            let index = (index + index / forest.len()) % forest.len();
            self.rewrite(&mut forest[index]);
        }
        let mut read = Tally::default();
        forest.iter().for_each(|tree| tree.read(&mut read));
        ensure_intact(read == self.live);
        self.live = Tally::default();
    }

    /// A tree of `n` nodes.
    fn grow(&mut self, n: usize) -> Tree<'a> {
        self.live.n_nodes += 1;
        self.n_grown += 1;
        let kind = self.rng.below(4);
        match (n, kind) {
            (..=1, ..=1) => Tree::Number(Box::new_in(self.numbers(), self.heap)),
            (..=1, _) => {
                let (text, place) = (self.text(), self.numbers());
                Tree::Name(Box::new_in(Name { text, place }, self.heap))
            }
            (3.., ..=1) => {
                let n_left = 1 + self.rng.below(n - 2);
                let both = [self.grow(n_left), self.grow(n - 1 - n_left)];
                let place = self.numbers();
                Tree::Pair(Box::new_in(Pair { both, place }, self.heap))
            }
            (..=12, _) => {
                let (text, arguments, place) = (self.text(), self.list(n - 1), self.numbers());
                let call = Call {
                    text,
                    arguments,
                    place,
                };
                Tree::Call(Box::new_in(call, self.heap))
            }
            _ => {
                let (statements, symbols) = (self.list(n - 1), self.numbers());
                let scope = Scope {
                    statements,
                    symbols,
                };
                Tree::Scope(Box::new_in(scope, self.heap))
            }
        }
    }

    /// Trees of `n` nodes together.
    fn list(&mut self, mut n: usize) -> Vec<Tree<'a>, Heap<'a>> {
        let mut list = Vec::new_in(self.heap);
        while n > 0 {
            let n_next = 1 + self.rng.below(n.min(24));
            list.push(self.grow(n_next));
            n -= n_next;
        }
        list
    }

    /// A name of 3 to 34 letters.
    fn text(&mut self) -> Vec<u8, Heap<'a>> {
        let len = self.rng.within(3..35);
        let mut text = Vec::with_capacity_in(len, self.heap);
        text.resize(len, b'a' + self.rng.below(26) as u8);
        self.live.sum += sum_of(&text);
        text
    }

    fn numbers<const N: usize>(&mut self) -> [u64; N] {
        let numbers = [self.rng.below(1 << 16) as u64; N];
        self.live.sum += numbers.iter().sum::<u64>();
        numbers
    }

    /// Replaces a part of `tree` by another one with as many nodes.
    fn rewrite(&mut self, tree: &mut Tree<'a>) {
        let part = tree.part(&mut self.rng);
        let mut old = Tally::default();
        part.read(&mut old);
        self.live.n_nodes -= old.n_nodes;
        self.live.sum -= old.sum;
        *part = self.grow(old.n_nodes);
    }
}

impl Tree<'_> {
    /// The nodes below this one.
    fn below(&self) -> &[Self] {
        match self {
            Self::Number(_) | Self::Name(_) => &[],
            Self::Pair(pair) => &pair.both,
            Self::Call(call) => &call.arguments,
            Self::Scope(scope) => &scope.statements,
        }
    }

    fn below_mut(&mut self) -> &mut [Self] {
        match self {
            Self::Number(_) | Self::Name(_) => &mut [],
            Self::Pair(pair) => &mut pair.both,
            Self::Call(call) => &mut call.arguments,
            Self::Scope(scope) => &mut scope.statements,
        }
    }

    /// A random node: this one, or one below it.
    fn part(&mut self, rng: &mut Rng) -> &mut Self {
        let n_below = self.below().len();
        if n_below == 0 || rng.below(3) == 0 {
            return self;
        }
        self.below_mut()[rng.below(n_below)].part(rng)
    }

    /// Adds what is in the tree to `tally`.
    fn read(&self, tally: &mut Tally) {
        tally.n_nodes += 1;
        tally.sum += match self {
            Self::Number(numbers) => numbers.iter().sum(),
            Self::Name(name) => sum_of(&name.text) + name.place.iter().sum::<u64>(),
            Self::Pair(pair) => pair.place.iter().sum(),
            Self::Call(call) => sum_of(&call.text) + call.place.iter().sum::<u64>(),
            Self::Scope(scope) => scope.symbols.iter().sum(),
        };
        self.below().iter().for_each(|tree| tree.read(tally));
    }
}

fn sum_of(text: &[u8]) -> u64 {
    text.iter().map(|&letter| u64::from(letter)).sum()
}
