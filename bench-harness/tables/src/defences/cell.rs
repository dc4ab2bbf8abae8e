//! A cell of the matrix: what the runs of one program under one allocator came to.

use std::collections::BTreeMap;

use super::rows::Kind;

/// How one run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// It was stopped at this step, on purpose.
    Stopped(Step),
    /// It crashed at this step: the mistake did harm.
    Crashed(Step),
    /// It went on, and the allocator said something.
    Reported,
    /// It went on.
    WentOn,
    /// It went on for ever.
    Hung,
    /// The program answered its question.
    Answered(String),
}

/// The steps of a program; a later one is a worse place to be stopped at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Fault,
    Free,
    Reuse,
}

/// What a program says at each step, and a cell says of it.
const STEPS: [(&str, Step, &str); 3] = [
    ("fault", Step::Fault, "at once"),
    ("free", Step::Free, "at free"),
    ("reuse", Step::Reuse, "at reuse"),
];

impl Step {
    fn text(self) -> &'static str {
        STEPS[self as usize].2
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Success,
    /// By an access that a page's rights or nothing mapped there forbid.
    BadAccess,
    /// In any other way: what stops itself uses `abort`, traps or exits.
    Other,
}

impl End {
    /// Of a run that printed `said`, and ended so; `None` if it did not end in time.
    pub(super) fn of(said: &str, exit: Option<Exit>) -> Self {
        let mut step = Step::Fault;
        let (mut answer, mut is_said) = (None, false);
        for line in said.lines().filter(|line| !["", "end"].contains(line)) {
            match (
                STEPS.iter().find(|(name, ..)| *name == line),
                line.strip_prefix('='),
            ) {
                (Some((_, known, _)), _) => step = *known,
                (None, Some(text)) => answer = Some(text.to_owned()),
                (None, None) => is_said = true,
            }
        }
        match (exit, answer) {
            (None, _) => Self::Hung,
            (Some(Exit::Success | Exit::BadAccess), Some(answer)) => Self::Answered(answer),
            (Some(Exit::Success), None) if is_said => Self::Reported,
            (Some(Exit::Success), None) => Self::WentOn,
            (Some(Exit::BadAccess), None) if step != Step::Fault => Self::Crashed(step),
            (Some(Exit::BadAccess | Exit::Other), _) => Self::Stopped(step),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Stopped(step) => step.text().to_owned(),
            Self::Crashed(step) => format!("crash {}", step.text()),
            Self::Reported => "reported".to_owned(),
            Self::WentOn => "–".to_owned(),
            Self::Hung => "hangs".to_owned(),
            Self::Answered(answer) => answer.clone(),
        }
    }

    /// More is better.
    fn rank(&self) -> u32 {
        match self {
            Self::Stopped(Step::Fault) => 5,
            Self::Stopped(Step::Free) => 4,
            Self::Stopped(Step::Reuse) => 3,
            Self::Reported => 2,
            Self::Answered(answer) => match answer.as_str() {
                "yes" => 5,
                "not in 2000" => 2000,
                "no harm" => 1,
                other => {
                    let delay = other.strip_prefix("after ").and_then(|n| n.parse().ok());
                    delay.unwrap_or(0)
                }
            },
            Self::Crashed(_) | Self::WentOn | Self::Hung => 0,
        }
    }
}

/// A cell: its text, and how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Of the most frequent end.
    pub(super) rank: u32,
}

impl Cell {
    pub(super) fn of(kind: Kind, ends: &[End]) -> Self {
        let mut counts: BTreeMap<&End, usize> = BTreeMap::new();
        for end in ends {
            *counts.entry(end).or_default() += 1;
        }
        let cell = |text: String, rank| Self { text, rank };
        let Some((end, n)) = counts.iter().max_by_key(|(_, n)| **n) else {
            return cell(String::new(), 0);
        };
        let worst = counts.keys().min_by_key(|end| end.rank()).unwrap_or(end);
        let differ = counts.len() > 1;
        match kind {
            Kind::Unpredictable if differ => cell("yes".to_owned(), 1),
            Kind::Unpredictable => cell("no".to_owned(), 0),
            Kind::Answer if differ && worst.text().starts_with("after") => {
                cell(format!("{} at least", worst.text()), worst.rank())
            }
            Kind::Answer => cell(worst.text(), worst.rank()),
            Kind::Mistake if differ => {
                cell(format!("{}, {n} of {}", end.text(), ends.len()), end.rank())
            }
            Kind::Mistake => cell(end.text(), end.rank()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_says_where_a_run_was_stopped_and_an_answer_counts_even_before_a_fault() {
        let answered = |text: &str| End::Answered(text.to_owned());
        for (said, exit, end) in [
            ("fault\n", Some(Exit::BadAccess), End::Stopped(Step::Fault)),
            (
                "fault\nfree\nfree(): invalid\n",
                Some(Exit::Other),
                End::Stopped(Step::Free),
            ),
            (
                "fault\nfree\nreuse\n",
                Some(Exit::BadAccess),
                End::Crashed(Step::Reuse),
            ),
            ("free\nreuse\nend\n", Some(Exit::Success), End::WentOn),
            (
                "free\nmimalloc: error\nreuse\nend\n",
                Some(Exit::Success),
                End::Reported,
            ),
            ("free\n", None, End::Hung),
            ("=yes\n", Some(Exit::BadAccess), answered("yes")),
            ("=yes\n=no\nend\n", Some(Exit::Success), answered("no")),
        ] {
            assert_eq!(End::of(said, exit), end, "{said}");
        }
    }

    #[test]
    fn a_cell_says_how_many_runs_agree() {
        let stopped = End::Stopped(Step::Free);
        let ends = [stopped.clone(), stopped, End::WentOn];
        assert_eq!(Cell::of(Kind::Mistake, &ends).text, "at free, 2 of 3");
        let delays = ["after 9", "after 3", "after 9"].map(|text| End::Answered(text.to_owned()));
        assert_eq!(Cell::of(Kind::Answer, &delays).text, "after 3 at least");
        assert_eq!(Cell::of(Kind::Unpredictable, &delays).text, "yes");
        assert_eq!(Cell::of(Kind::Unpredictable, &delays[..1]).text, "no");
    }

    #[test]
    fn sooner_is_better() {
        let steps = STEPS.map(|(_, step, _)| End::Stopped(step).rank());
        let others = [End::Reported, End::WentOn].map(|end| end.rank());
        let ranks = [&steps[..], &others].concat();
        assert!(ranks.is_sorted_by(|a, b| a > b));
    }
}
