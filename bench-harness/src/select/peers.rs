//! Which peers a run compares.

use crate::allocators::{BASELINE, Category, Entry, Role};

/// The peers of a run that does not say which: the best known, and few enough for its time.
pub(super) const DEFAULT_PEERS: &[&str] = &[
    BASELINE,
    "libc-again",
    "talc",
    "rlsf",
    "dlmalloc",
    "buddy",
    "linked_list",
    "bumpalo",
];

/// Which peers a run compares that names no allocators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Peers {
    /// The stages and libc only.
    None,
    /// The best known fixed heaps and one arena.
    #[default]
    Few,
    /// All that are written in Rust.
    Rust,
    /// Those in C and C++ as well.
    All,
}

impl Peers {
    /// Whether `entry` is among the rows.
    pub(super) fn include(self, entry: &Entry) -> bool {
        match (entry.role, self) {
            (Role::Hidden, _) => false,
            (Role::Stage, _) => true,
            (_, Self::None) => entry.category == Category::Libc,
            (_, Self::Few) => DEFAULT_PEERS.contains(&entry.name),
            (_, Self::Rust) => entry.category != Category::CGlobal,
            (_, Self::All) => true,
        }
    }
}
