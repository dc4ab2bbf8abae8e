//! Three allocators that do nothing: what a replay costs without one.
//!
//! The empty allocator returns the same block again and again: what is left is the loop alone,
//! which reads the script and keeps the slots.
//!
//! The null allocator hands out addresses that were worked out beforehand, those that talc chose
//! for the same script: the blocks lie about memory as those of a real allocator do, and the
//! caches see the same pattern. It is the loop and touching the blocks. Both are printed next to
//! every time, and neither is subtracted from any.
//!
//! With tags, the control also goes to where boundary tags would be, as any allocator that merges
//! neighbours must: the word before the block and the word after it, the second only when the
//! first is there, since it is the header that says where the next block begins. It does nothing
//! with them, so that what it costs is the memory's doing and not an algorithm's.

mod recording;
mod stub;

use std::time::Duration;

use core_api::HeapStats;
use core_api::testing::{Failure, Program};

use crate::memory::Room;
use crate::peers::talc;
use crate::process::{Resident, page_faults};
use crate::replay::{Outcome, Slots, Stop, replay};
use crate::script::Script;
use crate::subject::{Subject, Timed};
use crate::verify::{Violation, verify};

use recording::Recording;
use stub::{InTurn, Same, Stub};

/// An allocator that does nothing, as a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NullSubject {
    /// The same block for everybody.
    Empty,
    /// The addresses of a recording.
    Addresses,
    /// The same, and a visit to the block's boundary tags.
    Tags,
}

impl NullSubject {
    /// Replays `script` on a recording of talc's addresses.
    fn time_on_addresses<const TAGS: bool>(
        room: &mut Room,
        script: &Script,
        passes: u32,
        limit: Duration,
    ) -> Timed {
        let mut slots = Slots::new(script);
        let mut recording = Recording {
            inner: talc(room.region()),
            addresses: Vec::with_capacity(script.steps.len()),
        };
        let recorded = replay(&mut recording, script, &mut slots, limit);
        time_passes(passes, recorded.checksum, || {
            let addresses = InTurn::<TAGS>(recording.addresses.iter());
            replay(&mut Stub(addresses), script, &mut slots, limit)
        })
    }

    fn time_empty(room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        let mut slots = Slots::new(script);
        let block = room.region().base();
        time_passes(passes, script.checksum, || {
            replay(&mut Stub(Same(block)), script, &mut slots, limit)
        })
    }
}

/// Adds up the times of `passes` replays. These allocators keep no content, so that the bytes read
/// back mean nothing: `checksum` stands for them.
fn time_passes(passes: u32, checksum: u64, mut pass: impl FnMut() -> Outcome) -> Timed {
    let before = page_faults();
    let mut outcome = pass();
    for _ in 1..passes {
        let nanos = outcome.nanos;
        outcome = pass();
        outcome.nanos += nanos;
    }
    Timed {
        outcome: Outcome {
            checksum,
            ..outcome
        },
        passes,
        page_faults: page_faults() - before,
    }
}

impl Subject for NullSubject {
    fn time(&self, room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        match self {
            Self::Empty => Self::time_empty(room, script, passes, limit),
            Self::Addresses => Self::time_on_addresses::<false>(room, script, passes, limit),
            Self::Tags => Self::time_on_addresses::<true>(room, script, passes, limit),
        }
    }

    fn verify(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> Result<Outcome, Violation> {
        verify(&mut talc(room.region()), script, limit)
    }

    fn resident(
        &self,
        _room: &mut Room,
        _script: &Script,
        _limit: Duration,
    ) -> (Resident, Option<Stop>) {
        (Resident::start(), None)
    }

    fn stats_at_peak(&self, _: &mut Room, _: &Script, _: Duration) -> Option<HeapStats> {
        None
    }

    fn state_len(&self) -> usize {
        0
    }

    fn scenarios(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn conform(&self, _: &str, _: &str, _: Option<u32>) -> Option<Failure> {
        None
    }

    fn play(&self, _: &Program) -> Option<Failure> {
        None
    }
}
