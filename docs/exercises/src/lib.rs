//! The exercises in the book's pages: what may be answered, what is right, and why the rest is wrong.
//!
//! A chapter holds the question and its answer as text between `<heap-exercise>` tags. In the built book,
//! `page/heap-exercise.js` adds the form and checks what is entered. What it checks against is computed here, by
//! the stages themselves, and written to `page/data.js`. A test compares that file, and the text of the
//! chapters, with what the stages do.

mod heaps;
mod phase_0;
mod phase_1;
mod phase_2;
mod phase_3;
mod phase_4;
mod phase_5;
mod phase_6;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

/// The exercises of a chapter.
#[derive(Debug)]
pub struct Chapter {
    /// Its file in `docs/src`.
    pub file: &'static str,
    /// The exercises, in the chapter's order.
    pub exercises: Vec<Exercise>,
}

/// One exercise.
#[derive(Debug)]
pub struct Exercise {
    /// The name in its tag.
    pub name: &'static str,
    /// What is asked; all parts must be right.
    pub parts: Vec<Part>,
    /// Words of the answer in the chapter, which the stages must bear out.
    pub shown: Vec<String>,
}

/// One thing that is asked.
#[derive(Debug, Serialize)]
pub struct Part {
    label: String,
    #[serde(flatten)]
    kind: Kind,
    /// The verdict on each answer that was thought of.
    answers: BTreeMap<String, Verdict>,
    /// What is said to any other answer.
    otherwise: String,
}

/// How a part is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A number, decimal or after `0x`.
    Number,
    /// Bytes, as pairs of hexadecimal digits.
    Bytes,
    /// One of the options.
    Choice {
        /// The options.
        options: Vec<String>,
    },
    /// Some of the options. The verdict is on each: right if it is to be chosen.
    Checks {
        /// The options.
        options: Vec<String>,
    },
    /// So many of the options, in an order.
    Sequence {
        /// The options.
        options: Vec<String>,
        /// How many.
        length: usize,
    },
}

/// What is said to an answer.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Whether it is right.
    pub right: bool,
    /// Why.
    pub why: String,
}

/// All exercises, chapter by chapter.
pub fn chapters() -> Vec<Chapter> {
    vec![
        phase_0::chapter(),
        phase_1::chapter(),
        phase_2::chapter(),
        phase_3::chapter(),
        phase_4::chapter(),
        phase_5::chapter(),
        phase_6::chapter(),
    ]
}

/// What the page's script reads.
pub fn script() -> String {
    let parts: BTreeMap<&str, Vec<Part>> = chapters()
        .into_iter()
        .flat_map(|chapter| chapter.exercises)
        .map(|exercise| (exercise.name, exercise.parts))
        .collect();
    let data = serde_json::to_string_pretty(&parts).expect("text and numbers");
    format!(
        "// Made by `cargo run -p exercises`: what the stages answer to the exercises of the book.\n\
         window.heapExercises = {data};\n"
    )
}

impl Part {
    fn new(label: impl Into<String>, kind: Kind) -> Self {
        Self {
            label: label.into(),
            kind,
            answers: BTreeMap::new(),
            otherwise: String::new(),
        }
    }

    /// The same with an answer that is right.
    fn right(self, answer: impl Display, why: impl Into<String>) -> Self {
        self.verdict(answer, true, why)
    }

    /// The same with an answer that is wrong, and the mistake that leads to it.
    fn wrong(self, answer: impl Display, why: impl Into<String>) -> Self {
        self.verdict(answer, false, why)
    }

    fn verdict(mut self, answer: impl Display, right: bool, why: impl Into<String>) -> Self {
        let why = why.into();
        let other = self
            .answers
            .insert(answer.to_string(), Verdict { right, why });
        assert!(other.is_none(), "{}: two verdicts on {answer}", self.label);
        self
    }

    /// The same with a hint for every other answer.
    fn otherwise(mut self, why: impl Into<String>) -> Self {
        self.otherwise = why.into();
        self
    }

    /// How it is answered.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The answers that were thought of, with their verdicts.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.answers
            .iter()
            .map(|(answer, verdict)| (answer.as_str(), verdict))
    }

    /// What is said to any other answer.
    pub fn hint(&self) -> &str {
        &self.otherwise
    }
}

fn options(options: &[&str]) -> Vec<String> {
    options.iter().map(ToString::to_string).collect()
}

/// Every sequence of `length` of the options; each option at most once if `once`.
fn sequences(options: &[&'static str], length: usize, once: bool) -> Vec<Vec<&'static str>> {
    let mut found = vec![Vec::new()];
    for _ in 0..length {
        let longer = found.iter().flat_map(|start: &Vec<&'static str>| {
            let next = options
                .iter()
                .filter(move |option| !once || !start.contains(option));
            next.map(move |option| [start.as_slice(), &[*option]].concat())
        });
        found = longer.collect();
    }
    found
}
