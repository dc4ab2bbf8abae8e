//! The tests of this crate, in one program: to link a program for each file takes longer than to run
//! them.

mod advise;
mod ci;
mod cli;
mod clusters;
mod contests;
mod explain;
mod global;
mod measures;
#[cfg(target_env = "gnu")]
mod preload;
mod replay;
mod report_browser;
mod results;
mod saved;
mod static_heap;
mod support;
mod trace_workloads;
mod workloads_cli;
mod workloads_closed_loop;
mod workloads_docs;
mod workloads_expose;
mod workloads_profile;
mod workloads_threads;
