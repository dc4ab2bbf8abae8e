//! `trace import`: reads other formats.

use std::fs;

use anyhow::{Context, Result, anyhow};

use super::args::ImportArgs;
use super::source::at;
use crate::import::{self, Format, detect};
use crate::name;
use crate::rep::Strictness;
use crate::units::thousands;

/// Reads the file and writes the trace.
pub(super) fn run(args: &ImportArgs) -> Result<()> {
    let bytes = fs::read(&args.file).with_context(|| args.file.display().to_string())?;
    let format = args.format.map(Format::from).or_else(|| detect(&bytes));
    let format = format.ok_or_else(|| {
        let path = args.file.display();
        anyhow!("{path}: no format that is known; name one with --format")
    })?;
    let strictness = match args.strict {
        true => Strictness::Strict,
        false => Strictness::Lenient,
    };
    let imported = import::read(&bytes, &name(&args.file), format, strictness)
        .map_err(|cause| at(&args.file, cause))?;
    for note in &imported.notes {
        eprintln!("note: {note}");
    }
    imported.trace.write(&args.output)?;
    let n_ops = thousands(imported.trace.ops.len());
    eprintln!("{}: {n_ops} calls", args.output.display());
    Ok(())
}
