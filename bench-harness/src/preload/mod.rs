//! Any library with a `malloc`, in the place of libc's: on traces, and on real commands.
//!
//! The dynamic linker loads a library named in `LD_PRELOAD` first, so that the program's calls of
//! `malloc` and its family find that library's. The harness itself does not call them.

mod command;
mod ground;
mod library;
mod measure;
mod row;
mod run;
mod table;

pub use command::Plan;
pub(crate) use ground::ground;
pub use library::{Library, ensure_loaded};
pub(crate) use measure::Measure;
pub use row::{CommandReport, CommandRow, Spread};
pub use run::{Exit, Run};
pub(crate) use table::{answers, means_table, table, tables};
