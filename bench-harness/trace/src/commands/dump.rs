//! `trace dump`: prints calls as text.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;

use super::args::DumpArgs;
use super::source::Source;
use super::text::{Text, done};
use crate::compact::Call;
use crate::{ColumnSet, Context, PLAIN_ALIGN};

/// Prints the calls of the range. If the file has an index, reads only the frames of the range.
pub(super) fn run(args: &DumpArgs) -> Result<()> {
    let mut source = Source::open(&args.file)?;
    let mut out = Text::create(&args.output)?;
    source.seek(args.range.from)?;
    let set = source.reader.columns();
    let mut n_ops = 0;
    while n_ops < args.range.end() {
        let Some(frame) = source.next_frame()? else {
            break;
        };
        let lines = lines(&frame, set, args.range.from..args.range.end());
        n_ops = frame.first_op + frame.calls.len() as u64;
        if out.write_all(lines.as_bytes()).is_err() {
            break;
        }
    }
    if args.range.from > n_ops {
        return Err(source.beyond(args.range.from, n_ops));
    }
    done(out.flush())?;
    out.commit(&args.output)
}

fn lines(frame: &crate::compact::Frame, set: ColumnSet, range: std::ops::Range<u64>) -> String {
    let mut text = String::new();
    let mut n_blocks = frame.first_block;
    for (op, (call, context)) in (frame.first_op..).zip(frame.iter()) {
        if range.contains(&op) {
            put(&mut text, op, call, n_blocks, set, context);
        }
        n_blocks += u64::from(matches!(call, Call::Allocate { .. }));
    }
    text
}

fn put(text: &mut String, op: u64, call: Call, n_blocks: u64, set: ColumnSet, context: Context) {
    let _ = write!(text, "{op:>9} ");
    if set.threads {
        let _ = write!(text, " thread {}", context.thread);
    }
    if set.gaps {
        let _ = write!(text, " +{} ns", context.gap);
    }
    let _ = match call {
        Call::Allocate { size, .. } => write!(text, " allocate #{n_blocks} {size}"),
        Call::Resize { block, size } => write!(text, " resize #{block} {size}"),
        Call::Free { block } => write!(text, " free #{block}"),
    };
    match call {
        Call::Allocate { align, zeroed, .. } => {
            if align != PLAIN_ALIGN {
                let _ = write!(text, " align {align}");
            }
            text.push_str(if zeroed { " zeroed" } else { "" });
        }
        _ => text.push_str(if context.sized { " sized" } else { "" }),
    }
    text.push('\n');
}
