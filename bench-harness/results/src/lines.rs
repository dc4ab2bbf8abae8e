//! Files of results: a line of JSON for each run, and for each measurement in it as it is made. Two such files, one
//! behind the other, are a file of both.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Attachment, Case, Environment, Measurement, Outcome, Results, Subject};

/// The version of the lines. It is raised when one changes its meaning.
pub const SCHEMA: u32 = 3;

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    /// A run begins: what follows is of it.
    Run(Box<Environment>),
    /// A figure of the run.
    #[serde(borrow)]
    Measured(Figure<'a>),
    /// What goes with the figures.
    Attached(Box<Attachment>),
    /// The run went to its end.
    Ended { seconds: f64 },
}

/// A [`Measurement`] whose subject and case, which many share, are not parsed yet.
#[derive(Deserialize)]
struct Figure<'a> {
    #[serde(borrow)]
    subject: &'a RawValue,
    #[serde(borrow)]
    case: &'a RawValue,
    metric: String,
    outcome: Outcome,
}

/// What was parsed before, by its text.
struct Known<T>(HashMap<Box<str>, Arc<T>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: DeserializeOwned> Known<T> {
    fn parse(&mut self, text: &RawValue) -> serde_json::Result<Arc<T>> {
        if let Some(known) = self.0.get(text.get()) {
            return Ok(Arc::clone(known));
        }
        let new = Arc::new(serde_json::from_str(text.get())?);
        self.0.insert(text.get().into(), Arc::clone(&new));
        Ok(new)
    }
}

/// The same, of what is only borrowed.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Written<'a> {
    Run(&'a Environment),
    Measured(&'a Measurement),
    Attached(&'a Attachment),
    Ended { seconds: f64 },
}

/// The lines of `results`: of each run its own, its measurements, what goes with them, and its end if it had one.
///
/// # Errors
///
/// What cannot be written as JSON.
pub fn of(results: &Results) -> Result<String> {
    let mut text = String::new();
    for run in &results.runs {
        text += &line(&Written::Run(run))?;
        text += &measured(results, run.run)?;
        if let Some(seconds) = run.seconds {
            text += &line(&Written::Ended { seconds })?;
        }
    }
    Ok(text)
}

/// The lines of what was measured in one run, without the run's own.
///
/// # Errors
///
/// As [`of`].
pub fn measured(results: &Results, run: u32) -> Result<String> {
    let mut text = String::new();
    for one in results.measurements.iter().filter(|one| one.run == run) {
        text += &line(&Written::Measured(one))?;
    }
    for one in results.attachments.iter().filter(|one| one.run == run) {
        text += &line(&Written::Attached(one))?;
    }
    Ok(text)
}

fn line(line: &Written<'_>) -> Result<String> {
    Ok(serde_json::to_string(line)? + "\n")
}

/// Appends `results` to the file at `path`, which is made if there is none.
///
/// # Errors
///
/// The file cannot be written.
pub fn append(path: &Path, results: &Results) -> Result<()> {
    let shown = || format!("cannot write {}", path.display());
    let file = File::options().append(true).create(true).open(path);
    let mut file = file.with_context(shown)?;
    file.write_all(of(results)?.as_bytes()).with_context(shown)
}

/// Reads the file at `path`. The second value says what is wrong with it: of a file that was cut off in the
/// middle of a line, the whole lines are read.
///
/// # Errors
///
/// A file that cannot be read or is of an earlier version, or a line before the last that is no result.
pub fn read(path: &Path) -> Result<(Results, Option<String>)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(BufReader::new(file), &path.display().to_string())
}

/// Reads the lines of the file called `name`, as [`read`] does.
///
/// # Errors
///
/// As [`read`].
pub fn parse(mut lines: impl BufRead, name: &str) -> Result<(Results, Option<String>)> {
    let mut reader = Reader::default();
    let mut text = Vec::new();
    let mut number = 0;
    loop {
        text.clear();
        let len = lines.read_until(b'\n', &mut text);
        if len.with_context(|| format!("cannot read {name}"))? == 0 {
            break;
        }
        number += 1;
        if reader.take(&text, name)? {
            continue;
        }
        if reader.results.runs.is_empty() {
            lines.read_to_end(&mut text).unwrap_or_default();
            check_older(&text, name)?;
            break;
        }
        if lines.fill_buf().is_ok_and(|rest| !rest.is_empty()) {
            bail!("{name}: line {number} is no result");
        }
        let warning =
            format!("{name} is cut off: line {number}, its last, is not whole and is left out");
        return Ok((reader.results, Some(warning)));
    }
    match reader.results.runs.is_empty() {
        true => bail!("{name} has no results of `cargo xtask bench`"),
        false => Ok((reader.results, None)),
    }
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    results: Results,
    /// The run that lines are of; `None` of one that was there before.
    run: Option<u32>,
    subjects: Known<Subject>,
    cases: Known<Case>,
}

impl Reader {
    /// Reads a line; whether it is one.
    fn take(&mut self, text: &[u8], name: &str) -> Result<bool> {
        let Ok(line) = serde_json::from_slice(text) else {
            return Ok(false);
        };
        if let Line::Run(environment) = line {
            check_schema(environment.schema, &environment.command, name)?;
            // Files that were put together number their runs alike, and may have one twice.
            self.run = self.results.begin(*environment);
            return Ok(true);
        }
        let Some(run) = self.run else {
            return Ok(!self.results.runs.is_empty());
        };
        match line {
            Line::Measured(one) => {
                let subject = self.subjects.parse(one.subject);
                let (Ok(subject), Ok(case)) = (subject, self.cases.parse(one.case)) else {
                    return Ok(false);
                };
                self.results.measurements.push(Measurement {
                    run,
                    subject,
                    case,
                    metric: one.metric,
                    outcome: one.outcome,
                });
            }
            Line::Attached(one) => self.results.attachments.push(Attachment { run, ..*one }),
            Line::Ended { seconds } => self.results.runs[run as usize].seconds = Some(seconds),
            Line::Run(_) => {}
        }
        Ok(true)
    }
}

/// What the one object of an earlier version says of itself.
#[derive(Deserialize)]
struct Older {
    schema: u32,
    command: String,
}

/// Whether `text` is of a version before there were lines.
fn check_older(text: &[u8], name: &str) -> Result<()> {
    match serde_json::from_slice(text) {
        Ok(Older { schema, command }) => check_schema(schema, &command, name),
        Err(_) => Ok(()),
    }
}

fn check_schema(schema: u32, command: &str, name: &str) -> Result<()> {
    if schema == SCHEMA {
        return Ok(());
    }
    bail!(
        "{name} has results of another version: schema {schema}, and this program reads {SCHEMA}. \
         Read it with the program that wrote it, or measure again: {command}"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::testing::{results, time};

    /// A file that is not there yet.
    fn file(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("bench-results-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    fn two() -> Results {
        results(vec![
            time("libc", "churn", &[1.0, 2.5]),
            time("talc", "churn", &[0.5]),
        ])
    }

    fn refused(text: &str) -> String {
        parse(text.as_bytes(), "x.jsonl").unwrap_err().to_string()
    }

    #[test]
    fn what_was_appended_is_read_back_and_files_can_be_put_together() {
        let path = file("whole.jsonl");
        let mut measured = two();
        append(&path, &measured).unwrap();
        assert_eq!(read(&path).unwrap(), (measured.clone(), None));
        append(&path, &measured).unwrap();
        assert_eq!(
            read(&path).unwrap(),
            (measured.clone(), None),
            "it is one run"
        );
        measured.runs[0].id = 2;
        append(&path, &measured).unwrap();
        let (both, _) = read(&path).unwrap();
        let runs: Vec<u32> = both.measurements.iter().map(|one| one.run).collect();
        assert_eq!((both.runs.len(), runs), (2, vec![0, 0, 1, 1]));
    }

    #[test]
    fn a_run_without_its_end_was_interrupted() {
        let mut measured = two();
        measured.attachments.push(Attachment {
            run: 0,
            case: (*measured.measurements[0].case).clone(),
            subject: None,
            data: "a curve".into(),
        });
        measured.runs[0].seconds = None;
        let (read, warning) = parse(of(&measured).unwrap().as_bytes(), "x").unwrap();
        assert_eq!((&read, warning), (&measured, None));
        assert!(read.is_interrupted() && !two().is_interrupted());
    }

    #[test]
    fn a_file_that_is_cut_off_keeps_its_whole_lines_and_says_so() {
        let text = of(&Results {
            runs: two().runs,
            ..two()
        })
        .unwrap();
        let text = text.rsplit_once("{\"ended").unwrap().0;
        let cut = &text[..text.len() - 9];
        let (results, warning) = parse(cut.as_bytes(), "x.jsonl").unwrap();
        assert_eq!(results.measurements.len(), 1);
        assert!(warning.unwrap().contains("line 3, its last, is not whole"));
        let error = refused(&format!("{cut}\n{text}"));
        assert!(error.contains("line 3 is no result"), "{error}");
        assert!(refused("").contains("has no results"));
        assert!(refused("a\nb\n").contains("has no results"));
    }

    #[test]
    fn an_earlier_version_says_how_to_measure_again() {
        let older = "{\n \"schema\": 2,\n \"command\": \"cargo xtask bench --quick\"\n}\n";
        for text in [
            older,
            &of(&two())
                .unwrap()
                .replacen("\"schema\":3", "\"schema\":1", 1),
        ] {
            let error = refused(text);
            assert!(error.contains("another version"), "{error}");
            assert!(
                error.contains("measure again: cargo xtask bench"),
                "{error}"
            );
        }
    }
}
