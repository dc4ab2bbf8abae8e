//! Programs that make one file of another: they compile, check, draw, list or compress.

use std::fs::File;
use std::process::Command;

use anyhow::Result;

use super::commands::{records, succeed, words};
use super::{Workplace, input, problems};

pub(super) fn gxx(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let source = classes(workplace, 32)?;
    Ok(words([
        "g++",
        "-std=c++17",
        "-O1",
        "-S",
        "-o",
        "-",
        &source,
    ]))
}

pub(super) fn cppcheck(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let source = classes(workplace, 192)?;
    Ok(words(["cppcheck", "--enable=all", "-q", &source]))
}

/// A C++ program with `n` classes and functions.
fn classes(workplace: &Workplace<'_>, n: usize) -> Result<String> {
    workplace.generate("classes.cpp", |file| input::cpp(file, workplace.scaled(n)))
}

pub(super) fn git(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let history = workplace.generate("history", |file| {
        input::history(file, workplace.scaled(2_400))
    })?;
    let repository = workplace.folder.join("repository").display().to_string();
    succeed(Command::new("git").args(["init", "-q", "--bare", &repository]))?;
    let import = File::open(history)?;
    succeed(
        Command::new("git")
            .args(["-C", &repository, "fast-import", "--quiet", "--done"])
            .stdin(import),
    )?;
    let log = ["log", "--no-color", "-p", "--stat", "-M", "main"];
    let mut words = words(["git", "-C", &repository]);
    words.extend(log.map(str::to_string));
    Ok(words)
}

pub(super) fn xmllint(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let data = workplace.generate("list.xml", |file| {
        input::xml(file, workplace.scaled(300_000))
    })?;
    Ok(words(["xmllint", "--format", &data]))
}

pub(super) fn gs(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let n = workplace.scaled(8_000).to_string();
    let pages = include_str!("inputs/curves.ps").replace("{n}", &n);
    let pages = workplace.write("curves.ps", &pages)?;
    let quiet = ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER"];
    let mut words = words(quiet);
    words.extend(["-sDEVICE=ppmraw", "-r72", "-sOutputFile=-", &pages].map(str::to_string));
    Ok(words)
}

pub(super) fn dot(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let graph = workplace.generate("graph.dot", |file| {
        problems::graph(file, workplace.scaled(640))
    })?;
    Ok(words(["dot", "-Tplain", &graph]))
}

pub(super) fn xz(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let data = records(workplace, 16_000)?;
    Ok(words(["xz", "-6", "-T1", "-c", &data]))
}
