//! [`Lab`]: makes the trials for the scenarios.

use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};

use super::arena::Arena;
use super::subject::Subject;
use super::trial::Trial;
use super::{Failure, Program, Shadow, Verdict};
use crate::Region;

/// Makes a fresh allocator in a region, puts it into its form, and runs the body on it.
pub(super) type Make<'a> =
    &'a dyn Fn(Region, &mut dyn FnMut(&mut dyn Subject) -> Verdict) -> Verdict;

/// Fresh allocators of one kind, one after the other.
pub(super) struct Lab<'a> {
    pub(super) arena: &'a Arena,
    pub(super) make: Make<'a>,
    /// The length of the longest region.
    pub(super) heap_len: usize,
    /// True if the allocator has its own memory, of unknown size.
    pub(super) own_memory: bool,
    /// Cases of each random scenario.
    pub(super) cases: u32,
}

/// Programs for allocators with their own memory use no sizes from this one up to [`OUT_OF_REACH`].
const WITHIN_REACH: usize = 16 << 20;

/// From this size on, no heap can serve a request, not even the OS.
pub(super) const OUT_OF_REACH: usize = 1 << (usize::BITS - 14);

impl Lab<'_> {
    /// Runs a program. If the allocator has its own memory, it skips sizes that an OS might grant although
    /// the machine does not have that much memory.
    pub(super) fn play(&self, program: &Program, trial: &mut Trial<'_>) -> Verdict {
        program.play(trial, |op| {
            !self.own_memory || !(WITHIN_REACH..OUT_OF_REACH).contains(&op.bytes())
        })
    }

    /// Runs `body` on a fresh allocator in the longest region.
    pub(super) fn trial(&self, body: &mut dyn FnMut(&mut Trial<'_>) -> Verdict) -> Verdict {
        self.trial_in(0, self.heap_len, body)
    }

    /// Runs `body` on a fresh allocator in a region of `len` bytes, `skew` bytes into an OS page.
    ///
    /// A panic of the allocator is a failure: no method may unwind.
    pub(super) fn trial_in(
        &self,
        skew: usize,
        len: usize,
        body: &mut dyn FnMut(&mut Trial<'_>) -> Verdict,
    ) -> Verdict {
        let region = self.arena.region(skew, len.min(self.heap_len));
        let mut run = |subject: &mut dyn Subject| {
            let shadow = match self.own_memory {
                true => Shadow::new(),
                false => Shadow::within(region),
            };
            let mut trial = Trial::new(subject, shadow);
            body(&mut trial).map_err(|failure| Failure {
                heap_map: trial.heap_map(),
                ..failure
            })
        };
        let unwound = catch_unwind(AssertUnwindSafe(|| (self.make)(region, &mut run)));
        unwound
            .unwrap_or_else(|panic| Err(Failure::new(format!("panicked: {}", text(&*panic)))))?;
        self.arena.guards_hold(region)
    }
}

/// Returns a panic's message.
fn text(panic: &(dyn core::any::Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| text.to_string());
    literal
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_string())
}
