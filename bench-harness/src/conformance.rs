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
use crate::machine::version_of;
use crate::select::Wishes;

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
        let version = version_of(entry.package).unwrap_or("");
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
    limit_memory();
    let entry = allocators::find(name).context("no such allocator")?;
    if let Some(failure) = entry.subject.conform(name, scenario) {
        println!("FAILS: {}", failure.broken);
    }
    Ok(())
}

/// Keeps an allocator that asks the system from granting gigabytes that the suite would fill.
fn limit_memory() {
    const LIMIT: libc::rlim_t = 256 << 20;
    let limit = libc::rlimit {
        rlim_cur: LIMIT,
        rlim_max: LIMIT,
    };
    // SAFETY: the call only changes this process's own setting.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) };
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
