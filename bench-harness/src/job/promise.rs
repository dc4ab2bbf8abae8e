//! One scenario of the contract, tried in this process.

use std::time::Duration;

use anyhow::{Context, Result};
use core_api::testing::Failure;
use serde::{Deserialize, Serialize};

use crate::allocators::Entry;
use crate::memory::{Room, page_len};
use crate::noted;
use crate::script::Script;
use crate::trace::Builder;

/// A promise that was not kept, with everything that leads to the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The form in which the allocator was tested; empty for the allocator as it is.
    pub form: String,
    /// What was seen.
    pub what: String,
    /// The shortest program that was found to break the promise.
    pub program: Option<String>,
    /// The heap at that moment.
    pub heap_map: Option<String>,
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self {
            form: failure.allocator,
            what: failure.broken,
            program: failure.program.map(|program| program.to_string()),
            heap_map: failure.heap_map,
        }
    }
}

/// Tries the scenario; `None` if the promise is kept. A process that crashes, or takes longer than
/// `limit`, says on standard error in which call that happened.
///
/// # Errors
///
/// There is no such scenario.
pub(super) fn broken(
    entry: &Entry,
    scenario: usize,
    cases: Option<u32>,
    limit: Duration,
) -> Result<Option<Broken>> {
    let scenarios = entry.subject.scenarios();
    let scenario = scenarios.get(scenario).context("no such scenario")?;
    noted::tell_last_call(limit);
    warm_up(entry)?;
    limit_memory();
    let failure = entry.subject.conform("", scenario, cases);
    Ok(failure.map(Broken::from))
}

/// Lets an allocator that reserves address space for its life do so.
fn warm_up(entry: &Entry) -> Result<()> {
    let mut one_block = Builder::new();
    one_block.allocate(64)?;
    let script = Script::new(&one_block.finish("one block"), None)?;
    let mut room = Room::new(script.roomy());
    entry
        .subject
        .time(&mut room, &script, 1, Duration::from_secs(1));
    Ok(())
}

/// Keeps an allocator that asks the system from granting gigabytes that the suite would fill.
fn limit_memory() {
    const MORE: usize = 256 << 20;
    let limit = (address_space() + MORE) as libc::rlim_t;
    let limit = libc::rlimit {
        rlim_cur: limit,
        rlim_max: limit,
    };
    // SAFETY: the call only changes this process's own setting.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) };
}

/// Bytes of address space in use.
fn address_space() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').next().and_then(|word| word.parse().ok());
    pages.unwrap_or(0) * page_len()
}
