//! `trace cut`: makes a trace of a range of calls.

use std::collections::HashMap;

use anyhow::Result;

use super::args::CutArgs;
use super::rewrite::Target;
use super::source::Source;
use crate::compact::{Call, Frame, Live, LiveBlock};
use crate::{BlockId, Context, Provenance};

/// Follows the trace to the range, allocates the blocks that are live there, and copies the range.
pub(super) fn run(args: &CutArgs) -> Result<()> {
    let mut source = Source::open(&args.file)?;
    let from = args.range.from;
    let blocks = source.seek_live(from)?;
    let mut live: Option<Live> = None;
    let mut n_ops = 0;
    while let Some(frame) = source.next_frame()? {
        let live = live.get_or_insert_with(|| Live::at(frame.first_block, &blocks));
        let n_before = from
            .saturating_sub(frame.first_op)
            .min(frame.calls.len() as u64);
        follow(&source, live, &frame, n_before as usize)?;
        n_ops = frame.first_op + frame.calls.len() as u64;
        if from < n_ops {
            return Cut::new(args, &source, live)?.run(source, frame, n_before as usize);
        }
    }
    Err(source.beyond(from, n_ops))
}

/// Follows the first `n` calls of `frame`.
fn follow(source: &Source, live: &mut Live, frame: &Frame, n: usize) -> Result<()> {
    for (op, call) in (frame.first_op..).zip(&frame.calls[..n]) {
        live.apply(call)
            .map_err(|error| source.wrong_call(op, error))?;
    }
    Ok(())
}

/// A cut while it is written.
struct Cut<'a> {
    target: Target<'a>,
    /// The blocks that are live before the range, the oldest first. The cut's first calls allocate them.
    carried: Vec<LiveBlock>,
    /// The number of allocations before the range in the whole trace.
    first_block: BlockId,
    threads: HashMap<u16, u16>,
    end: u64,
}

impl<'a> Cut<'a> {
    fn new(args: &'a CutArgs, source: &Source, live: &Live) -> Result<Self> {
        let carried: Vec<LiveBlock> = live.iter().collect();
        let provenance = provenance(args, source, carried.len());
        let set = source.reader.columns();
        Ok(Self {
            target: Target::create(&args.output, &provenance, set)?,
            carried,
            first_block: live.n_blocks(),
            threads: HashMap::new(),
            end: args.range.end(),
        })
    }

    /// Writes the calls from the `n_before`th of `frame` to the end of the range.
    fn run(mut self, mut source: Source, frame: Frame, n_before: usize) -> Result<()> {
        for block in self.carried.clone() {
            let LiveBlock { size, align, .. } = block;
            let zeroed = false;
            let call = Call::Allocate {
                size,
                align,
                zeroed,
            };
            self.target.push(call, Context::default())?;
        }
        let mut next = Some((frame, n_before));
        while let Some((frame, n_before)) = next {
            self.copy(&source, &frame, n_before)?;
            let n_ops = frame.first_op + frame.calls.len() as u64;
            next = match n_ops < self.end {
                true => source.next_frame()?.map(|frame| (frame, 0)),
                false => None,
            };
        }
        self.target.commit()
    }

    fn copy(&mut self, source: &Source, frame: &Frame, n_before: usize) -> Result<()> {
        let calls = (frame.first_op..).zip(frame.iter()).skip(n_before);
        for (op, (call, context)) in calls.take_while(|&(op, _)| op < self.end) {
            let call = self.renumber(call);
            let call = call.ok_or_else(|| source.wrong_call(op, "a block that is not live"))?;
            let n_threads = self.threads.len() as u16;
            let thread = *self.threads.entry(context.thread).or_insert(n_threads);
            self.target.push(call, Context { thread, ..context })?;
        }
        Ok(())
    }

    fn renumber(&self, call: Call) -> Option<Call> {
        Some(match call {
            Call::Allocate { .. } => call,
            Call::Resize { block, size } => Call::Resize {
                block: self.block(block)?,
                size,
            },
            Call::Free { block } => Call::Free {
                block: self.block(block)?,
            },
        })
    }

    /// Returns the number that a block of the whole trace has in the cut.
    fn block(&self, block: BlockId) -> Option<BlockId> {
        let n_carried = self.carried.len() as u64;
        match block.checked_sub(self.first_block) {
            Some(number) => Some(n_carried + number),
            None => {
                let found = self.carried.binary_search_by_key(&block, |live| live.block);
                found.ok().map(|index| index as u64)
            }
        }
    }
}

fn provenance(args: &CutArgs, source: &Source, n_carried: usize) -> Provenance {
    let known = source.reader.provenance();
    let range = match args.range.count {
        Some(count) => format!("{count} calls from call {} on", args.range.from),
        None => format!("the calls from call {} on", args.range.from),
    };
    let before = match known.note.is_empty() {
        true => String::new(),
        false => format!("{}; ", known.note),
    };
    Provenance {
        note: format!(
            "{before}a cut: {range}, after {n_carried} allocations of the blocks live there"
        ),
        ..known.clone()
    }
}
