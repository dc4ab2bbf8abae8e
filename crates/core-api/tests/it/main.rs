//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod adapters;
mod api2;
#[cfg(unix)]
mod fatal;
mod forgetful;
mod honest;
mod kit_catches;
mod looking;
mod memory;
mod programs;
mod recording;
