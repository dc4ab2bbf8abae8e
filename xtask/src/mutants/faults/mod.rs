//! The faults: mistakes that allocators shipped with, or that are easily made.

mod bump;
mod coalescing;
mod core_api;
mod fit_strategies;
mod freelist;
mod headerless;
mod mmap_backed;
mod preload;
mod thread_cached;
mod trace;
mod wasm;

use super::fault::Fault;

/// The faults of each crate.
const TABLES: &[&[Fault]] = &[
    core_api::FAULTS,
    bump::FAULTS,
    freelist::FAULTS,
    fit_strategies::FAULTS,
    coalescing::FAULTS,
    headerless::FAULTS,
    wasm::FAULTS,
    mmap_backed::FAULTS,
    thread_cached::FAULTS,
    preload::FAULTS,
    trace::FAULTS,
];

/// All of them, those of the lowest crates first.
pub(crate) fn faults() -> impl Iterator<Item = &'static Fault> {
    TABLES.iter().copied().flatten()
}
