//! What a process holds without the library that is preloaded into this one.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::patience;
use crate::process::Sample;

/// The memory of a process that has the same job as this one, but for the library; `None` if there is
/// none.
///
/// A library takes memory as the process starts, before there is anything to compare with. A later
/// ground level would hide it, and the whole of a small workload that fits into it.
///
/// # Errors
///
/// That process did not answer.
pub(crate) fn ground(job: &Job) -> Result<Option<Sample>> {
    if job.preload.is_none() {
        return Ok(None);
    }
    let without = Job {
        preload: None,
        question: Question::Ground,
        ..job.clone()
    };
    match ask(&without, patience(Duration::from_millis(job.limit_ms))) {
        Ok(Answer::Ground(sample)) => Ok(Some(sample)),
        Ok(_) => bail!("another question was answered"),
        Err(death) => bail!("no ground level: {death}"),
    }
}
