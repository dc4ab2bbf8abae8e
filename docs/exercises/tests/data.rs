//! What the page checks against is what the stages do, and the chapters say the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use exercises::{Kind, Part, chapters, script};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(docs().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_pages_data_is_what_the_stages_answer() {
    assert!(
        text("exercises/page/data.js") == script(),
        "docs/exercises/page/data.js is not what the stages answer: cargo run -p exercises"
    );
}

#[test]
fn every_chapter_has_three_to_five_exercises_and_they_are_those_of_its_text() {
    for chapter in chapters() {
        let text = text(&format!("src/{}", chapter.file));
        let tags = text.split("<heap-exercise name=\"").skip(1);
        let named: Vec<&str> = tags.map(|tag| tag.split('"').next().unwrap()).collect();
        let known: Vec<&str> = chapter
            .exercises
            .iter()
            .map(|exercise| exercise.name)
            .collect();
        assert_eq!(named, known, "{}", chapter.file);
        assert!((3..=5).contains(&known.len()), "{}", chapter.file);
    }
}

#[test]
fn the_answer_in_the_text_is_the_stages() {
    for chapter in chapters() {
        let text = text(&format!("src/{}", chapter.file));
        for exercise in &chapter.exercises {
            let tag = format!("<heap-exercise name=\"{}\">", exercise.name);
            let (_, after) = text.split_once(&tag).unwrap();
            let (block, _) = after.split_once("</heap-exercise>").unwrap();
            let (_, answer) = block.split_once("<details>").expect("the answer is folded");
            let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!exercise.shown.is_empty(), "{}", exercise.name);
            for shown in &exercise.shown {
                assert!(
                    answer.contains(shown.as_str()),
                    "{}: no \"{shown}\" in: {answer}",
                    exercise.name
                );
            }
        }
    }
}

#[test]
fn every_part_can_be_answered_and_every_answer_has_a_reason() {
    for exercise in chapters().into_iter().flat_map(|chapter| chapter.exercises) {
        for part in &exercise.parts {
            let name = exercise.name;
            assert!(
                part.answers().any(|(_, verdict)| verdict.right),
                "{name}: nothing is right"
            );
            assert!(
                part.answers().any(|(_, verdict)| !verdict.right),
                "{name}: nothing is wrong"
            );
            assert!(
                part.answers().all(|(_, verdict)| !verdict.why.is_empty()),
                "{name}: no reason"
            );
            assert!(!part.hint().is_empty(), "{name}: no hint");
            assert_complete(name, part);
        }
    }
}

/// Whatever can be chosen has a verdict, and nothing else has one.
fn assert_complete(name: &str, part: &Part) {
    let answers: BTreeSet<String> = part
        .answers()
        .map(|(answer, _)| answer.to_string())
        .collect();
    match part.kind() {
        Kind::Number => assert!(
            answers.iter().all(|answer| answer.parse::<u64>().is_ok()),
            "{name}"
        ),
        Kind::Bytes => assert!(
            answers.iter().all(|answer| answer
                .split(' ')
                .all(|pair| u8::from_str_radix(pair, 16).is_ok())),
            "{name}"
        ),
        Kind::Choice { options } | Kind::Checks { options } => {
            assert_eq!(answers, options.iter().cloned().collect(), "{name}");
        }
        Kind::Sequence { options, length } => {
            let is_of_options = |answer: &String| {
                let chosen: Vec<&str> = answer.split(", ").collect();
                chosen.len() == *length
                    && chosen
                        .iter()
                        .all(|one| options.iter().any(|other| other == one))
            };
            assert!(answers.iter().all(is_of_options), "{name}: {answers:?}");
        }
    }
}
