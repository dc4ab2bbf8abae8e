//! The bench harness with allocators in C and C++ in its table.
//!
//! `cargo xtask bench --peers all` builds and runs it. Each peer is a feature, so that what cannot
//! be built on a machine is left out. The second version of mimalloc has the symbols of the third
//! and cannot be in the same program: `xtask` builds it as a library, which is preloaded.

use std::process::ExitCode;

use bench_harness::allocators::{Category, Entry};
use bench_harness::machine::locked_version;
use bench_harness::peers::global;

const LOCK: &str = include_str!("../Cargo.lock");

fn main() -> ExitCode {
    bench_harness::program::main(peers)
}

/// Adding a peer is adding a line here, a dependency and a feature.
///
/// The versions are those of the packages that hold the C sources.
#[rustfmt::skip]
fn peers() -> Vec<Entry> {
    vec![
        #[cfg(feature = "mimalloc")]
        Entry::peer("mimalloc", "libmimalloc-sys", locked_version(LOCK, "libmimalloc-sys"), Category::CGlobal, "version 3: pages of one size, sharded free lists", |_| global(&mimalloc::MiMalloc)),
        #[cfg(feature = "jemalloc")]
        Entry::peer("jemalloc", "tikv-jemalloc-sys", locked_version(LOCK, "tikv-jemalloc-sys"), Category::CGlobal, "arenas of extents, slabs, caches that decay", |_| global(&tikv_jemallocator::Jemalloc)),
        #[cfg(feature = "snmalloc")]
        Entry::peer("snmalloc", "snmalloc-sys", locked_version(LOCK, "snmalloc-sys"), Category::CGlobal, "slabs, remote frees by message", |_| global(&snmalloc_rs::SnMalloc)),
        #[cfg(feature = "rpmalloc")]
        Entry::peer("rpmalloc", "rpmalloc-sys", locked_version(LOCK, "rpmalloc-sys"), Category::CGlobal, "spans of one size, caches of spans", |_| global(&rpmalloc::RpMalloc)),
    ]
}
