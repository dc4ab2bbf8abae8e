//! The contract that every stage keeps, and generated programs with everything purged between.

use crate::support::capped::Capped;
use core_api::Inspect;
use core_api::testing::{Contract, programs};
use proptest::prelude::*;
use thread_cached::{PrivateHeap, ThreadCached};

fn heap() -> PrivateHeap {
    PrivateHeap::new().expect("address space")
}

#[test]
fn a_heap_of_ones_own() {
    Contract::new("thread-cached heap", |_| Capped::new(heap()))
        .own_memory()
        .inspected()
        .sizeless()
        .run();
}

#[test]
fn the_threads_heaps() {
    Contract::new("thread-cached", |_| Capped::new(ThreadCached::new()))
        .own_memory()
        .sizeless()
        .handle()
        .run();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Sweeping and purging in the middle of a program changes nothing that the program can see.
    #[test]
    fn purging_at_any_time_is_not_seen(program in programs()) {
        let mut heap = Capped::with(heap(), |heap| {
            heap.purge();
        });
        program
            .run(&mut heap, &mut |heap: &Capped<PrivateHeap>| heap.check())
            .map_err(|failure| TestCaseError::fail(failure.to_string()))?;
    }
}
