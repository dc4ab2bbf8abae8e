//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod contract;
mod provenance;
mod reset;
mod sources;
mod vital_statistics;
