//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod choices;
mod common;
mod contract;
mod misuse;
mod programs;
mod provenance;
mod split;
mod sweep;
mod textbook;
mod vital_statistics;
