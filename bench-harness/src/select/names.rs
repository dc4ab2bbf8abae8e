//! Names that a user wrote.

use anyhow::{Result, bail};

use crate::closed_loop::Challenge;

/// Refuses the name of a workload that is no replay.
pub(super) fn check_is_replayed(name: &str) -> Result<()> {
    let is_it = |challenge: &Challenge| challenge.name() == name;
    match Challenge::all(0).iter().any(is_it) {
        true => bail!("`{name}` reacts to the allocator; run it with --closed-loop"),
        false => Ok(()),
    }
}

/// Refuses a name that is not `known`, and names the nearest.
pub(super) fn check_name(kind: &str, name: &str, known: &[&str]) -> Result<()> {
    if known.contains(&name) {
        return Ok(());
    }
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    match nearest {
        Some(nearest) => bail!(
            "there is no {kind} called `{name}`; did you mean `{nearest}`? (`--list` shows all)"
        ),
        None => bail!("there is no {kind} called `{name}`"),
    }
}
