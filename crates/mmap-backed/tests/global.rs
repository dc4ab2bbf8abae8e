//! A program that runs on it: this one.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use mmap_backed::Global;
use support::{Random, in_child, passes_in_child, resident};

#[global_allocator]
static GLOBAL: Global = Global::new();

/// Allocates, checks and frees blocks of all kinds for a while.
fn work(seed: u64, rounds: usize) {
    let mut random = Random(seed);
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for round in 0..rounds {
        let size = 1 << random.below(if round % 64 == 0 { 20 } else { 11 });
        kept.push(vec![seed as u8; size + random.below(size)]);
        if kept.len() > 100 {
            let bytes = kept.swap_remove(random.below(100));
            assert!(bytes.iter().all(|&byte| byte == seed as u8));
        }
    }
}

#[test]
fn threads_share_it() {
    thread::scope(|scope| {
        for seed in 1..=8 {
            scope.spawn(move || work(seed, 5_000));
        }
    });
    GLOBAL.check().expect("a sound heap");
}

#[test]
fn blocks_are_freed_by_other_threads() {
    let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(64);
    let consumer = thread::spawn(move || receiver.iter().map(|bytes| bytes.len()).sum::<usize>());
    for n in 0..20_000 {
        sender.send(vec![1; n % 300]).expect("a consumer");
    }
    drop(sender);
    assert_eq!(
        consumer.join().expect("a sum"),
        (0..20_000).map(|n| n % 300).sum()
    );
    GLOBAL.check().expect("a sound heap");
}

#[test]
fn children_of_a_busy_program_can_allocate() {
    passes_in_child("children_of_a_busy_program_can_allocate", || {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for seed in 1..=4 {
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        work(seed, 500);
                    }
                });
            }
            let failed = (0..250).filter(|_| !child_allocates_and_exits()).count();
            stop.store(true, Ordering::Relaxed);
            assert_eq!(failed, 0, "of 250 children");
        });
        GLOBAL.check().expect("a sound heap");
    });
}

/// Forks; whether the child could allocate. One that hangs is ended by an alarm.
fn child_allocates_and_exits() -> bool {
    // SAFETY: the child calls what is allowed after a fork in a program with threads, and this
    // allocator, which says that it is.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no process for the child");
    if pid == 0 {
        // SAFETY: always allowed.
        unsafe { libc::alarm(30) };
        work(9, 300);
        let code = i32::from(GLOBAL.check().is_err());
        // SAFETY: always allowed.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: the status outlives the call.
    let waited = unsafe { libc::waitpid(pid, &mut status, 0) };
    waited == pid && status == 0
}

#[test]
fn a_program_returns_to_its_size_after_a_ramp() {
    passes_in_child("a_program_returns_to_its_size_after_a_ramp", || {
        work(5, 2_000);
        let start = resident();
        let mut random = Random(2);
        let ramp: Vec<Vec<u8>> = (0..300_000)
            .map(|_| vec![1; 16 << random.below(6)])
            .collect();
        let peak = resident();
        assert!(peak > start + 30_000_000);
        drop(ramp);
        let end = resident();
        println!("resident: {start} → {peak} → {end}, {:?}", GLOBAL.mapped());
        assert!(end <= start + start / 10, "{start} → {peak} → {end}");
    });
}

#[test]
fn a_double_free_ends_the_process_with_a_line() {
    let output = in_child("a_double_free_ends_the_process_with_a_line", || {
        let layout = std::alloc::Layout::new::<[u64; 4]>();
        // SAFETY: the second free is the mistake that must be found.
        unsafe {
            let block = std::hint::black_box(std::alloc::alloc(layout));
            std::alloc::dealloc(block, layout);
            std::alloc::dealloc(block, layout);
        }
    });
    if let Some(output) = output {
        assert!(!output.status.success());
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(
            complained.contains("a block was freed twice"),
            "{complained}"
        );
    }
}

#[test]
fn every_handle_is_the_same_heap() {
    let block = vec![0_u8; 1 << 20];
    assert!(Global::default().mapped().n_direct >= 1);
    assert!(Global::new().stats().used >= block.len());
    assert!(GLOBAL.mapped().accessible() >= block.len());
    Global::new().purge();
    assert!(block.iter().all(|&byte| byte == 0));
}
