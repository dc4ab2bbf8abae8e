//! Several threads: a program that runs on it, this one.

#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use core_api::Inspect;
use support::{Random, passes_in_child, resident};
use thread_cached::ThreadCached;

#[global_allocator]
static GLOBAL: ThreadCached = ThreadCached::new();

const MIB: usize = 1 << 20;

/// A block whose bytes say whose it is.
fn block(random: &mut Random) -> Vec<u8> {
    let log2_end = if random.below(64) == 0 { 17 } else { 11 };
    let size = 1 << random.below(log2_end);
    let len = size + random.below(size);
    vec![(len % 251) as u8; len]
}

fn verify(block: &[u8]) {
    let expected = (block.len() % 251) as u8;
    assert!(block.iter().all(|&byte| byte == expected), "bytes changed");
}

/// Allocates, checks and frees blocks for a while; passes half of them on, and frees what others
/// passed.
fn work(seed: u64, rounds: usize, next: &mpsc::Sender<Vec<u8>>, mine: &mpsc::Receiver<Vec<u8>>) {
    let mut random = Random(seed);
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for _ in 0..rounds {
        kept.push(block(&mut random));
        if kept.len() > 200 {
            let old = kept.swap_remove(random.below(200));
            verify(&old);
            if random.below(2) == 0 {
                // A thread that is done takes no more.
                let _ = next.send(old);
            }
        }
        while let Ok(passed) = mine.try_recv() {
            verify(&passed);
        }
    }
    kept.iter().for_each(|block| verify(block));
}

#[test]
fn blocks_go_round_between_threads() {
    let n_threads = 4;
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..n_threads).map(|_| mpsc::channel()).unzip();
    thread::scope(|scope| {
        for (seed, mine) in receivers.into_iter().enumerate() {
            let next = senders[(seed + 1) % n_threads].clone();
            scope.spawn(move || work(seed as u64 + 1, 30_000, &next, &mine));
        }
    });
}

#[test]
fn a_consumer_that_only_frees_gives_everything_back() {
    passes_in_child("a_consumer_that_only_frees_gives_everything_back", || {
        let (send, receive) = mpsc::sync_channel::<Vec<Box<[u8]>>>(4);
        let consumer =
            thread::spawn(move || receive.iter().map(|batch| batch.len()).sum::<usize>());
        let start = resident();
        let mut most = 0;
        for round in 0..2000 {
            let batch = (0..500).map(|n| vec![1_u8; 16 + (n * 7) % 500].into());
            send.send(batch.collect()).expect("the consumer lives");
            if round % 100 == 0 {
                most = most.max(resident());
            }
        }
        drop(send);
        assert_eq!(consumer.join().expect("it ends"), 1_000_000);
        assert!(most < start + 16 * MIB, "{start} → {most}");
    });
}

/// A few blocks are no batch: only the clock sends them home, while the thread that freed them lives.
#[test]
fn a_few_blocks_come_home_while_the_thread_that_freed_them_goes_on() {
    passes_in_child(
        "a_few_blocks_come_home_while_the_thread_that_freed_them_goes_on",
        || {
            const LEN: usize = 3000;
            let lent: Vec<Box<[u8]>> = (0..4).map(|_| vec![1; LEN].into()).collect();
            let places: Vec<*const u8> = lent.iter().map(|block| block.as_ptr()).collect();
            let (done, is_done) = mpsc::channel();
            let (go, may_end) = mpsc::channel::<()>();
            let other = thread::spawn(move || {
                // A thread without a heap would send them home at once.
                drop(black_box(vec![0_u8; 16]));
                drop(lent);
                thread::sleep(Duration::from_millis(50));
                (0..40_000).for_each(|n| drop(black_box(vec![0_u8; 16 + n % 100])));
                done.send(()).expect("the owner waits");
                may_end.recv().expect("the owner says when");
            });
            is_done.recv().expect("it goes on");
            let again: Vec<Box<[u8]>> = (0..64).map(|_| vec![2; LEN].into()).collect();
            let n_home = again
                .iter()
                .filter(|block| places.contains(&block.as_ptr()));
            assert_eq!(n_home.count(), 4);
            go.send(()).expect("it waits");
            other.join().expect("it ends");
        },
    );
}

/// What the environment asks for, for longer runs by hand.
fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |n| n.parse().expect("a number"))
}

#[test]
fn every_heap_can_be_walked_while_threads_run() {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for seed in 1..=2 {
            let stop = &stop;
            scope.spawn(move || {
                let mut random = Random(seed);
                let mut kept: Vec<_> = (0..100).map(|_| Vec::new()).collect();
                while !stop.load(Ordering::Relaxed) {
                    kept[random.below(100)] = block(&mut random);
                }
            });
        }
        let mut random = Random(3);
        let mine: Vec<_> = (0..1000).map(|_| block(&mut random)).collect();
        for _ in 0..200 {
            GLOBAL.check().expect("sound heaps");
        }
        let stats = GLOBAL.stats();
        stop.store(true, Ordering::Relaxed);
        assert!(stats.n_used >= mine.len(), "{stats:?}");
    });
}

#[test]
fn short_threads_do_not_add_up() {
    passes_in_child("short_threads_do_not_add_up", || {
        let short = |n: usize| {
            thread::spawn(move || {
                let blocks: Vec<_> = (0..100).map(|i| vec![n as u8; 16 + i * 8]).collect();
                blocks.into_iter().map(|block| block.len()).sum::<usize>()
            })
        };
        let run = |n_threads: usize| {
            for n in 0..n_threads / 2 {
                let pair = [short(n), short(n + 1)];
                pair.into_iter()
                    .for_each(|thread| assert!(thread.join().expect("it ends") > 0));
            }
        };
        run(100);
        let start = resident();
        run(number("THREADS", 2000));
        let grown = resident().saturating_sub(start);
        // Freed blocks stay in quarantine for a while in the hardened mode.
        let most = if cfg!(feature = "hardened") {
            2 << 20
        } else {
            256 << 10
        };
        assert!(grown < most, "{grown} bytes more");
    });
}

#[test]
fn blocks_outlive_their_thread() {
    let made = thread::spawn(|| {
        let mut random = Random(7);
        (0..10_000).map(|_| block(&mut random)).collect::<Vec<_>>()
    });
    let blocks = made.join().expect("it ends");
    blocks.iter().for_each(|block| verify(block));
    // Another thread takes the heap over while its blocks are still in use here.
    let other = thread::spawn(|| {
        let mut random = Random(8);
        let more: Vec<_> = (0..10_000).map(|_| block(&mut random)).collect();
        more.iter().for_each(|block| verify(block));
        more
    });
    drop(blocks);
    other
        .join()
        .expect("it ends")
        .iter()
        .for_each(|block| verify(block));
}

struct AllocatesLate(#[allow(dead_code, reason = "it is dropped")] Vec<u8>);

impl Drop for AllocatesLate {
    fn drop(&mut self) {
        let late: Vec<_> = (0..100).map(|n| vec![n as u8; n * 10]).collect();
        assert_eq!(late[99].len(), 990);
    }
}

#[test]
fn destructors_of_thread_locals_allocate() {
    thread_local! {
        static LATE: AllocatesLate = AllocatesLate(vec![1; 100]);
    }
    for _ in 0..50 {
        thread::spawn(|| LATE.with(|_| ())).join().expect("it ends");
    }
}

/// Children of a process whose other threads allocate all the time.
#[test]
fn every_child_of_a_fork_allocates() {
    passes_in_child("every_child_of_a_fork_allocates", || {
        let n_children = number("FORKS", 200);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for seed in 1..=3 {
                let stop = &stop;
                scope.spawn(move || {
                    let mut random = Random(seed);
                    let mut kept: Vec<_> = (0..100).map(|_| Vec::new()).collect();
                    while !stop.load(Ordering::Relaxed) {
                        kept[random.below(100)] = block(&mut random);
                    }
                });
            }
            for n in 0..n_children {
                assert!(child_allocates(), "child {n}");
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// Whether a child can allocate and free blocks of all kinds, within ten seconds.
fn child_allocates() -> bool {
    // SAFETY: the child calls the allocator, which is what is tested, and `_exit`.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(10);
            let mut random = Random(99);
            let blocks: Vec<_> = (0..1000).map(|_| block(&mut random)).collect();
            let large = vec![1_u8; MIB];
            let is_sound = blocks.iter().all(|block| !block.is_empty()) && large[MIB - 1] == 1;
            drop((blocks, large));
            libc::_exit(i32::from(!is_sound));
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0) == child
            && libc::WIFEXITED(status)
            && libc::WEXITSTATUS(status) == 0
    }
}

#[test]
fn misuse_ends_the_process_with_a_line() {
    let misuses: [(&str, fn()); 4] = [
        ("freed twice", || {
            let block = Box::into_raw(Box::new(1_u64));
            // SAFETY: the second is the mistake that is found.
            drop(unsafe { (Box::from_raw(block), Box::from_raw(block)) });
        }),
        ("freed twice", || {
            let block = Box::new(1_u64);
            let free_there = move || {
                let block = Box::into_raw(block);
                // SAFETY: the second is the mistake that is found.
                drop(unsafe { (Box::from_raw(block), Box::from_raw(block)) });
            };
            drop(thread::spawn(free_there).join());
        }),
        ("no block of this heap", || {
            let mut on_stack = 0_u64;
            // SAFETY: this is the mistake that is found.
            drop(unsafe { Box::from_raw(&raw mut on_stack) });
        }),
        ("no block of this heap", || {
            let block = Box::into_raw(Box::new([0_u8; 64]));
            // SAFETY: this is the mistake that is found.
            drop(unsafe { Box::from_raw(block.cast::<u8>().wrapping_add(4)) });
        }),
    ];
    for (index, (message, misuse)) in misuses.iter().enumerate() {
        let chosen = std::env::var("MISUSE").map(|n| n.parse::<usize>());
        if let Ok(chosen) = chosen {
            if chosen == Ok(index) {
                misuse();
            }
            continue;
        }
        let binary = std::env::current_exe().expect("the test's own path");
        let child = Command::new(binary)
            .args([
                "misuse_ends_the_process_with_a_line",
                "--exact",
                "--nocapture",
            ])
            .env("MISUSE", index.to_string())
            .output()
            .expect("a child process");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(
            !child.status.success() && said.contains(message),
            "{index}: {said}"
        );
    }
}

/// Address space is limited before the program starts, so that no heap has as much as it wants.
#[test]
fn exhaustion_is_an_error_and_the_program_goes_on() {
    let name = "exhaustion_is_an_error_and_the_program_goes_on";
    if std::env::var_os("LIMITED").is_none() {
        let mut child = Command::new(std::env::current_exe().expect("the test's own path"));
        child
            .args([name, "--exact", "--nocapture"])
            .env("LIMITED", "1");
        // SAFETY: the function calls `setrlimit` and nothing else.
        unsafe { child.pre_exec(|| limit_address_space(700 * MIB)) };
        let output = child.output().expect("a child process");
        assert!(output.status.success(), "{output:?}");
        return;
    }
    // The hardened mode's heaps keep more address space for themselves.
    let least = if cfg!(feature = "hardened") { 60 } else { 100 };
    for size in [24, 1000, 20_000, MIB, 40 * MIB] {
        let total = exhaust(size);
        assert!(total > least * MIB, "{total} bytes in blocks of {size}");
        GLOBAL.purge();
    }
    assert_eq!(vec![1_u8; 100][99], 1);
    let after = thread::spawn(|| vec![1_u8; MIB]).join();
    assert_eq!(after.expect("a thread has room again").len(), MIB);
}

/// Allocates blocks until there is no room, frees them, and returns how many bytes they had.
fn exhaust(size: usize) -> usize {
    let mut last: *mut *mut u8 = std::ptr::null_mut();
    let mut total = 0;
    let layout = Layout::from_size_align(size, 8).expect("a valid layout");
    // SAFETY: each block has room for the pointer to the one before, and goes back once.
    unsafe {
        loop {
            let block = GLOBAL.alloc(layout).cast::<*mut u8>();
            if block.is_null() {
                break;
            }
            block.write(last.cast());
            last = block;
            total += size;
        }
        while !last.is_null() {
            let before = last.read();
            GLOBAL.dealloc(last.cast(), layout);
            last = before.cast();
        }
    }
    total
}

fn limit_address_space(bytes: usize) -> std::io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: bytes as libc::rlim_t,
        rlim_max: bytes as libc::rlim_t,
    };
    // SAFETY: the struct outlives the call.
    match unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}
