//! Two threads, each with a heap of its own, on blocks of one size class: a model of `thread-cached`.
//!
//! `thread-cached` needs threads and Linux, and a page has neither. The model follows the rules of its chapter, with
//! numbers that are small enough to be seen: a slab has four blocks, and a chain at most three.

use std::fmt;

/// Blocks of a slab.
const SLAB: u32 = 4;

/// Blocks of a chain, at most. `thread-cached` has 64, or 16 KiB.
const CHAIN: usize = 3;

/// Operations, at most.
const MOST_OPS: usize = 400;

const HOW: &str = "write `A malloc`, `B free a1` or `wait`";

/// A thread, and its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thread {
    A,
    B,
}

impl Thread {
    pub(crate) const ALL: [Self; 2] = [Self::A, Self::B];

    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
        }
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A block: the heap that it is of, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) owner: Thread,
    number: u32,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.owner.letter(), self.number)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Allocate(Thread),
    Free(Thread, Block),
    Wait,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allocate(thread) => write!(f, "{thread} malloc"),
            Self::Free(thread, block) => write!(f, "{thread} free {block}"),
            Self::Wait => write!(f, "wait"),
        }
    }
}

/// The lists of a thread's heap, each from its first block on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heap {
    /// What the thread allocates from and frees its own blocks to.
    pub(crate) magazine: Vec<Block>,
    /// Blocks of this heap that the other thread has sent back.
    pub(crate) remote: Vec<Block>,
    /// Blocks of the other heap that the thread freed and has not sent yet.
    pub(crate) cache: Vec<Block>,
    n_cut: u32,
}

/// The state after some operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) heaps: [Heap; 2],
    /// The blocks that the program has, in the order in which it got them.
    pub(crate) program: Vec<Block>,
    /// What the last operation did.
    pub(crate) said: String,
}

/// Operations of two threads, and the state before and after each.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    ops: Vec<Op>,
    moments: Vec<Moment>,
}

impl Threads {
    /// Reads a script, `A malloc; B free a1; wait`, and runs it.
    ///
    /// # Errors
    ///
    /// The first statement that is none, with what is wrong.
    pub fn of_script(text: &str) -> Result<Self, String> {
        let statements = text.split([';', '\n']).map(str::trim);
        let statements = statements.filter(|statement| !statement.is_empty());
        let ops: Result<Vec<Op>, String> = statements
            .enumerate()
            .map(|(index, statement)| {
                op(statement)
                    .ok_or_else(|| format!("operation {}, `{statement}`: {HOW}", index + 1))
            })
            .collect();
        let ops = ops?;
        if ops.len() > MOST_OPS {
            return Err(format!("a figure takes {MOST_OPS} operations at most"));
        }
        let mut moments = vec![Moment::first()];
        for op in &ops {
            let mut moment = moments[moments.len() - 1].clone();
            moment.step(*op);
            moments.push(moment);
        }
        Ok(Self { ops, moments })
    }

    /// Returns the number of operations.
    pub fn n_ops(&self) -> usize {
        self.ops.len()
    }

    /// Returns an operation as a statement of a script; nothing behind the last.
    pub fn text(&self, index: usize) -> String {
        self.ops.get(index).map(Op::to_string).unwrap_or_default()
    }

    /// Returns the state after `index` operations, or after all of them.
    pub(crate) fn at(&self, index: usize) -> &Moment {
        &self.moments[index.min(self.ops.len())]
    }

    /// Says what the operation before that state did.
    pub fn said(&self, index: usize) -> &str {
        &self.at(index).said
    }
}

fn op(statement: &str) -> Option<Op> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let thread = |word: &str| Thread::ALL.into_iter().find(|one| one.to_string() == word);
    match words[..] {
        [one, "malloc"] => Some(Op::Allocate(thread(one)?)),
        [one, "free", name] => Some(Op::Free(thread(one)?, block(name)?)),
        ["wait"] => Some(Op::Wait),
        _ => None,
    }
}

fn block(name: &str) -> Option<Block> {
    let owner = Thread::ALL
        .into_iter()
        .find(|one| name.starts_with(one.letter()))?;
    let number = name[1..].parse().ok()?;
    Some(Block { owner, number })
}

impl Moment {
    fn first() -> Self {
        let mut moment = Self {
            heaps: Default::default(),
            program: Vec::new(),
            said: format!(
                "Each thread has a heap, with a magazine of the {SLAB} blocks of its slab."
            ),
        };
        for thread in Thread::ALL {
            moment.cut_slab(thread);
        }
        moment
    }

    fn heap(&mut self, thread: Thread) -> &mut Heap {
        &mut self.heaps[thread as usize]
    }

    /// Fills the empty magazine with the blocks of a new slab.
    fn cut_slab(&mut self, owner: Thread) {
        let heap = self.heap(owner);
        let numbers = heap.n_cut + 1..=heap.n_cut + SLAB;
        heap.magazine
            .extend(numbers.map(|number| Block { owner, number }));
        heap.n_cut += SLAB;
    }

    fn step(&mut self, op: Op) {
        let what = match op {
            Op::Allocate(thread) => self.allocate(thread),
            Op::Free(thread, block) => self.free(thread, block),
            Op::Wait => self.wait(),
        };
        self.said = format!("{op}: {what}");
    }

    fn allocate(&mut self, thread: Thread) -> String {
        let heap = self.heap(thread);
        let mut how = "it is popped from the magazine, without a lock".to_owned();
        if heap.magazine.is_empty() && !heap.remote.is_empty() {
            heap.magazine = std::mem::take(&mut heap.remote);
            how = format!(
                "the magazine is empty, so one swap takes the whole remote free list, {}. No single block is ever \
                 popped from that list, so the ABA problem does not arise",
                names(&heap.magazine)
            );
        } else if heap.magazine.is_empty() {
            self.cut_slab(thread);
            how = format!(
                "magazine and remote free list are empty, so the heap takes a new slab of {SLAB} blocks"
            );
        }
        let block = self.heap(thread).magazine.remove(0);
        self.program.push(block);
        format!("{thread} gets {block}: {how}.")
    }

    fn free(&mut self, thread: Thread, block: Block) -> String {
        let Some(index) = self.program.iter().position(|one| *one == block) else {
            return format!("the program does not have {block}, so nothing is done.");
        };
        self.program.remove(index);
        if block.owner == thread {
            self.heap(thread).magazine.insert(0, block);
            return format!("{block} is of {thread}'s own heap, and goes onto its magazine.");
        }
        let owner = block.owner;
        self.heap(thread).cache.insert(0, block);
        let text = format!(
            "by the address map {block} is {owner}'s, so it goes into {thread}'s remote-free cache. No thread waits."
        );
        match self.heap(thread).cache.len() < CHAIN {
            true => text,
            false => format!(
                "{text} The chain has {CHAIN} blocks now, the most that it may have: {}",
                self.send(thread)
            ),
        }
    }

    /// Sends a thread's chain to the owner of its blocks.
    fn send(&mut self, thread: Thread) -> String {
        let chain = std::mem::take(&mut self.heap(thread).cache);
        let owner = thread.other();
        let text = format!(
            "one compare-and-swap puts {} in front of {owner}'s remote free list.",
            names(&chain)
        );
        self.heap(owner).remote.splice(0..0, chain);
        text
    }

    fn wait(&mut self) -> String {
        let waiting = Thread::ALL.into_iter();
        let waiting: Vec<Thread> = waiting
            .filter(|thread| !self.heap(*thread).cache.is_empty())
            .collect();
        if waiting.is_empty() {
            return "ten milliseconds pass, and no chain was waiting for that.".to_owned();
        }
        let sent: Vec<String> = waiting
            .into_iter()
            .map(|thread| self.send(thread))
            .collect();
        format!("ten milliseconds are over: {}", sent.join(" And "))
    }
}

/// Names with spaces between.
pub(crate) fn names(blocks: &[Block]) -> String {
    let names: Vec<String> = blocks.iter().map(Block::to_string).collect();
    names.join(" ")
}
