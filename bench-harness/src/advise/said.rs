//! What was said of a program before: an answer stands until a run contradicts it.
//!
//! Figures differ from run to run in their last digits, and so would sentences that have them. A sentence is said
//! again as it was if this run's pick is the same or too close to tell from it, and if the intervals of its
//! figures overlap this run's.

use std::fs;
use std::path::{Path, PathBuf};

use bench_results::ratio::Ratio;
use serde::{Deserialize, Serialize};

/// The answers on one program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    /// The program, and everything that it ran on.
    pub(super) about: String,
    /// The answer for each use.
    pub(super) answers: Vec<Answer>,
}

/// The answer for one use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The use.
    pub(super) to: String,
    /// The answer in words.
    pub(super) sentence: String,
    /// The pick's figures, and those of others that are too close to it to tell.
    pub(super) figures: Vec<Figures>,
}

/// Time and memory of a subject over libc's, or what there is of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// The subject.
    pub(super) name: String,
    /// Its ratios.
    pub(super) ratios: Vec<Option<Ratio>>,
}

impl Said {
    /// What was said before, beside the results in `json`; nothing if nothing was.
    pub(super) fn read(json: &Path) -> Self {
        let text = fs::read_to_string(beside(json)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// What of this is about the same; nothing if it is about something else.
    pub(super) fn on(self, about: String) -> Self {
        if self.about == about {
            return self;
        }
        Self {
            about,
            answers: Vec::new(),
        }
    }

    /// Keeps it beside the results in `json`.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(super) fn write(&self, json: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string(self)?;
        crate::output::write(&beside(json), &text)
    }

    /// The pick of the answer for a use.
    pub(super) fn pick(&self, to: &str) -> Option<&str> {
        let answer = self.answers.iter().find(|answer| answer.to == to)?;
        Some(answer.figures.first()?.name.as_str())
    }

    /// The answer that is given: the earlier one if `new` confirms it, else `new`, which then stands for it.
    pub(super) fn settle(&mut self, new: Answer) -> &Answer {
        let known = self.answers.iter().position(|old| old.to == new.to);
        match known {
            Some(at) if self.answers[at].is_confirmed_by(&new) => &self.answers[at],
            Some(at) => {
                self.answers[at] = new;
                &self.answers[at]
            }
            None => {
                let at = self.answers.len();
                self.answers.push(new);
                &self.answers[at]
            }
        }
    }
}

impl Answer {
    /// Whether `new` says nothing against this one.
    fn is_confirmed_by(&self, new: &Self) -> bool {
        let Some(pick) = self.figures.first() else {
            return new.figures.is_empty() && self.sentence == new.sentence;
        };
        let again = new.figures.iter().find(|one| one.name == pick.name);
        again.is_some_and(|again| {
            let both = pick.ratios.iter().zip(&again.ratios);
            let overlaps = |(old, new): (&Option<Ratio>, &Option<Ratio>)| match (old, new) {
                (Some(old), Some(new)) => old.overlaps(*new),
                (old, new) => old.is_some() == new.is_some(),
            };
            pick.ratios.len() == again.ratios.len() && both.into_iter().all(overlaps)
        })
    }
}

fn beside(json: &Path) -> PathBuf {
    json.with_extension("said.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_results::stats::Interval;

    fn figures(name: &str, value: f64) -> Figures {
        let interval = Interval {
            low: value - 0.02,
            high: value + 0.02,
        };
        let ratio = Ratio {
            value,
            interval: Some(interval),
        };
        Figures {
            name: name.to_string(),
            ratios: vec![Some(ratio), None],
        }
    }

    fn answer(figures: Vec<Figures>) -> Answer {
        Answer {
            to: "malloc".to_string(),
            sentence: format!("{figures:?}"),
            figures,
        }
    }

    fn said() -> Said {
        let answers = vec![answer(vec![figures("je", 0.8)])];
        Said {
            about: "sort".to_string(),
            answers,
        }
    }

    #[test]
    fn a_sentence_is_said_again_until_a_run_contradicts_it() {
        let before = said().answers[0].sentence.clone();
        let close = answer(vec![figures("mi", 0.78), figures("je", 0.81)]);
        assert_eq!(said().settle(close).sentence, before);
        for other in [
            answer(vec![figures("je", 0.9)]),
            answer(vec![figures("mi", 0.8)]),
            answer(Vec::new()),
        ] {
            let mut said = said();
            assert_eq!(said.settle(other.clone()), &other);
            assert_eq!(said.answers, [other]);
        }
    }

    #[test]
    fn what_was_said_of_another_program_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let json = folder.path().join("advise.json");
        said().write(&json).unwrap();
        assert_eq!(Said::read(&json).on("sort".to_string()), said());
        assert_eq!(Said::read(&json).pick("malloc"), Some("je"));
        assert_eq!(Said::read(&json).on("ls".to_string()).answers, []);
        assert_eq!(
            Said::read(&folder.path().join("none.json")),
            Said::default()
        );
    }
}
