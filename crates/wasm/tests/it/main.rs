//! The tests of this crate, in one program: linking a program for each file takes longer than running the
//! tests.

mod common;
mod contract;
mod growth;
mod model;
mod provenance;
mod sweeps;
mod vital_statistics;
