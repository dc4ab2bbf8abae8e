//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

#[path = "../support/mod.rs"]
mod support;

mod contract;
mod direct;
mod returning;
mod vital_statistics;
