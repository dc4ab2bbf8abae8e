//! What the options of `bench` name or imply: allocators, workloads and limits.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::allocators::{self, BASELINE, Entry};
use crate::cli::BenchArgs;
use crate::contest::Contest;
use crate::global;
use crate::limits::Limits;
use crate::preload::Library;
use crate::select::{Peers, Wishes};
use crate::workloads::N_OPS;

/// Operations of any workload in a quick run.
const QUICK_OPS: usize = 20_000;

/// The allocators to compare, the preloaded ones last.
pub(super) fn rows(args: &BenchArgs) -> Result<Vec<Entry>> {
    let mut entries = allocators(args)?;
    for library in &args.preload {
        let name = &library.name;
        if allocators::find(name).is_some() || entries.iter().any(|entry| entry.name == name) {
            bail!("there is another allocator called `{name}`; choose a name for --preload");
        }
        if !library.envs.is_empty() {
            bail!("the variables of {name} can be set for --command and --programs only");
        }
        entries.extend(library.entry());
    }
    Ok(entries)
}

/// The libraries to run commands under, each by a name of its own: a row is found by it.
pub(super) fn libraries(args: &BenchArgs) -> Result<&[Library]> {
    for (index, Library { name, .. }) in args.preload.iter().enumerate() {
        let is_taken = args.preload[..index]
            .iter()
            .any(|other| other.name == *name);
        if is_taken || name == BASELINE {
            bail!("there is another row called `{name}`; choose a name for --preload");
        }
    }
    Ok(&args.preload)
}

/// Those that the options name or imply. Only peers that a whole program runs on take part in `--global`,
/// and none of the usual few is one.
fn allocators(args: &BenchArgs) -> Result<Vec<Entry>> {
    let mut wishes = wishes(args);
    if args.global.is_none() {
        return wishes.allocators();
    }
    if wishes.peers == Peers::Few {
        wishes.peers = Peers::Rust;
    }
    global::subjects(wishes.allocators()?, !args.stage.is_empty())
}

/// A run on the user's own traces is short, and asks what suits one program: all peers that need no C
/// compiler take part.
fn usual_peers(args: &BenchArgs) -> Peers {
    let has_only_traces = !args.trace.is_empty() && args.workload.is_empty();
    match has_only_traces && args.contest.is_none() {
        true => Peers::Rust,
        false => Peers::Few,
    }
}

/// The workloads, and the allocators without those of `--preload`.
pub(super) fn wishes(args: &BenchArgs) -> Wishes {
    let or_those = |named: &[String], of: fn(Contest) -> &'static [&'static str]| match args.contest
    {
        Some(contest) if named.is_empty() => of(contest).iter().map(ToString::to_string).collect(),
        _ => named.to_vec(),
    };
    Wishes {
        allocators: or_those(&args.stage, Contest::allocators),
        peers: args.peers.unwrap_or(usual_peers(args)),
        workloads: or_those(&args.workload, Contest::workloads),
        traces: args.trace.clone(),
        profiles: args.profile.clone(),
        prefix: args.prefix,
        strict: args.strict,
        seed: args.seed,
        n_threads: args.threads,
        n_ops: cut(args).unwrap_or(N_OPS),
        cut: cut(args),
    }
}

/// Operations that are replayed at most.
pub(super) fn cut(args: &BenchArgs) -> Option<usize> {
    let quick = args.quick.then_some(QUICK_OPS);
    args.ops.map(|ops| ops as usize).or(quick)
}

/// How long a replay may take.
pub(super) fn limits(args: &BenchArgs) -> Limits {
    let of_contest = args.contest.and_then(Contest::limits);
    let limits = match args.quick {
        true => Limits::QUICK,
        false => of_contest.unwrap_or(Limits::DEFAULT),
    };
    match args.time_limit {
        Some(seconds) => limits.with_replay(Duration::from_secs_f64(seconds)),
        None => limits,
    }
}
