//! Two heaps and the blocks of a program, stepped through by one thread.

use std::ptr::NonNull;
use std::rc::Rc;

use crate::block::{Block, Thread};
use crate::clock;
use crate::heap::{Heap, Origin};
use crate::remote::remote_cache::Added;
use crate::slab::{Slab, class};

/// The lists of a heap, each from its first block on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// What the thread allocates from and frees its own blocks to.
    pub magazine: Vec<Block>,
    /// Blocks of this heap that the other thread has sent back.
    pub remote: Vec<Block>,
    /// Blocks of the other heap that the thread freed and has not sent yet.
    pub cache: Vec<Block>,
}

/// The heaps of two threads, of which neither runs: the caller says which one does what.
///
/// The heaps stay where they are, because a remote-free cache points to the other heap's remote free list.
#[derive(Debug)]
pub struct Pair {
    heaps: Rc<[Heap; 2]>,
    /// Blocks that each thread freed and that have not been seen in their owner's list, the last one first.
    waiting: [Vec<Block>; 2],
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

impl Pair {
    /// Returns two heaps without a block.
    pub fn new() -> Self {
        Self {
            heaps: Rc::new([Heap::new(), Heap::new()]),
            waiting: Default::default(),
        }
    }

    /// Returns how many blocks a slab has.
    pub fn slab_blocks() -> usize {
        Slab::n_blocks()
    }

    /// Allocates a block for a thread, and says where it came from.
    pub fn allocate(&mut self, thread: Thread) -> (Block, Origin) {
        let (block, origin) = self.heaps[thread as usize].allocate();
        (self.name(block), origin)
    }

    /// Frees a block by a thread.
    ///
    /// # Safety
    ///
    /// The block was allocated, and is freed once.
    pub unsafe fn free(&mut self, thread: Thread, block: Block) {
        let place = self.place(block);
        let owner = &self.heaps[block.owner as usize];
        if block.owner == thread {
            // SAFETY: by the caller's promise the block is live; its owner's heap has it.
            return unsafe { owner.push(place) };
        }
        let cache = &self.heaps[thread as usize].remote_cache;
        let list = &owner.remote_list;
        // SAFETY: as above; the heaps end together.
        let added = unsafe {
            match cache.add(list, class(), place) {
                Added::Refused => cache.begin(list, class(), place),
                added => added,
            }
        };
        if added == Added::Full {
            cache.deliver(class());
        }
        self.waiting[thread as usize].insert(0, block);
        self.look();
    }

    /// Lets time pass: each thread reads the clock and delivers batches that are old.
    pub fn wait(&mut self, milliseconds: u32) {
        let now = clock::pass(milliseconds);
        self.heaps
            .iter()
            .for_each(|heap| heap.remote_cache.flush_old(now));
        self.look();
    }

    /// Returns the lists of a thread's heap.
    pub fn lists(&self, thread: Thread) -> Lists {
        let heap = &self.heaps[thread as usize];
        let names = |blocks: Vec<NonNull<u8>>| blocks.into_iter().map(|block| self.name(block));
        Lists {
            magazine: names(heap.listed()).collect(),
            remote: names(heap.sent()).collect(),
            cache: self.waiting[thread as usize].clone(),
        }
    }

    /// Forgets the waiting blocks that were delivered meanwhile.
    fn look(&mut self) {
        let sent = self.heaps.each_ref().map(Heap::sent).concat();
        let sent: Vec<Block> = sent.into_iter().map(|block| self.name(block)).collect();
        let is_waiting = |block: &Block| !sent.contains(block);
        self.waiting
            .iter_mut()
            .for_each(|waiting| waiting.retain(is_waiting));
    }

    fn name(&self, block: NonNull<u8>) -> Block {
        let found = Thread::ALL.into_iter().find_map(|owner| {
            let index = self.heaps[owner as usize].index(block)?;
            let number = index as u32 + 1;
            Some(Block { owner, number })
        });
        found.expect("a block of one of the heaps")
    }

    fn place(&self, block: Block) -> NonNull<u8> {
        let index = block.number as usize - 1;
        self.heaps[block.owner as usize].block(index)
    }
}
