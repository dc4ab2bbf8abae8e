//! Faults that the tests must catch, as the lists in `xtask/mutants/faults` have them.

mod fault;

pub use fault::{Fault, read};
