//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod common;
mod contract;
mod merging;
mod misuse;
mod model;
mod provenance;
mod source;
mod vital_statistics;
