//! Loops on one allocator, which a feature chooses, as a WebAssembly module without imports. The host calls a
//! loop with a number of steps and reads the clock itself.
//!
//! The loops call [`std::alloc`], so what a program pays between its own code and the allocator is part of
//! each step.

mod dice;
mod heap;
mod loops;

use loops::{Churn, chain, pair, random};

/// Does nothing: what a call from the host costs.
#[unsafe(no_mangle)]
pub extern "C" fn nothing() {}

/// Takes and frees a block of 32 bytes, `n` times.
#[unsafe(no_mangle)]
pub extern "C" fn run_pair(n: u32) -> u32 {
    pair(n)
}

/// Fills the table of live blocks for [`run_churn`].
#[unsafe(no_mangle)]
pub extern "C" fn fill_churn() -> u32 {
    Churn::with(Churn::fill)
}

/// Replaces a random live block by another, `n` times.
#[unsafe(no_mangle)]
pub extern "C" fn run_churn(n: u32) -> u32 {
    Churn::with(|churn| churn.replace(n))
}

/// Makes `n` random requests, frees and resizes, and frees what is left.
#[unsafe(no_mangle)]
pub extern "C" fn run_random(n: u32, seed: u32) -> u32 {
    random(n, seed)
}

/// Doubles a block from 16 bytes to 1 MiB, `n` times.
#[unsafe(no_mangle)]
pub extern "C" fn run_chain(n: u32) -> u32 {
    chain(n)
}
