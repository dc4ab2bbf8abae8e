//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod addresses;
mod bytes_per_block;
#[cfg(unix)]
mod checked;
mod common;
mod contract;
mod deferring;
mod merging;
mod misuse;
mod provenance;
mod regions;
mod resizing;
mod vital_statistics;
#[cfg(target_os = "linux")]
mod worst_case;
mod zeroed;
