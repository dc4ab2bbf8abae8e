//! Explains the memory of a replay: what each resident byte is for at some moments, and who keeps free bytes from being
//! given back.
//!
//! | file | what is in it |
//! |---|---|
//! | `args.rs` | the options |
//! | `replay.rs` | the replay, in a process of its own, and its moments |
//! | `account.rs` | the heap walk, page by page |
//! | `pages.rs` | which pages are resident |
//! | `sites.rs` | who asked for each block: the call stack, or the size |
//! | `text.rs`, `page.rs` | the bars in a terminal and as a page |
//!
//! An allocator whose heap can be walked is explained wholly. Of libc, its own statistics are asked; of others,
//! nothing is known but what the program requested and what is resident.

mod account;
mod args;
mod page;
mod pages;
mod replay;
mod sites;
mod text;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::output::{print, shown, write};
use crate::script::Script;
use crate::select::Wishes;
use crate::trace::Trace;
pub use args::ExplainArgs;
pub(crate) use replay::explained;

/// What an allocator holds over a replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    allocator: String,
    moments: Vec<Moment>,
    /// Free bytes in partly used pages by who keeps them, at the moment with the most: the most first.
    pins: Vec<Pin>,
    /// The moment of the pins: calls before it.
    pinned_at: usize,
}

/// The memory after a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Moment {
    /// Calls so far.
    op: usize,
    /// Anonymous memory of the process beyond that before the replay, by the kernel's count.
    resident: usize,
    parts: Parts,
}

/// What bytes are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    /// Requested and not freed.
    live: usize,
    /// Beyond the request in a used block.
    padding: usize,
    /// Free, in pages with used blocks.
    partly: usize,
    /// Resident pages without a used block.
    free: usize,
    /// The allocator's own.
    metadata: usize,
    /// Free pages that belong to a huge page.
    huge: usize,
}

/// Free bytes that a site's blocks keep in their pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pin {
    site: String,
    bytes: usize,
    /// Blocks of the site that are live then.
    n_blocks: usize,
}

/// What the parts are called, in the order of the bars, with the sign of each.
const PARTS: [(&str, char); 6] = [
    ("live", '#'),
    ("padding", '+'),
    ("free in partly used pages", 'o'),
    ("free pages", '.'),
    ("metadata", 'm'),
    ("huge-page slack", 'h'),
];

impl Parts {
    /// In the order of [`PARTS`].
    fn all(self) -> [usize; PARTS.len()] {
        let Self {
            live,
            padding,
            partly,
            free,
            metadata,
            huge,
        } = self;
        [live, padding, partly, free, metadata, huge]
    }

    fn sum(self) -> usize {
        self.all().iter().sum()
    }
}

impl Moment {
    /// The explained bytes over the resident ones; 1 if all are explained.
    fn ratio(self) -> f64 {
        self.parts.sum() as f64 / self.resident.max(1) as f64
    }

    /// The parts, in the order of [`PARTS`], and the resident bytes that none of them explains.
    fn bar(self) -> impl Iterator<Item = usize> {
        let rest = self.resident.saturating_sub(self.parts.sum());
        self.parts.all().into_iter().chain([rest])
    }

    /// The bytes of the whole bar, at least 1.
    fn len(self) -> usize {
        self.resident.max(self.parts.sum()).max(1)
    }
}

/// `explain`.
///
/// # Errors
///
/// The trace cannot be replayed, or the page cannot be written.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode> {
    // What is wrong with the files is said once, and not by each child.
    let script = Script::new(&Trace::load(&args.trace)?, None)?;
    sites::Sites::new(args.stacks.as_deref(), &script)?;
    let wishes = Wishes {
        allocators: args.stage.clone(),
        ..Wishes::default()
    };
    let limit = Duration::from_secs_f64(args.time_limit);
    let mut all = Vec::new();
    for entry in wishes.allocators()? {
        let n_moments = args.moments;
        let job = Job {
            trace: args.trace.clone(),
            stacks: args.stacks.clone(),
            ..Job::new(&entry, Question::Explain { n_moments }, limit)
        };
        match ask(&job, job.question.patience(limit)) {
            Ok(Answer::Explained(explained)) => {
                print(false, &text::explained(&explained))?;
                all.push(explained);
            }
            Ok(other) => unreachable!("an answer to another question: {other:?}"),
            Err(death) => eprintln!("{}: {death}", entry.name),
        }
    }
    ensure!(!all.is_empty(), "no allocator ended the replay");
    write(
        &args.output,
        &page::page(&args.trace.display().to_string(), &all),
    )?;
    println!("The page: {}", shown(&args.output));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
impl Explained {
    /// One moment with a half live, a quarter free in partly used pages and a quarter not known, and one pin.
    fn made_up(site: &str) -> Self {
        let parts = Parts {
            live: 500,
            partly: 250,
            ..Parts::default()
        };
        let moment = Moment {
            op: 7,
            resident: 1000,
            parts,
        };
        let pin = Pin {
            site: site.to_string(),
            bytes: 250,
            n_blocks: 2,
        };
        Self {
            allocator: "x".to_string(),
            moments: vec![moment],
            pins: vec![pin],
            pinned_at: 7,
        }
    }
}
