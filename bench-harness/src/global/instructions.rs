//! Instructions of a pair behind a call, as callgrind counts them: those of the two functions and of
//! what they call, not of the loop. What the kernel does is not counted.

use anyhow::{Result, bail};

use super::{Row, Task, pair};
use crate::job::{Answer, Job, Question};
use crate::measure::callgrind::count;

/// Instructions of a pair of the job's allocator, in a process like this one.
///
/// # Errors
///
/// Valgrind cannot be started, its output is not understood, or the allocator does not run under it.
pub(crate) fn instructions(job: &Job) -> Result<f64> {
    let task = Task {
        row: Row::PairCall,
        n_threads: 1,
        is_quick: true,
    };
    let counted = Job {
        question: Question::Global(task),
        ..job.clone()
    };
    match count(&counted, "*pair::*_behind_call*", &[])? {
        Some((Answer::Global(_), events)) => {
            Ok(events[0] as f64 / pair::n_behind_call(task) as f64)
        }
        _ => bail!("it does not run under valgrind"),
    }
}
