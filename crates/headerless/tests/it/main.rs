//! The tests of this crate, in one program: linking a program for each file takes longer than running the
//! tests.

mod common;
mod contract;
mod merging;
mod misuse;
mod model;
mod provenance;
mod source;
mod vital_statistics;
