//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

#[path = "../../../mmap-backed/tests/support/mod.rs"]
mod support;

mod committing;
mod contract;
mod growing;
mod huge_pages;
mod layouts;
mod returning;
#[cfg(not(feature = "hardened"))]
mod vital_statistics;
