//! Identical workloads on every stage, on libc malloc and on the best known allocators.

pub mod trace;
