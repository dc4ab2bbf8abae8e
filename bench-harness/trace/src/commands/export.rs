//! `trace export`: writes a `.rep` file.

use std::io::Write;

use anyhow::{Context as _, Result};

use super::args::ExportArgs;
use super::source::Source;
use super::text::{Text, cannot_write, done};
use crate::PLAIN_ALIGN;
use crate::compact::{Call, Live};
use crate::rep::{Totals, put_call, put_header};

/// Writes the file. Reads the trace twice, because the header contains the number of calls.
pub(super) fn run(args: &ExportArgs) -> Result<()> {
    let mut source = Source::open(&args.file)?;
    let (totals, n_unsaid) = count(&mut source)?;
    source.seek(0)?;
    let mut out = Text::create(&args.output)?;
    let written = put_header(&mut out, args.dialect.into(), totals);
    done(written).with_context(|| cannot_write(&args.output))?;
    while let Some(frame) = source.next_frame()? {
        let mut n_blocks = frame.first_block;
        for call in frame.calls {
            let written = put_call(&mut out, call, n_blocks);
            done(written).with_context(|| cannot_write(&args.output))?;
            n_blocks += u64::from(matches!(call, Call::Allocate { .. }));
        }
    }
    done(out.flush()).with_context(|| cannot_write(&args.output))?;
    if n_unsaid > 0 {
        eprintln!(
            "note: {n_unsaid} calls asked for an alignment or zeroed bytes; `.rep` cannot express that"
        );
    }
    out.commit(&args.output)
}

/// Returns the totals for the header, and the number of calls that a `.rep` file cannot fully express.
fn count(source: &mut Source) -> Result<(Totals, u64)> {
    let mut totals = Totals::default();
    let mut n_unsaid = 0;
    let mut live = Live::default();
    while let Some(frame) = source.next_frame()? {
        for call in &frame.calls {
            live.apply(call)
                .map_err(|error| source.wrong_call(totals.n_ops, error))?;
            totals.n_ops += 1;
            totals.peak = totals.peak.max(live.bytes() as u64);
            n_unsaid += u64::from(is_unsaid(call));
        }
    }
    totals.n_blocks = live.n_blocks();
    Ok((totals, n_unsaid))
}

fn is_unsaid(call: &Call) -> bool {
    matches!(call, Call::Allocate { align, zeroed, .. } if *zeroed || *align > PLAIN_ALIGN)
}
