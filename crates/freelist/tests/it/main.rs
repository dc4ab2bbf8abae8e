//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod blocks;
mod contract;
mod corruption;
mod misuse;
mod provenance;
mod sources;
mod vital_statistics;
