//! What the library does before `main` and after it.

use crate::{heap, options, profile, stats, tier};

/// Runs before `main`, when the environment is available.
extern "C" fn start() {
    heap::explain_misuse();
    options::read();
    tier::begin();
    profile::begin();
    stats::begin();
}

/// Runs after `main` and after the program's exit handlers.
extern "C" fn finish() {
    profile::finish();
    stats::finish();
}

#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

#[used]
#[unsafe(link_section = ".fini_array")]
static FINISH: extern "C" fn() = finish;
