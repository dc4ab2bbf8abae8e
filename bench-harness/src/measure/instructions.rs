//! Instructions per operation, counted by callgrind.
//!
//! The harness's own loop is counted on the empty allocator and subtracted.

use anyhow::Result;

use super::callgrind::count;
use crate::allocators::EMPTY;
use crate::job::{Answer, Job, Question};

/// Operations replayed at most: callgrind is some fifty times slower than the processor.
const MOST_OPS: usize = 50_000;

/// Instructions per operation of the job's allocator on the start of its workload; `None` if the
/// replay does not end.
///
/// # Errors
///
/// Valgrind cannot be started or its output is not understood.
pub(crate) fn instructions(job: &Job) -> Result<Option<f64>> {
    let counted = Job {
        question: Question::Time,
        ops: Some(job.ops.unwrap_or(MOST_OPS).min(MOST_OPS)),
        ..job.clone()
    };
    let empty = Job {
        allocator: EMPTY.to_string(),
        ..counted.clone()
    };
    let (all, own) = (per_operation(&counted)?, per_operation(&empty)?);
    Ok(all.zip(own).map(|(all, own)| all - own))
}

/// Instructions of the timed loop per operation.
fn per_operation(job: &Job) -> Result<Option<f64>> {
    let Some((
        Answer::Timed {
            outcome, passes, ..
        },
        events,
    )) = count(job, "*::replay::replay*", &[])?
    else {
        return Ok(None);
    };
    let n_ops = outcome.ops_done.max(1) as f64 * f64::from(passes);
    Ok(outcome.stop.is_none().then_some(events[0] as f64 / n_ops))
}
