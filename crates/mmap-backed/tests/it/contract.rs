//! The contract that every stage keeps, and generated programs on reservations of any length.

use crate::support::capped::Capped;
use core_api::checks::{self, Tier};
use core_api::testing::{Contract, programs};
use core_api::{Checked, Inspect};
use mmap_backed::{Global, MmapHeap};
use proptest::prelude::*;

#[test]
fn granules_of_8() {
    Contract::new("mmap-backed", |_| Capped::new(MmapHeap::<8>::new()))
        .own_memory()
        .inspected()
        .sizeless()
        .run();
}

#[test]
fn granules_of_16() {
    Contract::new("mmap-backed, 16", |_| Capped::new(MmapHeap::<16>::new()))
        .own_memory()
        .inspected()
        .sizeless()
        .run();
}

fn keeps_the_contract_with<T: Tier>(name: &str) {
    let make = |_| Capped::new(Checked::<_, T>::new(MmapHeap::<8>::new()));
    Contract::new(name, make)
        .own_memory()
        .cases(16)
        .inspected()
        .sizeless()
        .run();
}

#[test]
fn each_tier_of_checks_keeps_the_contract() {
    keeps_the_contract_with::<checks::None>("mmap-backed, no checks");
    keeps_the_contract_with::<checks::Full>("mmap-backed, full checks");
}

#[test]
fn handles_of_the_process() {
    Contract::new("mmap-backed, global", |_| Capped::new(Global::new()))
        .own_memory()
        .cases(16)
        .handle()
        .run();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// The reservation is often too short, so blocks move between heap and mappings.
    #[test]
    fn a_full_reservation_breaks_nothing(
        program in programs(),
        limit in (0..=512_usize).prop_map(|kib| kib << 10),
    ) {
        let mut heap = Capped::new(MmapHeap::<8>::with_limit(limit));
        program
            .run(&mut heap, &mut |heap: &Capped<MmapHeap>| heap.check())
            .map_err(|failure| TestCaseError::fail(failure.to_string()))?;
    }

    /// Purging in the middle of a program changes nothing that the program can see.
    #[test]
    fn purging_at_any_time_is_not_seen(program in programs()) {
        let mut heap = Capped::with(MmapHeap::<8>::new(), |heap| {
            heap.purge();
        });
        program
            .run(&mut heap, &mut |heap: &Capped<MmapHeap>| heap.check())
            .map_err(|failure| TestCaseError::fail(failure.to_string()))?;
    }
}
