//! Programs of ours in C++: their objects come from `new` and go to sized `delete`, which a library may
//! define beside `malloc`.

use std::process::Command;

use anyhow::Result;

use super::Workplace;
use super::commands::{succeed, words};

pub(super) fn containers(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let program = compile(workplace, include_str!("inputs/containers.cpp"))?;
    Ok(words([&program, &workplace.scaled(320_000).to_string()]))
}

pub(super) fn cubes(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let program = compile(workplace, include_str!("inputs/cubes.cpp"))?;
    Ok(words([&program, &workplace.scaled(320).to_string()]))
}

pub(super) fn bodies(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let program = compile(workplace, include_str!("inputs/bodies.cpp"))?;
    Ok(words([&program, "8000", &workplace.scaled(48).to_string()]))
}

/// Compiles the program and says where it is.
fn compile(workplace: &Workplace<'_>, text: &str) -> Result<String> {
    let source = workplace.write("program.cpp", text)?;
    let program = workplace.folder.join("program").display().to_string();
    let mut compiler = Command::new("g++");
    compiler.args(["-std=c++17", "-O2", "-o", &program, &source]);
    succeed(&mut compiler)?;
    Ok(program)
}
