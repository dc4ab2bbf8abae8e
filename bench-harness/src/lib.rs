//! Identical workloads on every stage, on libc malloc and on the best known allocators.
//!
//! | module | what it does |
//! |---|---|
//! | [`trace`], [`workloads`] | recorded and generated allocation calls |
//! | [`allocators`], [`peers`], [`subject`] | the table of allocators and what can be asked of one |
//! | [`script`], [`replay`], [`verify`] | a trace made ready, the timed loop, the distrustful loop |
//! | [`preload`] | any library with a `malloc`, on traces and on real commands |
//! | [`programs`] | real programs on inputs that are made here |
//! | [`job`], [`child`], [`mod@bench`] | one process for each question, and who is asked what and when |
//! | [`measure`] | what is measured beside time and footprint |
//! | [`report`], [`output`] | results as data, as tables, as Markdown and as a page |
//! | [`shard`] | a run in parts |
//! | [`threads`] | replay on several threads |
//! | [`closed_loop`] | workloads that react to the allocator |
//! | [`arenas`] | one allocation of `bump` and of other arenas |
//! | [`advise`] | which allocator suits a program |
//! | [`count`] | what a program asks of an allocator, without a clock |
//! | [`explain`] | what each resident byte of a replay is for |
//! | [`contest`] | a stage against its nearest peers, and its bars |
//! | [`global`] | micro-benchmarks of what a whole program runs on |
//! | [`grade`] | a reader's own allocator: the contract, the traces, and points for both |
//! | [`flat`], [`conformance`] | cost against live blocks; the contract suite on the peers |
//!
//! The harness allocates nothing through an allocator under test: it runs on dlmalloc, so that
//! libc's heap is as a program finds it, and no replay loop allocates.

pub mod advise;
pub mod allocators;
pub mod arenas;
pub mod bench;
pub mod bisect;
pub mod child;
pub mod cli;
pub mod closed_loop;
pub mod commands;
pub mod conformance;
pub mod contest;
pub mod count;
mod entry;
mod erased;
pub mod explain;
mod faulty;
pub mod flat;
pub mod global;
mod goals;
pub mod grade;
pub mod job;
pub mod limits;
pub mod machine;
pub mod measure;
pub mod memory;
mod noted;
mod null;
pub mod output;
pub mod packed;
mod pattern;
pub mod peers;
pub mod preload;
pub mod process;
pub mod program;
pub mod programs;
pub mod replay;
pub mod report;
pub mod script;
pub mod select;
pub mod shard;
pub mod subject;
pub mod threads;
pub mod tight;
mod together;
pub mod verify;
pub mod workloads;

pub use alloc_trace as trace;

/// The harness's own memory. bumpalo takes its chunk from here, too.
#[global_allocator]
static GLOBAL: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
