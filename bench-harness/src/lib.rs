//! Identical workloads on every stage, on libc malloc and on the best known allocators.
//!
//! | module | what it does |
//! |---|---|
//! | [`trace`], [`workloads`] | recorded and generated allocation calls |
//! | [`record`], [`trace_command`] | a program's calls as a trace; what can be done with traces |
//! | [`allocators`], [`peers`], [`subject`] | the table of allocators and what can be asked of one |
//! | [`script`], [`replay`], [`verify`] | a trace made ready, the timed loop, the distrustful loop |
//! | [`job`], [`child`], [`mod@bench`] | one process for each question, and who is asked what and when |
//! | [`report`] | results as data, as tables and as Markdown |
//! | [`flat`], [`conformance`] | cost against live blocks; the contract suite on the peers |
//!
//! The harness allocates nothing through an allocator under test: it runs on dlmalloc, so that
//! libc's heap is as a program finds it, and no replay loop allocates.

pub mod allocators;
pub mod bench;
pub mod bisect;
pub mod child;
pub mod cli;
pub mod commands;
pub mod conformance;
mod faulty;
pub mod flat;
pub mod job;
pub mod limits;
pub mod machine;
pub mod memory;
mod null;
mod output;
pub mod peers;
pub mod process;
pub mod record;
pub mod replay;
pub mod report;
pub mod script;
pub mod select;
pub mod subject;
pub mod trace;
pub mod trace_command;
pub mod verify;
pub mod workloads;

/// The harness's own memory. bumpalo takes its chunk from here, too.
#[global_allocator]
static GLOBAL: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
