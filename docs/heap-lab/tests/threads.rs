//! The figure of two threads does what the allocator does on two threads.
//!
//! Real threads run the figure's scripts on `thread-cached`. Blocks get their names in the order in which each thread
//! sees them first, as the figure names them in the order of carving. After a script each thread allocates a few blocks
//! more: which ones it gets tells what is in its lists, and in which order.
#![cfg(target_os = "linux")]

use std::alloc::{GlobalAlloc, Layout};
use std::collections::BTreeMap;
use std::ptr::null_mut;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use heap_lab::{BLOCK, Threads};
use thread_cached::ThreadCached;

static HEAP: ThreadCached = ThreadCached::new();

/// The figure of the chapter.
const CHAPTER: &str = include_str!("../../src/phase-6-thread-cached.md");

/// Milliseconds after which a waiting batch is delivered when the clock is read. A run that takes as long without a
/// `wait` says nothing: the allocator may have read the clock.
const DELAY: Duration = Duration::from_millis(10);

/// Milliseconds by which the clock may be behind: it moves with the kernel's timer, 100 to 1,000 times a second.
const TIMER: Duration = Duration::from_millis(10);

/// Milliseconds after which a heap collects when the clock is read.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits of a random script, at most: with the one after it they take less than `PAUSE`.
const MOST_WAITS: usize = 2;

/// Runs of a script, at most, until one was quick enough.
const ATTEMPTS: usize = 200;

/// A block that may be freed by another thread than the one that allocated it.
#[derive(Clone, Copy)]
struct Place(*mut u8);

// SAFETY: the allocator's blocks may be freed by any thread.
unsafe impl Send for Place {}

/// What a thread is told to do.
enum Order {
    Allocate,
    Free(Place),
    /// Makes so many events that the heap reads the clock.
    ReadClock,
}

/// A thread that allocates and frees by order. It never ends, because the next one would get its heap.
struct Worker {
    orders: Sender<Order>,
    answers: Receiver<Place>,
}

impl Worker {
    fn start() -> Self {
        let (orders, received) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        thread::spawn(move || {
            for order in received {
                answer.send(obey(&order)).expect("the test waits");
            }
            loop {
                thread::park();
            }
        });
        let worker = Self { orders, answers };
        worker.tell(Order::ReadClock);
        worker
    }

    fn tell(&self, order: Order) -> Place {
        self.orders.send(order).expect("the thread listens");
        self.answers.recv().expect("the thread answers")
    }
}

/// Returns the block that was allocated or freed, or null.
fn obey(order: &Order) -> Place {
    let small = Layout::from_size_align(BLOCK, 8).expect("a valid layout");
    let large = Layout::from_size_align(64 << 10, 8).expect("a valid layout");
    // SAFETY: no layout is of size 0; the test frees what it allocated, once.
    unsafe {
        match *order {
            Order::Allocate => Place(HEAP.alloc(small)),
            Order::Free(place) => {
                HEAP.dealloc(place.0, small);
                place
            }
            Order::ReadClock => {
                (0..40).for_each(|_| HEAP.dealloc(HEAP.alloc(large), large));
                Place(null_mut())
            }
        }
    }
}

/// Runs a script on two threads; returns the names of the blocks that they get, or `None` if it took too long.
fn real(script: &str) -> Option<Vec<String>> {
    let begin = Instant::now();
    let workers = [Worker::start(), Worker::start()];
    let mut waited = Duration::ZERO;
    let (mut names, mut places) = (BTreeMap::new(), BTreeMap::new());
    let (mut n_named, mut got) = ([0; 2], Vec::new());
    let since = Instant::now();
    for op in script.split(';').map(str::trim) {
        let words: Vec<&str> = op.split(' ').collect();
        let thread = usize::from(words[0] == "B");
        match words[..] {
            ["wait"] => {
                let start = Instant::now();
                thread::sleep(DELAY + TIMER + Duration::from_millis(1));
                workers.iter().for_each(|one| {
                    one.tell(Order::ReadClock);
                });
                waited += start.elapsed();
            }
            [_, "malloc"] => {
                let place = workers[thread].tell(Order::Allocate);
                let name = names.entry(place.0.addr()).or_insert_with(|| {
                    n_named[thread] += 1;
                    format!("{}{}", ["a", "b"][thread], n_named[thread])
                });
                places.insert(name.clone(), place);
                got.push(name.clone());
            }
            [_, "free", name] => {
                workers[thread].tell(Order::Free(places[name]));
            }
            _ => panic!("{op}"),
        }
    }
    let is_quick = since.elapsed() - waited < DELAY && begin.elapsed() < PAUSE;
    is_quick.then_some(got)
}

/// Returns the names that the figure says.
fn told(script: &str) -> Vec<String> {
    let threads = Threads::of_script(script).expect("a script");
    let words = (1..=threads.n_ops()).map(|index| threads.said(index).to_owned());
    let got = words.filter_map(|said| {
        let (_, after) = said.split_once(" gets ")?;
        Some(after.split(':').next()?.to_owned())
    });
    got.collect()
}

/// Compares a script, and what the threads get after it, before and after all chains have been delivered.
fn compare(script: &str) {
    let after = ["A malloc; B malloc"; 5].join("; ");
    let script = format!("{script}; {after}; wait; {after}");
    let found = (0..ATTEMPTS).find_map(|_| real(&script));
    let found = found.expect("no run was quick enough");
    assert_eq!(told(&script), found, "{script}");
}

/// The operations of the chapter's figure.
fn chapter() -> Vec<&'static str> {
    let (_, tag) = CHAPTER.split_once("view=\"remote\"").expect("a figure");
    let (_, script) = tag.split_once("script=\"").expect("a script");
    let script = script.split('"').next().expect("its end");
    script.split("; ").collect()
}

/// A script of random operations. Each is one that the program can do.
fn random(seed: u32, n_ops: usize) -> String {
    let mut state = seed;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    let mut ops: Vec<String> = Vec::new();
    for _ in 0..n_ops {
        let got = told(&ops.join("; "));
        let is_live = |name: &&String| {
            let n = |word: &str| ops.iter().filter(|op| op.ends_with(word)).count();
            got.iter().filter(|one| one == name).count() > n(&format!(" free {name}"))
        };
        let live: Vec<&String> = got.iter().filter(is_live).collect();
        let thread = ["A", "B"][random(2)];
        ops.push(match random(16) {
            0 if ops.iter().filter(|op| *op == "wait").count() < MOST_WAITS => "wait".to_owned(),
            1..8 if !live.is_empty() => format!("{thread} free {}", live[random(live.len())]),
            _ => format!("{thread} malloc"),
        });
    }
    ops.join("; ")
}

#[test]
fn each_step_of_the_chapters_figure_is_the_allocators() {
    let ops = chapter();
    assert!(ops.len() > 8, "{ops:?}");
    for n in 1..=ops.len() {
        compare(&ops[..n].join("; "));
    }
}

#[test]
fn random_scripts_get_the_blocks_that_the_allocator_gives() {
    (1..=20).for_each(|seed| compare(&random(seed, 14)));
}
