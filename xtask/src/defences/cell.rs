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

impl Step {
    const ALL: [(&'static str, Self, &'static str); 3] = [
        ("fault", Self::Fault, "at once"),
        ("free", Self::Free, "at free"),
        ("reuse", Self::Reuse, "at reuse"),
    ];

    fn text(self) -> &'static str {
        Self::ALL.map(|(_, _, text)| text)[self as usize]
    }
}

/// What a process printed, and how it ended.
pub(super) struct Ran<'a> {
    pub(super) said: &'a str,
    /// `None` if it did not end in time.
    pub(super) end: Option<Exit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Success,
    /// By an access that a page's rights or nothing mapped there forbid.
    BadAccess,
    /// In any other way: what stops itself uses `abort`, traps or exits.
    Other,
}

impl End {
    pub(super) fn of(ran: &Ran<'_>) -> Self {
        let lines = ran.said.lines();
        let known = |line: &str| Step::ALL.iter().find(|(name, ..)| *name == line);
        let last = lines.clone().filter_map(known).next_back();
        let step = last.map_or(Step::Fault, |&(_, step, _)| step);
        let answer = lines
            .clone()
            .filter_map(|line| line.strip_prefix('='))
            .next_back();
        let is_said = lines
            .filter(|line| known(line).is_none() && !line.starts_with('=') && *line != "end")
            .any(|line| !line.is_empty());
        match (ran.end, answer) {
            (None, _) => Self::Hung,
            (Some(Exit::Success | Exit::BadAccess), Some(answer)) => {
                Self::Answered(answer.to_owned())
            }
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
                other => other
                    .strip_prefix("after ")
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0),
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
        let most = counts.iter().max_by_key(|(_, n)| **n);
        let Some((&end, &n)) = most else {
            return Self {
                text: String::new(),
                rank: 0,
            };
        };
        match kind {
            Kind::Unpredictable => {
                let is_different = counts.len() > 1;
                Self {
                    text: if is_different { "yes" } else { "no" }.to_owned(),
                    rank: u32::from(is_different),
                }
            }
            Kind::Answer if counts.len() > 1 => {
                let worst = counts.keys().min_by_key(|end| end.rank());
                let worst = worst.map_or(end, |end| end);
                let is_number = worst.text().starts_with("after");
                Self {
                    text: match is_number {
                        true => format!("{} at least", worst.text()),
                        false => worst.text(),
                    },
                    rank: worst.rank(),
                }
            }
            _ => Self {
                text: match counts.len() {
                    1 => end.text(),
                    _ => format!("{}, {n} of {}", end.text(), ends.len()),
                },
                rank: end.rank(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(said: &str, end: Option<Exit>) -> End {
        End::of(&Ran { said, end })
    }

    #[test]
    fn the_last_step_says_where_a_run_was_stopped() {
        assert_eq!(
            end("fault\n", Some(Exit::BadAccess)),
            End::Stopped(Step::Fault)
        );
        assert_eq!(
            end("fault\nfree\nfree(): invalid\n", Some(Exit::Other)),
            End::Stopped(Step::Free)
        );
        assert_eq!(
            end("fault\nfree\nreuse\n", Some(Exit::BadAccess)),
            End::Crashed(Step::Reuse)
        );
        assert_eq!(end("free\nreuse\nend\n", Some(Exit::Success)), End::WentOn);
        assert_eq!(
            end("free\nmimalloc: error\nreuse\nend\n", Some(Exit::Success)),
            End::Reported
        );
        assert_eq!(end("free\n", None), End::Hung);
    }

    #[test]
    fn an_answer_counts_even_if_looking_for_a_better_one_faults() {
        let yes = End::Answered("yes".to_owned());
        assert_eq!(end("=yes\n", Some(Exit::BadAccess)), yes);
        assert_eq!(
            end("=yes\n=no\nend\n", Some(Exit::Success)),
            End::Answered("no".to_owned())
        );
    }

    #[test]
    fn a_cell_says_how_many_runs_agree() {
        let ends = [
            End::Stopped(Step::Free),
            End::Stopped(Step::Free),
            End::WentOn,
        ];
        assert_eq!(Cell::of(Kind::Mistake, &ends).text, "at free, 2 of 3");
        let delays = ["after 9", "after 3", "after 9"].map(|text| End::Answered(text.to_owned()));
        assert_eq!(Cell::of(Kind::Answer, &delays).text, "after 3 at least");
        assert_eq!(Cell::of(Kind::Unpredictable, &delays).text, "yes");
        assert_eq!(Cell::of(Kind::Unpredictable, &delays[..1]).text, "no");
    }

    #[test]
    fn sooner_is_better() {
        let ranks = [
            End::Stopped(Step::Fault),
            End::Stopped(Step::Free),
            End::Stopped(Step::Reuse),
            End::Reported,
            End::WentOn,
        ]
        .map(|end| end.rank());
        assert!(ranks.is_sorted_by(|a, b| a > b));
    }
}
