//! What a page does without when its results are too large.

use crate::report::{Detail, Report, Row};

/// Something to leave out, the least missed first.
pub(super) struct Step {
    /// What is gone, in words.
    pub(super) what: &'static str,
    /// Leaves it out of a row; whether there was something.
    leave_out: fn(&mut Row) -> bool,
}

pub(super) const STEPS: &[Step] = &[
    Step {
        what: "the operation logs of heaps of allocators by others",
        leave_out: |row| !row.is_stage && drop_log(&mut row.remarks.detail),
    },
    Step {
        what: "three of four samples of memory over time",
        leave_out: |row| thin_moments(&mut row.remarks.detail),
    },
    Step {
        what: "the heap pictures of allocators by others",
        leave_out: |row| !row.is_stage && row.remarks.detail.layout.take().is_some(),
    },
    Step {
        what: "the operation logs of all heaps",
        leave_out: |row| drop_log(&mut row.remarks.detail),
    },
    Step {
        what: "all heap pictures",
        leave_out: |row| row.remarks.detail.layout.take().is_some(),
    },
    Step {
        what: "memory over time",
        leave_out: |row| row.remarks.detail.memory.take().is_some(),
    },
];

/// Leaves something out of every row; whether there was something.
pub(super) fn apply(step: &Step, report: &mut Report) -> bool {
    let rows = report.workloads.iter_mut();
    let rows = rows.flat_map(|workload| &mut workload.rows);
    rows.map(|row| (step.leave_out)(row))
        .fold(false, |any, one| any | one)
}

fn drop_log(detail: &mut Detail) -> bool {
    let log = detail.layout.as_mut().map(|layout| &mut layout.log);
    log.is_some_and(|log| !std::mem::take(log).is_empty())
}

/// Keeps every fourth sample and the last.
fn thin_moments(detail: &mut Detail) -> bool {
    let Some(memory) = detail
        .memory
        .as_mut()
        .filter(|memory| memory.moments.len() > 8)
    else {
        return false;
    };
    let last = memory.moments.len() - 1;
    let mut index = 0;
    memory.moments.retain(|_| {
        let is_kept = index % 4 == 0 || index == last;
        index += 1;
        is_kept
    });
    true
}
