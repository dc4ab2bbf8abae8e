//! Algebra systems, synthesis of logic, and solvers.

use anyhow::Result;

use super::commands::words;
use super::{Workplace, problems};

pub(super) fn ginsh(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let questions = workplace.generate("questions", |file| {
        problems::algebra(file, workplace.scaled(16))
    })?;
    Ok(words(["ginsh", &questions]))
}

/// A multiplier of two numbers of eight bits.
pub(super) fn abc(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let multiplier = workplace.folder.join("multiplier.blif");
    let round = "balance; rewrite; refactor; balance; rewrite -z; refactor -z; fraig; ";
    let script = format!(
        "gen -N 8 -m {0}; read {0}; strash; {1} if -K 6; mfs; print_stats",
        multiplier.display(),
        round.repeat(workplace.scaled(16)),
    );
    Ok(words(["berkeley-abc", "-q", &script]))
}

pub(super) fn cadical(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let clauses = workplace.generate("clauses.cnf", |file| {
        problems::clauses(file, workplace.scaled(64_000))
    })?;
    Ok(words(["cadical", "-q", "-n", &clauses]))
}

pub(super) fn smt(workplace: &Workplace<'_>, solver: &str) -> Result<Vec<String>> {
    let schedule = workplace.generate("schedule.smt2", |file| {
        problems::schedule(file, workplace.scaled(480))
    })?;
    Ok(words([solver, &schedule]))
}
