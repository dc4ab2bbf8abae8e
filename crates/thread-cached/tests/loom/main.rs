//! The lock-free paths under a model checker, which tries every interleaving and every value that
//! the memory model allows:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p malloc-ladder-thread-cached --test loom
//! ```
//!
//! The sources are the crate's own; only `primitive` is another. Each model is run a second time
//! with a seeded fault, which it must find.
#![cfg(loom)]
#![allow(dead_code, reason = "the models use a part of each module")]

mod primitive;

/// The crate without the hardened mode.
mod hardened {
    pub(crate) const fn mask(_: std::ptr::NonNull<u8>) -> usize {
        0
    }
}

#[path = "../../src/heap"]
mod heap {
    pub(crate) mod ownership;
}

#[path = "../../src/layout"]
mod layout {
    pub(crate) mod units;
}

#[path = "../../src/link.rs"]
mod link;
#[path = "../../src/mutex.rs"]
mod mutex;

#[path = "../../src/pages"]
mod pages {
    /// Memory of the model's own, all of it there.
    pub(crate) mod commit {
        #[derive(Debug)]
        pub(crate) struct Committed;

        impl Committed {
            pub(crate) const NONE: Self = Self;

            pub(crate) const fn all(_n_pages: usize) -> Self {
                Self
            }

            pub(crate) const fn described(&self) -> usize {
                0
            }

            pub(crate) fn reaches(&mut self, _top: u32) -> bool {
                true
            }
        }
    }

    pub(crate) mod bins;
    pub(crate) mod free_spans;
    pub(crate) mod page_map;
    pub(crate) mod span;
    pub(crate) mod span_slot;
    pub(crate) mod spans;
}

#[path = "../../src/remote"]
mod remote {
    pub(crate) mod remote_list;
}

#[path = "../../src/giving_back"]
mod giving_back {
    pub(crate) mod purge;
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::thread;

use giving_back::purge;
use heap::ownership::Ownership;
use link::Chain;
use mutex::Mutex;
use pages::commit::Committed;
use pages::page_map::{PageMap, Record};
use pages::span::Span;
use pages::span_slot::SpanSlot;
use pages::spans::Spans;
use remote::remote_list::RemoteFreeList;

/// Runs a model, as it is and with every ordering relaxed: the first must pass, the second not.
fn holds_and_catches_relaxed_orderings(model: fn()) {
    loom::model(model);
    primitive::relax(true);
    let caught = catch_unwind(AssertUnwindSafe(|| loom::model(model))).is_err();
    primitive::relax(false);
    assert!(caught, "the model does not see relaxed orderings");
}

/// Two blocks that other threads free, and what their users wrote last.
struct Freed {
    remote_list: RemoteFreeList,
    blocks: [Box<[usize; 2]>; 2],
    written: [UnsafeCell<usize>; 2],
}

// SAFETY: the models are about who may touch what when.
unsafe impl Sync for Freed {}
// SAFETY: as above.
unsafe impl Send for Freed {}

impl Freed {
    fn block(&self, index: usize) -> NonNull<u8> {
        NonNull::from(&*self.blocks[index]).cast()
    }

    /// A user is done with the block and sends it home.
    fn send(&self, index: usize) {
        // SAFETY: loom finds out whether anybody else has the cell, here and below.
        self.written[index].with_mut(|last| unsafe { *last = 7 });
        let block = self.block(index);
        let chain = Chain {
            first: block,
            last: block,
        };
        // SAFETY: the block is free and nobody else's.
        unsafe { self.remote_list.push(chain) };
    }

    /// The owner takes what is there and looks at it, as the next user would; returns how many.
    fn collect(&self) -> usize {
        let mut n = 0;
        let mut next = self
            .remote_list
            .take()
            .map_or(std::ptr::null_mut(), NonNull::as_ptr);
        while let Some(block) = NonNull::new(next) {
            let index = (0..2).find(|&index| self.block(index) == block);
            let index = index.expect("one of the blocks");
            // SAFETY: loom finds out.
            self.written[index].with(|last| assert_eq!(unsafe { *last }, 7));
            // SAFETY: taken, hence ours.
            next = unsafe { link::read(block) };
            n += 1;
        }
        n
    }
}

#[test]
fn remote_frees_against_the_owners_collection() {
    holds_and_catches_relaxed_orderings(|| {
        let freed = Arc::new(Freed {
            remote_list: RemoteFreeList::new(),
            blocks: Default::default(),
            written: [UnsafeCell::new(0), UnsafeCell::new(0)],
        });
        assert!(freed.remote_list.take().is_none());
        let senders = [0, 1].map(|index| {
            let freed = freed.clone();
            thread::spawn(move || freed.send(index))
        });
        thread::yield_now();
        let early = freed.collect();
        for sender in senders {
            sender.join().expect("it ends");
        }
        let late = freed.collect();
        assert_eq!(early + late, 2, "every block arrives once");
    });
}

/// A heap with something that only its owner touches.
struct Owned {
    ownership: Ownership,
    lists: UnsafeCell<usize>,
}

// SAFETY: the model is about who may touch the lists when.
unsafe impl Sync for Owned {}
// SAFETY: as above.
unsafe impl Send for Owned {}

impl Owned {
    /// The owner works and leaves.
    fn work_and_leave(&self) {
        // SAFETY: loom finds out.
        self.lists.with_mut(|lists| unsafe { *lists += 1 });
        self.ownership.abandon();
    }
}

#[test]
fn abandonment_and_adoption() {
    holds_and_catches_relaxed_orderings(|| {
        let heap = Arc::new(Owned {
            ownership: Ownership::new(),
            lists: UnsafeCell::new(0),
        });
        assert!(!heap.ownership.adopt(), "it is owned");
        let heirs = [0, 1].map(|_| {
            let heap = heap.clone();
            thread::spawn(move || {
                let adopted = heap.ownership.adopt();
                if adopted {
                    heap.work_and_leave();
                }
                adopted
            })
        });
        heap.work_and_leave();
        let adopted = heirs.map(|heir| heir.join().expect("it ends"));
        assert!(heap.ownership.adopt(), "everybody left");
        let expected = 1 + adopted.iter().filter(|&&adopted| adopted).count();
        // SAFETY: loom finds out.
        heap.lists
            .with(|lists| assert_eq!(unsafe { *lists }, expected));
    });
}

/// Pages of a heap, and what is in them.
struct Pages {
    spans: Mutex<Spans>,
    kinds: Box<[u16; 32]>,
    records: Box<[Record; 8]>,
    content: [UnsafeCell<usize>; 8],
}

// SAFETY: the models are about who may touch what when.
unsafe impl Sync for Pages {}
// SAFETY: as above.
unsafe impl Send for Pages {}

impl Pages {
    /// Two pages, of which one was used and is free.
    fn with_an_idle_page() -> Arc<Self> {
        let (kinds, records) = (Box::new([0_u16; 32]), Box::new([Record::default(); 8]));
        // SAFETY: there are kinds of as many units and records of as many pages.
        let map = unsafe {
            PageMap::new(
                NonNull::from(&*kinds).cast(),
                0,
                NonNull::from(&*records).cast(),
            )
        };
        let pages = Self {
            spans: Mutex::new(Spans::new(map, Committed::all(3), 1, 3)),
            kinds,
            records,
            content: std::array::from_fn(|_| UnsafeCell::new(0)),
        };
        pages.spans.with(|spans| {
            let span = spans.allocate(1, 1).expect("a page");
            spans.free(Span { since: 5, ..span });
        });
        Arc::new(pages)
    }

    fn drop_pages(&self, span: Span) -> bool {
        // SAFETY: loom finds out.
        self.content[span.page as usize].with_mut(|page| unsafe { *page = 0 });
        true
    }

    /// Somebody takes a page and uses it.
    fn reuse(&self) {
        let span = self.spans.with(|spans| spans.allocate(1, 1));
        let page = &self.content[span.expect("two pages").page as usize];
        // SAFETY: loom finds out.
        page.with_mut(|page| unsafe { *page = 7 });
        // SAFETY: loom finds out.
        page.with(|page| assert_eq!(unsafe { *page }, 7));
    }
}

fn purge_against_reuse(purge: fn(&Pages)) {
    let pages = Pages::with_an_idle_page();
    let purger = {
        let pages = pages.clone();
        thread::spawn(move || purge(&pages))
    };
    pages.reuse();
    purger.join().expect("it ends");
    pages
        .spans
        .with(|spans| assert!(spans.bins_are_sound(), "the bins are whole"));
}

#[test]
fn a_page_is_purged_or_used() {
    loom::model(|| {
        purge_against_reuse(|pages| {
            purge::purge(&pages.spans, 1, |_| true, |span| pages.drop_pages(span));
        });
    });
}

/// The fault: a span is put back before its pages are dropped.
#[test]
fn a_purge_that_puts_back_too_early_is_caught() {
    let caught = catch_unwind(|| {
        loom::model(|| {
            purge_against_reuse(|pages| {
                let mut idle = [Span::default()];
                pages.spans.with(|spans| {
                    if spans.take_idle(1, |_| true, &mut idle) == 1 {
                        spans.give_back(idle[0], true);
                    }
                });
                if idle[0].len == 1 {
                    pages.drop_pages(idle[0]);
                }
            });
        });
    });
    assert!(caught.is_err(), "the model does not see the fault");
}

/// The owner puts a long block aside and wants it back, and another thread wants to give it up.
fn spare_for_one_of_two() {
    let block = Arc::new((SpanSlot::new(), UnsafeCell::new(0)));
    let span = Span {
        page: 5,
        len: 300,
        since: 1,
    };
    // The model checker's atomics are made at their first use.
    let clean = Span { since: 0, ..span };
    assert_eq!(block.0.put(clean), None);
    assert_eq!(block.0.take(300), Some(clean));
    let use_it = |block: &(SpanSlot, UnsafeCell<i32>)| {
        // SAFETY: loom finds out.
        block.1.with_mut(|content| unsafe { *content += 1 });
    };
    let other = {
        let block = block.clone();
        thread::spawn(move || {
            let taken = block.0.take_old(|_| true);
            let is_dirty = |span: &Span| assert_ne!(span.since, 0, "used, and said to be zero");
            let taken = taken.inspect(is_dirty);
            taken.inspect(|_| use_it(&block)).is_some()
        })
    };
    use_it(&block);
    assert_eq!(block.0.put(span), None);
    let is_back = block.0.take(300).inspect(|_| use_it(&block)).is_some();
    let is_gone = other.join().expect("it ends");
    let is_there = block.0.take(300).is_some();
    let n_owners = [is_back, is_gone, is_there].map(u8::from);
    assert_eq!(n_owners.iter().sum::<u8>(), 1, "{n_owners:?}");
}

#[test]
fn a_spare_block_has_one_owner() {
    holds_and_catches_relaxed_orderings(spare_for_one_of_two);
}
