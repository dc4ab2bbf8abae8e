//! The contract suite on allocators that were not written for it.
//!
//! Each scenario runs in a process of its own: some allocators panic where the contract asks for
//! an error. The stages run the same suite in their own tests.

use std::time::Duration;

use anyhow::Result;

use crate::allocators::{Entry, Role};
use crate::child::{Death, ask};
use crate::cli::ConformanceArgs;
use crate::job::{Answer, Broken, Job, Question};
use crate::select::{Peers, Wishes};

/// A scenario that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// `conformance`: tries the peers, or the named allocators, and prints what was found.
///
/// # Errors
///
/// An unknown name.
pub fn run(args: &ConformanceArgs) -> Result<()> {
    for entry in &chosen(args)? {
        let version = entry.version.unwrap_or("");
        println!("{} {version}", entry.name);
        for (index, scenario) in entry.subject.scenarios().iter().enumerate() {
            let outcome = match promise(entry, index, None, PATIENCE) {
                Ok(None) => "passes".to_string(),
                Ok(Some(broken)) => format!("FAILS: {}", broken.what),
                Err(death) if death.is_hang() => format!("HANGS: {death}"),
                Err(death) => format!("DIES: {death}"),
            };
            println!("  {scenario:34} {outcome}");
        }
    }
    Ok(())
}

fn chosen(args: &ConformanceArgs) -> Result<Vec<Entry>> {
    let wishes = Wishes {
        allocators: args.names.clone(),
        peers: Peers::All,
        ..Wishes::default()
    };
    let mut entries = wishes.allocators()?;
    if args.names.is_empty() {
        entries.retain(|entry| entry.role == Role::Peer);
    }
    Ok(entries)
}

/// Tries one scenario, by its index, in a process of its own; `None` if the promise is kept.
///
/// # Errors
///
/// The process crashed, or took longer than `limit`.
pub(crate) fn promise(
    entry: &Entry,
    scenario: usize,
    cases: Option<u32>,
    limit: Duration,
) -> Result<Option<Broken>, Death> {
    let question = Question::Promise { scenario, cases };
    let job = Job::new(entry, question, limit);
    match ask(&job, question.patience(limit))? {
        Answer::Promise(broken) => Ok(broken),
        other => unreachable!("an answer to another question: {other:?}"),
    }
}
