//! The shortest program on which an allocator crashes or hangs.
//!
//! Each program is played in a process of its own, as none survives such an allocator. Random programs come first, the
//! short ones before the long ones; the first that ends its process is shortened as long as it still does.

use std::time::{Duration, Instant};

use core_api::testing::{Op, Program};

use crate::allocators::Entry;
use crate::child::{Death, ask};
use crate::job::{Job, Question, random_program};

/// Random programs that are tried, at most.
const N_PROGRAMS: u32 = 256;

/// How long a program may take. None of them takes a hundredth of that if it comes to an end.
const LIMIT: Duration = Duration::from_secs(2);

/// How long the search may take.
const TIME: Duration = Duration::from_secs(60);

/// Returns a program that ends its process as `death` did; `None` if none is found.
pub(super) fn program(entry: &Entry, death: &Death) -> Option<Program> {
    let search = Search {
        entry,
        is_hang: death.is_hang(),
        deadline: Instant::now() + TIME,
    };
    let program = search.first()?;
    Some(search.shrunk(program))
}

struct Search<'a> {
    entry: &'a Entry,
    is_hang: bool,
    deadline: Instant,
}

impl Search<'_> {
    /// The first random program that does it.
    fn first(&self) -> Option<Program> {
        let dies = |n| self.is_the_death(Question::Programs { n }, None);
        if !dies(N_PROGRAMS) {
            return None;
        }
        // The first `survived` do not, and the first `died` do.
        let (mut survived, mut died) = (0, N_PROGRAMS);
        while died - survived > 1 {
            let middle = u32::midpoint(survived, died);
            match dies(middle) {
                true => died = middle,
                false => survived = middle,
            }
        }
        Some(random_program(died - 1)).filter(|program| self.dies(program))
    }

    /// The program with fewer operations and smaller sizes, as far as it still does it.
    fn shrunk(&self, program: Program) -> Program {
        let mut ops = program.ops().to_vec();
        let mut len = ops.len().div_ceil(2);
        while len > 0 {
            let mut at = 0;
            while at < ops.len() {
                let mut fewer = ops.clone();
                fewer.drain(at..(at + len).min(ops.len()));
                match self.dies(&Program::new(fewer.clone())) {
                    true => ops = fewer,
                    false => at += len,
                }
            }
            len /= 2;
        }
        for at in 0..ops.len() {
            for op in simpler(ops[at]) {
                let mut other = ops.clone();
                other[at] = op;
                if self.dies(&Program::new(other.clone())) {
                    ops = other;
                    break;
                }
            }
        }
        Program::new(ops)
    }

    fn dies(&self, program: &Program) -> bool {
        self.is_the_death(Question::Program, Some(program.to_string()))
    }

    fn is_the_death(&self, question: Question, program: Option<String>) -> bool {
        if Instant::now() > self.deadline {
            return false;
        }
        let job = Job {
            program,
            ..Job::new(self.entry, question, LIMIT)
        };
        let death = ask(&job, question.patience(LIMIT)).err();
        death.is_some_and(|death| death.is_hang() == self.is_hang)
    }
}

/// The same operation with numbers that say less, the simplest first.
fn simpler(op: Op) -> Vec<Op> {
    match op {
        Op::Allocate { size, align } | Op::AllocateZeroed { size, align } => {
            let sizes = [8, 64, 4096].into_iter().filter(|simple| *simple < size);
            let plain = sizes.map(|size| Op::Allocate { size, align: 8 });
            plain
                .chain([Op::Allocate { size, align }])
                .filter(|other| *other != op)
                .collect()
        }
        Op::Grow { which, .. } | Op::GrowZeroed { which, .. } => vec![Op::Grow {
            which,
            by: 8,
            align: None,
        }],
        Op::Shrink { which, .. } => vec![Op::Shrink {
            which,
            to: 8,
            align: None,
        }],
        Op::Deallocate { which } => (0..which.min(4))
            .map(|which| Op::Deallocate { which })
            .collect(),
        Op::ResizeInPlace { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_becomes_simpler_and_never_itself() {
        let op = Op::Allocate {
            size: 100,
            align: 64,
        };
        assert_eq!(
            simpler(op),
            [
                Op::Allocate { size: 8, align: 8 },
                Op::Allocate { size: 64, align: 8 }
            ]
        );
        assert_eq!(
            simpler(Op::AllocateZeroed { size: 8, align: 8 }),
            [Op::Allocate { size: 8, align: 8 }]
        );
        assert!(simpler(Op::Allocate { size: 8, align: 8 }).is_empty());
    }
}
