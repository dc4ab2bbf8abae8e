//! Replays that verify and replays that are timed.

use std::time::Duration;

use super::Answer;
use crate::allocators::{Entry, Memory};
use crate::memory::Room;
use crate::process::page_faults;
use crate::script::Script;
use crate::threads::{Plan, SharedSubject};

const DO_NOT_ADD_UP: &str = "the bytes read back do not add up";

fn violated(what: impl ToString) -> Answer {
    Answer::Violated {
        what: what.to_string(),
    }
}

/// A replay with every check, on several threads.
pub(super) fn verify_shared(
    subject: &dyn SharedSubject,
    room: &mut Room,
    plan: &Plan,
    limit: Duration,
) -> Answer {
    match subject.verify(room, plan, limit) {
        Err(violation) => violated(violation),
        Ok(outcome) if outcome.stop.is_none() && outcome.checksum != plan.checksum => {
            violated(DO_NOT_ADD_UP)
        }
        Ok(outcome) => Answer::Verified {
            outcome,
            without_reuse: None,
        },
    }
}

/// A timed replay on several threads.
pub(super) fn time_shared(
    subject: &dyn SharedSubject,
    room: &mut Room,
    plan: &Plan,
    limit: Duration,
) -> Answer {
    let before = page_faults();
    let played = subject.time(room, plan, limit);
    if played.outcome.stop.is_none() && played.outcome.checksum != plan.checksum {
        return violated(DO_NOT_ADD_UP);
    }
    Answer::Threaded {
        outcome: played.outcome,
        cpu_nanos: played.cpu_nanos,
        page_faults: page_faults() - before,
    }
}

/// A replay with every check.
pub(super) fn verify(entry: &Entry, script: &Script, limit: Duration) -> Answer {
    let mut room = Room::new(entry.room_len(script));
    let outcome = match entry.subject.verify(&mut room, script, limit) {
        Ok(outcome) => outcome,
        Err(violation) => return violated(violation),
    };
    if outcome.stop.is_none() && outcome.checksum != script.checksum {
        return violated(DO_NOT_ADD_UP);
    }
    let without_reuse = (entry.memory == Memory::Arena).then(|| {
        room.resize(script.roomy());
        entry.subject.time(&mut room, script, 1, limit).outcome
    });
    Answer::Verified {
        outcome,
        without_reuse,
    }
}

/// Replays shorter than this are repeated until they are as long together: a cold start would be
/// most of what is measured.
const SHORTEST: usize = 100_000;

/// A timed replay.
pub(super) fn time(entry: &Entry, script: &Script, room_len: usize, limit: Duration) -> Answer {
    let passes = SHORTEST.div_ceil(script.steps.len()).clamp(1, 64);
    let mut room = Room::new(room_len);
    let timed = entry.subject.time(&mut room, script, passes as u32, limit);
    if timed.outcome.stop.is_none() && timed.outcome.checksum != script.checksum {
        return violated("the bytes read back in the timed replay do not add up");
    }
    Answer::Timed {
        outcome: timed.outcome,
        passes: timed.passes,
        page_faults: timed.page_faults,
    }
}
