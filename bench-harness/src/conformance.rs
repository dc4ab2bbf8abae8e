//! The contract suite on allocators that were not written for it.
//!
//! Each scenario runs in a process of its own: some allocators panic where the contract asks for
//! an error. The stages run the same suite in their own tests.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::allocators::{self, Entry, Role};
use crate::cli::ConformanceArgs;
use crate::memory::{Room, page_len};
use crate::script::Script;
use crate::select::{Peers, Wishes};
use crate::trace::Builder;

/// A scenario that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// `conformance`: tries the peers, or the named allocators, and prints what was found.
///
/// # Errors
///
/// An unknown name.
pub fn run(args: &ConformanceArgs) -> Result<()> {
    if let Some(scenario) = &args.scenario {
        let name = args.names.first().context("which allocator?")?;
        return here(name, scenario);
    }
    for entry in &chosen(args)? {
        let version = entry.version.unwrap_or("");
        println!("{} {version}", entry.name);
        for scenario in entry.subject.scenarios() {
            println!("  {scenario:34} {}", elsewhere(entry.name, scenario)?);
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

/// Tries one scenario and prints what is broken.
fn here(name: &str, scenario: &str) -> Result<()> {
    let entry = allocators::find(name).context("no such allocator")?;
    warm_up(&entry)?;
    limit_memory();
    if let Some(failure) = entry.subject.conform(name, scenario) {
        println!("FAILS: {}", failure.broken);
    }
    Ok(())
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

/// Tries one scenario in a child and says how it went.
fn elsewhere(name: &str, scenario: &str) -> Result<String> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.args(["conformance", name, "--scenario", scenario]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(format!("HANGS: stopped after {} s", PATIENCE.as_secs()));
        }
        thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.lines().next().unwrap_or("").to_string();
    Ok(match (output.status.success(), said.as_str()) {
        (true, "") => "passes".to_string(),
        (true, _) => said,
        (false, _) => {
            let death = crate::child::death(
                Some(output.status),
                &String::from_utf8_lossy(&output.stderr),
            );
            format!("DIES: {death}")
        }
    })
}
