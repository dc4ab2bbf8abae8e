//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod adapters;
#[cfg(unix)]
mod fatal;
mod honest;
mod kit_catches;
mod looking;
mod memory;
mod programs;
