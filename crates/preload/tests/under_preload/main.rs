//! Programs that run on the library: made for it, and real ones.
//!
//! Those in C and C++ are compiled when a test wants them. Without a compiler their tests say so and
//! pass; the same for real programs that are not installed. `cargo test -p preload -- --ignored`
//! runs the long ones.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod build;
mod conformance;
mod faults;
mod installed;
mod lifecycle;
mod misuse;
mod notes;
mod operators;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod probes;
mod profile;
mod programs;
mod run;
mod stages;
mod stats;
