//! Generates programs for property tests, with sizes at which allocators tend to fail.

use core::ops::RangeInclusive;

use proptest::prelude::*;

use super::{Op, Program};

/// The bytes on either side of a power of two that count as "around" it: enough for a header and a granule.
const AROUND: usize = 24;

/// Generates sizes in bytes: mostly small, often around a power of two, sometimes large, rarely impossible.
pub fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        8 => 0..=128_usize,
        4 => 0..=1024_usize,
        4 => around_powers_of_two(4..=12),
        2 => around_powers_of_two(12..=16),
        1 => around_powers_of_two(16..=usize::BITS / 2 + 2),
        1 => (0..=4096_usize).prop_map(|below| isize::MAX as usize - below),
    ]
}

fn around_powers_of_two(exponents: RangeInclusive<u32>) -> impl Strategy<Value = usize> {
    (exponents, 0..=2 * AROUND)
        .prop_map(|(exponent, delta)| ((1_usize << exponent) + delta).saturating_sub(AROUND))
}

/// Generates alignments: mostly 8 and 16, up to 4,096.
pub fn alignments() -> impl Strategy<Value = usize> {
    prop_oneof![
        6 => Just(8_usize),
        2 => Just(16_usize),
        2 => (0..=2_u32).prop_map(|log2| 1 << log2),
        2 => (5..=12_u32).prop_map(|log2| 1 << log2),
    ]
}

/// Generates single operations.
pub fn ops() -> impl Strategy<Value = Op> {
    let which = || 0..64_usize;
    // Boxed: otherwise each operation's strategy contains every choice, hundreds of words that are copied again
    // and again.
    let sizes = || sizes().boxed();
    let alignments = || alignments().boxed();
    // Mostly `None`, which keeps the alignment.
    let new_alignments = || prop::option::weighted(0.25, alignments());
    prop_oneof![
        8 => (sizes(), alignments()).prop_map(|(size, align)| Op::Allocate { size, align }),
        2 => (sizes(), alignments()).prop_map(|(size, align)| Op::AllocateZeroed { size, align }),
        6 => which().prop_map(|which| Op::Deallocate { which }),
        2 => (which(), sizes()).prop_map(|(which, to)| Op::ResizeInPlace { which, to }),
        2 => (which(), sizes(), new_alignments())
            .prop_map(|(which, by, align)| Op::Grow { which, by, align }),
        1 => (which(), sizes(), new_alignments())
            .prop_map(|(which, by, align)| Op::GrowZeroed { which, by, align }),
        2 => (which(), sizes(), new_alignments())
            .prop_map(|(which, to, align)| Op::Shrink { which, to, align }),
    ]
}

/// Generates programs of up to 160 operations. They shrink to few operations with small sizes.
pub fn programs() -> impl Strategy<Value = Program> {
    prop::collection::vec(ops(), 0..=160).prop_map(Program::new)
}
