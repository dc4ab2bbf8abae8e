//! The test kit finds every broken promise, and nothing where there is none.

use crate::honest::{Fault, Honest};
use core_api::testing::{Contract, Failure};

/// The model alone finds the fault and says `expected`, without looking into the heap.
#[track_caller]
fn caught(fault: Fault, expected: &str) {
    let contract = Contract::new("faulty", Honest::with(fault)).cases(64);
    told(fault, contract.verify(), expected);
}

/// As [`caught`], for faults after which nothing further should be tried.
#[track_caller]
fn caught_first(fault: Fault, expected: &str) {
    let verdict = Contract::new("faulty", Honest::with(fault)).try_run();
    told(fault, verdict.err().into_iter().collect(), expected);
}

/// The fault is found by looking into the heap, or by freeing without a layout.
#[track_caller]
fn seen(fault: Fault, expected: &str) {
    let contract = Contract::new("faulty", Honest::with(fault)).cases(64);
    told(fault, contract.inspected().sizeless().verify(), expected);
}

/// One of the findings says `expected`.
#[track_caller]
fn told(fault: Fault, findings: Vec<Failure>, expected: &str) {
    let is_told = findings
        .iter()
        .any(|failure| failure.to_string().contains(expected));
    assert!(
        is_told,
        "{fault:?} is not told as \"{expected}\": {findings:#?}"
    );
}

#[test]
fn an_honest_allocator_passes() {
    Contract::new("honest", Honest::new)
        .inspected()
        .sizeless()
        .run();
}

#[test]
fn alignment_ignored() {
    caught(Fault::AlignmentIgnored, "is misaligned");
}

#[test]
fn block_too_short() {
    caught(Fault::BlockTooShort, "is shorter than asked for");
}

#[test]
fn check_fails() {
    seen(Fault::CheckFails, "I1: there are few pieces");
}

#[test]
fn error_overwrites() {
    caught(Fault::ErrorOverwrites, "after a call that failed");
}

#[test]
fn free_does_nothing() {
    caught(Fault::FreeDoesNothing, "must succeed: there is room");
}

#[test]
fn grow_ignores_alignment() {
    caught(Fault::GrowIgnoresAlignment, "is misaligned");
}

#[test]
fn grow_loses_last_byte() {
    caught(Fault::GrowLosesLastByte, "lost its content");
}

#[test]
fn grown_tail_not_zeroed() {
    caught(Fault::GrownTailNotZeroed, "is not zero at byte");
}

#[test]
fn in_place_takes_used_neighbour() {
    caught_first(Fault::InPlaceTakesUsedNeighbour, "overlaps block #");
}

#[test]
fn length_beyond_block() {
    caught_first(Fault::LengthBeyondBlock, "overlaps block #");
}

#[test]
fn merge_forgotten() {
    caught(Fault::MergeForgotten, "every block was freed, but");
}

#[test]
fn not_zeroed() {
    caught(Fault::NotZeroed, "is not zero at byte");
}

#[test]
fn overlap_by_one_granule() {
    caught_first(Fault::OverlapByOneGranule, "overlaps block #");
}

#[test]
fn padding_leaks() {
    caught(Fault::PaddingLeaks, "every block was freed, but");
}

#[test]
fn panics_when_full() {
    caught(Fault::PanicsWhenFull, "panicked: the heap is full");
}

#[test]
fn region_end_ignored() {
    caught_first(Fault::RegionEndIgnored, "is not inside Region(");
}

#[test]
fn shrink_copies_nothing() {
    caught(Fault::ShrinkCopiesNothing, "lost its content");
}

#[test]
fn size_overflows() {
    caught_first(Fault::SizeOverflows, "is shorter than asked for");
}

#[test]
fn stats_count_one_too_many() {
    seen(Fault::StatsCountOneTooMany, "the statistics are");
}

#[test]
fn tied_to_its_address() {
    caught(Fault::TiedToItsAddress, "moved before every call");
}

#[test]
fn usable_size_too_large() {
    seen(Fault::UsableSizeTooLarge, "through SizelessFree");
}

#[test]
fn walk_skips_free() {
    seen(Fault::WalkSkipsFree, "the walk");
}

#[test]
fn writes_before_region() {
    caught(
        Fault::WritesBeforeRegion,
        "a byte was written 1 bytes before the region",
    );
}

#[test]
fn zero_sizes_share_an_address() {
    caught(Fault::ZeroSizesShareAnAddress, "overlaps block #");
}
