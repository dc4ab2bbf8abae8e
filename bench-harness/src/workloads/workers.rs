//! Builds the trace of a program with several worker threads.

use super::program::{Held, Program};
use super::random::Random;
use crate::trace::Trace;

/// Makes calls, each on a thread, until there are enough.
pub(super) struct Workers {
    program: Program,
    /// The thread of each call.
    threads: Vec<u16>,
}

impl Workers {
    /// Returns workers that have made none of their `n_ops` calls.
    pub(super) fn new(seed: u64, n_ops: usize) -> Self {
        Self {
            program: Program::new(seed, n_ops),
            threads: Vec::new(),
        }
    }

    /// Whether more calls are wanted.
    pub(super) fn goes_on(&self) -> bool {
        self.program.goes_on()
    }

    /// How many calls there are so far.
    pub(super) fn n_calls(&self) -> usize {
        self.threads.len()
    }

    pub(super) fn random(&mut self) -> &mut Random {
        &mut self.program.random
    }

    /// `thread` allocates.
    pub(super) fn allocate(&mut self, thread: u16, size: usize) -> Held {
        self.threads.push(thread);
        self.program.hold(size)
    }

    /// `thread` frees a block, whichever allocated it.
    pub(super) fn free(&mut self, thread: u16, block: Held) {
        self.threads.push(thread);
        self.program.release(block);
    }

    /// The trace, cut to the wanted number of calls.
    pub(super) fn finish(self, name: &str) -> Trace {
        let mut trace = self.program.finish(name);
        trace.columns.threads = self.threads;
        trace.truncate(trace.ops.len());
        let n_threads = trace.columns.threads.iter().max();
        trace.provenance.threads = n_threads.map_or(0, |highest| u32::from(*highest) + 1);
        trace
    }
}
