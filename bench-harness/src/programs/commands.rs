//! The commands that the programs are, on inputs that are made for them.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::list::Program;
use super::{Workplace, input, interpreters, ours, servers, solvers, tools};

/// Makes the program's inputs and says what is to be run.
pub(super) fn words_of(program: Program, workplace: &Workplace<'_>) -> Result<Vec<String>> {
    match program {
        Program::Python3 => interpreters::python3(workplace),
        Program::Sqlite3 => interpreters::sqlite3(workplace),
        Program::Perl => interpreters::perl(workplace),
        Program::Jq => interpreters::jq(workplace),
        Program::Lua => interpreters::lua(workplace),
        Program::Gxx => tools::gxx(workplace),
        Program::Git => tools::git(workplace),
        Program::Xmllint => tools::xmllint(workplace),
        Program::Gs => tools::gs(workplace),
        Program::Redis => servers::redis(workplace),
        Program::Ruby => interpreters::ruby(workplace),
        Program::Php => interpreters::php(workplace),
        Program::Gawk => interpreters::gawk(workplace),
        Program::Bc => interpreters::bc(workplace),
        Program::Ginsh => solvers::ginsh(workplace),
        Program::Abc => solvers::abc(workplace),
        Program::Cadical => solvers::cadical(workplace),
        Program::Z3 => solvers::smt(workplace, "z3"),
        Program::Cvc5 => solvers::smt(workplace, "cvc5"),
        Program::Cppcheck => tools::cppcheck(workplace),
        Program::Dot => tools::dot(workplace),
        Program::Xz => tools::xz(workplace),
        Program::Nginx => servers::nginx(workplace),
        Program::Containers => ours::containers(workplace),
        Program::Cubes => ours::cubes(workplace),
        Program::Bodies => ours::bodies(workplace),
    }
}

pub(super) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_string).to_vec()
}

/// `n` records as JSON, one a line.
pub(super) fn records(workplace: &Workplace<'_>, n: usize) -> Result<String> {
    workplace.generate("records.json", |file| {
        input::json(file, workplace.scaled(n))
    })
}

/// Runs a command that prepares an input.
pub(super) fn succeed(command: &mut Command) -> Result<()> {
    let output = command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .context("cannot start it")?;
    ensure!(
        output.status.success(),
        "{:?} failed: {}",
        command.get_program(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
