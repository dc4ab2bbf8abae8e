//! Where scenarios get their trials from.

use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};

use super::arena::Arena;
use super::subject::Subject;
use super::trial::Trial;
use super::{Failure, Program, Shadow, Verdict};
use crate::Region;

/// Makes a fresh allocator in a region, puts it into its guise, and runs the body on it.
pub(super) type Make<'a> =
    &'a dyn Fn(Region, &mut dyn FnMut(&mut dyn Subject) -> Verdict) -> Verdict;

/// Fresh allocators of one kind, one after the other.
pub(super) struct Lab<'a> {
    pub(super) arena: &'a Arena,
    pub(super) make: Make<'a>,
    /// The longest region there is.
    pub(super) heap_len: usize,
    /// Whether the allocator brings its own memory and only it knows how much.
    pub(super) own_memory: bool,
    /// Cases of each random scenario.
    pub(super) cases: u32,
}

/// The largest size in programs for allocators that bring their own memory, below
/// [`OUT_OF_REACH`].
const WITHIN_REACH: usize = 16 << 20;

/// Sizes from here on are out of every heap's reach, an OS's included.
pub(super) const OUT_OF_REACH: usize = 1 << (usize::BITS - 14);

impl Lab<'_> {
    /// Runs a program. Of an allocator that brings its own memory it asks for no size that an OS
    /// might grant and the machine could not fill.
    pub(super) fn play(&self, program: &Program, trial: &mut Trial<'_>) -> Verdict {
        program.play(trial, |op| {
            !self.own_memory || !(WITHIN_REACH..OUT_OF_REACH).contains(&op.bytes())
        })
    }

    /// Runs `body` on a fresh allocator in all the memory there is.
    pub(super) fn trial(&self, body: &mut dyn FnMut(&mut Trial<'_>) -> Verdict) -> Verdict {
        self.trial_in(0, self.heap_len, body)
    }

    /// Runs `body` on a fresh allocator in a region of `len` bytes, `skew` bytes into an OS page.
    ///
    /// A panic of the allocator is a failure like others: no method may unwind.
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
                heap_map: trial.subject().heap_map(),
                ..failure
            })
        };
        let unwound = catch_unwind(AssertUnwindSafe(|| (self.make)(region, &mut run)));
        unwound
            .unwrap_or_else(|panic| Err(Failure::new(format!("panicked: {}", text(&*panic)))))?;
        self.arena.guards_hold(region)
    }
}

/// What a panic said.
fn text(panic: &(dyn core::any::Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| text.to_string());
    literal
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_string())
}
