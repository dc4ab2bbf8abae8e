//! Two threads, each with a heap of its own, on blocks of one size class of `thread-cached`.
//!
//! The size classes, the remote-free caches and the remote free lists are the allocator's own code; what it takes threads
//! for is modelled. A script has so few operations that the list of no class becomes full, and no heap collects.

use std::fmt;

use heap_lab_threads::{BLOCK, Block, Lists, Origin, Pair, Thread};

use crate::say::thousands;

/// Operations, at most.
const MOST_OPS: usize = 100;

/// Blocks that a magazine may have, at most: the allocator puts more into a reserve, and then back into their slabs,
/// which the figure does not show.
const MOST_LISTED: usize = 7;

/// Milliseconds after which a waiting batch is delivered.
const DELAY: u32 = 10;

const HOW: &str = "write `A malloc`, `B free a1` or `wait`";

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

/// The state after some operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) heaps: [Lists; 2],
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
        let mut run = Run::default();
        let said = format!(
            "Each thread has a heap, without a block yet. All blocks have {} bytes: a slab has {} of them.",
            thousands(BLOCK as u32),
            Pair::slab_blocks()
        );
        let mut moments = vec![run.moment(said)];
        for op in &ops {
            let said = run.step(*op);
            moments.push(run.moment(format!("{op}: {said}")));
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

/// The heaps and the program, as a script moves them on.
#[derive(Default)]
struct Run {
    heaps: Pair,
    program: Vec<Block>,
}

impl Run {
    fn moment(&self, said: String) -> Moment {
        Moment {
            heaps: Thread::ALL.map(|thread| self.heaps.lists(thread)),
            program: self.program.clone(),
            said,
        }
    }

    fn step(&mut self, op: Op) -> String {
        match op {
            Op::Allocate(thread) => self.allocate(thread),
            Op::Free(thread, block) => self.free(thread, block),
            Op::Wait => self.wait(),
        }
    }

    fn allocate(&mut self, thread: Thread) -> String {
        let sent = names(&self.heaps.lists(thread).remote);
        let (block, origin) = self.heaps.allocate(thread);
        self.program.push(block);
        let how = match origin {
            Origin::List => "it is popped from the magazine, without a lock".to_owned(),
            Origin::RemoteList => format!(
                "the magazine is empty, so one swap takes the whole remote free list, {sent}. No single block is ever \
                 popped from that list, so the ABA problem does not arise"
            ),
            Origin::Slab => {
                "magazine and remote free list are empty, so the next block of the slab is carved"
                    .to_owned()
            }
            Origin::NewSlab => format!(
                "magazine and remote free list are empty, so the heap takes a new slab of {} blocks and carves the first",
                Pair::slab_blocks()
            ),
        };
        format!("{thread} gets {block}: {how}.")
    }

    fn free(&mut self, thread: Thread, block: Block) -> String {
        let Some(index) = self.program.iter().position(|one| *one == block) else {
            return format!("the program does not have {block}, so nothing is done.");
        };
        let owner = block.owner;
        let listed = self.heaps.lists(thread).magazine.len();
        if owner == thread && listed == MOST_LISTED {
            return format!(
                "{thread}'s magazine has {listed} blocks, and this figure ends there: in the allocator it becomes the \
                 reserve when it is full. Nothing is done."
            );
        }
        self.program.remove(index);
        // SAFETY: the program had the block, and has it no more.
        unsafe { self.heaps.free(thread, block) };
        if owner == thread {
            return format!("{block} is of {thread}'s own heap, and goes onto its magazine.");
        }
        let text = format!(
            "by the address map {block} is {owner}'s, so it goes into {thread}'s remote-free cache. No thread waits."
        );
        if !self.heaps.lists(thread).cache.is_empty() {
            return text;
        }
        let sent = self.heaps.lists(owner).remote;
        format!(
            "{text} With 16 KiB or more the chain is full: {}",
            delivered(&sent, owner)
        )
    }

    fn wait(&mut self) -> String {
        let waiting = Thread::ALL.map(|thread| self.heaps.lists(thread).cache);
        self.heaps.wait(DELAY);
        let owners = [Thread::B, Thread::A];
        let sent = owners
            .into_iter()
            .zip(&waiting)
            .filter(|(_, chain)| !chain.is_empty());
        let sent: Vec<String> = sent.map(|(owner, chain)| delivered(chain, owner)).collect();
        match sent.is_empty() {
            true => "ten milliseconds pass, and no chain was waiting for that.".to_owned(),
            false => format!("ten milliseconds are over: {}", sent.join(" And ")),
        }
    }
}

/// Says that a chain came to its owner.
fn delivered(chain: &[Block], owner: Thread) -> String {
    let chain = names(chain);
    format!("one compare-and-swap puts {chain} in front of {owner}'s remote free list.")
}

/// Names with spaces between.
pub(crate) fn names(blocks: &[Block]) -> String {
    let names: Vec<String> = blocks.iter().map(Block::to_string).collect();
    names.join(" ")
}
