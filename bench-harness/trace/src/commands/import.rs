//! `trace import`: other formats.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::args::{ImportArgs, InputFormat};
use super::source::at;
use crate::import::{self, Imported, detect};
use crate::name;
use crate::record::{self, raw};
use crate::rep::Strictness;
use crate::units::thousands;

/// Reads the file and writes the trace.
pub(super) fn run(args: &ImportArgs) -> Result<()> {
    let bytes = fs::read(&args.file).with_context(|| args.file.display().to_string())?;
    let imported = match args.format.or_else(|| format_of(&bytes)) {
        None => bail!(
            "{}: no format that is known; --format names one",
            args.file.display()
        ),
        Some(format) => read(args, &bytes, format)?,
    };
    for note in &imported.notes {
        eprintln!("note: {note}");
    }
    imported.trace.write(&args.output)?;
    let n_ops = thousands(imported.trace.ops.len());
    eprintln!("{}: {n_ops} calls", args.output.display());
    Ok(())
}

fn format_of(bytes: &[u8]) -> Option<InputFormat> {
    if bytes.starts_with(&raw::MAGIC.to_ne_bytes()) {
        return Some(InputFormat::Raw);
    }
    detect(bytes).map(|format| match format {
        import::Format::Rep => InputFormat::Rep,
        import::Format::MemoryReplay => InputFormat::MemoryReplay,
        import::Format::Calls => InputFormat::Calls,
    })
}

fn read(args: &ImportArgs, bytes: &[u8], format: InputFormat) -> Result<Imported> {
    let strictness = match args.strict {
        true => Strictness::Strict,
        false => Strictness::Lenient,
    };
    match format.text() {
        Some(format) => import::read(bytes, &name(&args.file), format, strictness)
            .map_err(|cause| at(&args.file, cause)),
        None => raw(&args.file, bytes),
    }
}

/// A recording whose recorder was not there at its end.
fn raw(path: &Path, bytes: &[u8]) -> Result<Imported> {
    let recording =
        record::convert(bytes).ok_or_else(|| anyhow!("{}: no raw recording", path.display()))?;
    let counts = [
        (
            recording.n_inherited,
            "frees of blocks from before the recording were left out",
        ),
        (
            recording.n_unseen,
            "frees that were not seen were put in, when their address came again",
        ),
    ];
    let some = counts.into_iter().filter(|&(n, _)| n > 0);
    Ok(Imported {
        trace: recording.trace,
        notes: some.map(|(n, what)| format!("{n} {what}")).collect(),
    })
}
