//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

#![cfg_attr(std_allocator_is_unstable, feature(allocator_api))]

mod adapters;
mod api2;
#[cfg(unix)]
mod fatal;
mod forgetful;
mod handles;
mod honest;
mod kit_catches;
mod looking;
mod memory;
mod programs;
mod recording;
