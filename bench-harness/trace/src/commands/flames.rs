//! `trace flames`: writes call stacks with their weights, for a flame graph.

use std::fs;
use std::io::{self, Write as _};

use anyhow::{Context as _, Result};

use super::args::FlamesArgs;
use crate::Trace;
use crate::stacks::Stacks;

pub(super) fn run(args: &FlamesArgs) -> Result<()> {
    let stacks = Stacks::load(&args.file.with_extension("stacks"))?;
    let lines = stacks.collapsed(&Trace::load(&args.file)?, args.by)?;
    match args.output.as_os_str() == "-" {
        true => io::stdout().write_all(lines.as_bytes())?,
        false => fs::write(&args.output, lines)
            .with_context(|| format!("cannot write {}", args.output.display()))?,
    }
    Ok(())
}
