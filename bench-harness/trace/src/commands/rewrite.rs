//! `trace convert` and `trace anonymize`: encode a trace again.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::args::{AnonymizeArgs, Column, ConvertArgs};
use super::source::{Source, at};
use super::text::cannot_write;
use crate::compact::{Call, Writer};
use crate::{ColumnSet, Context, Provenance, WholeFile};

/// A trace file while it is written.
pub(super) struct Target<'a> {
    writer: Writer<WholeFile>,
    path: &'a Path,
}

impl<'a> Target<'a> {
    pub(super) fn create(path: &'a Path, provenance: &Provenance, set: ColumnSet) -> Result<Self> {
        let file = WholeFile::create(path).with_context(|| cannot_write(path))?;
        let writer = Writer::new(file, provenance, set).map_err(|cause| at(path, cause))?;
        Ok(Self { writer, path })
    }

    pub(super) fn push(&mut self, call: Call, context: Context) -> Result<()> {
        let pushed = self.writer.push(call, context);
        pushed.map_err(|cause| at(self.path, cause))
    }

    pub(super) fn commit(self) -> Result<()> {
        let file = self.writer.finish().map_err(|cause| at(self.path, cause))?;
        file.commit().with_context(|| cannot_write(self.path))
    }
}

/// Encodes a trace again, without the dropped columns.
pub(super) fn convert(args: &ConvertArgs) -> Result<()> {
    let mut source = match args.prefix {
        true => Source::open_prefix(&args.file)?,
        false => Source::open(&args.file)?,
    };
    let set = source.reader.columns().and(Column::all_but(&args.drop));
    let provenance = source.reader.provenance().clone();
    let mut target = Target::create(&args.output, &provenance, set)?;
    let copied = copy(&mut source, &mut target);
    match copied {
        Err(error) if !args.prefix => return Err(error),
        Err(error) => eprintln!("warning: {error}"),
        Ok(()) => {}
    }
    target.commit()
}

/// Encodes only sizes, alignments and order.
pub(super) fn anonymize(args: &AnonymizeArgs) -> Result<()> {
    let mut source = Source::open(&args.file)?;
    let set = source.reader.columns().and(Column::only(&args.keep));
    let known = source.reader.provenance();
    let provenance = Provenance {
        origin: known.origin,
        threads: if set.threads { known.threads } else { 0 },
        ..Provenance::default()
    };
    let mut target = Target::create(&args.output, &provenance, set)?;
    copy(&mut source, &mut target)?;
    target.commit()
}

fn copy(source: &mut Source, target: &mut Target<'_>) -> Result<()> {
    while let Some(frame) = source.next_frame()? {
        for (call, context) in frame.iter() {
            target.push(call, context)?;
        }
    }
    Ok(())
}
