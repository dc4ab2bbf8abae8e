//! Files of results: a line of JSON for each run and for each measurement in it. Two such files, one
//! behind the other, are a file of both.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{Environment, Measurement, Results};

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// A run begins: what follows is of it.
    Run(Environment),
    /// A figure of the run.
    Measured(Measurement),
}

/// Appends `results` to the file at `path`, which is made if there is none.
///
/// # Errors
///
/// The file cannot be written.
pub fn append(path: &Path, results: &Results) -> Result<()> {
    let shown = || format!("cannot write {}", path.display());
    let file = File::options().append(true).create(true).open(path);
    let mut file = BufWriter::new(file.with_context(shown)?);
    for run in &results.runs {
        let measured = results.measurements.iter().filter(|one| one.run == run.run);
        let lines = measured.map(|one| Line::Measured(one.clone()));
        for line in std::iter::once(Line::Run(run.clone())).chain(lines) {
            let text = serde_json::to_string(&line)? + "\n";
            file.write_all(text.as_bytes()).with_context(shown)?;
        }
    }
    file.flush().with_context(shown)
}

/// Reads the file at `path`. The second value says what is wrong with it: of a file that was cut off in the
/// middle of a line, the whole lines are read.
///
/// # Errors
///
/// A file that cannot be read, or a line before the last that is no result.
pub fn read(path: &Path) -> Result<(Results, Option<String>)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut results = Results::default();
    let mut cut = None;
    let mut run = 0;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(number) = cut {
            bail!("{}: line {number} is no result", path.display());
        }
        match serde_json::from_str(&line) {
            Ok(Line::Run(environment)) => {
                // Files that were put together number their runs alike.
                run = results.runs.len() as u32;
                results.runs.push(Environment { run, ..environment });
            }
            Ok(Line::Measured(measurement)) => {
                results
                    .measurements
                    .push(Measurement { run, ..measurement });
            }
            Err(_) => cut = Some(index + 1),
        }
    }
    if results.runs.is_empty() {
        bail!("{} has no results", path.display());
    }
    let warning = |number| {
        format!(
            "{} is cut off: line {number}, its last, is not whole and is left out",
            path.display()
        )
    };
    Ok((results, cut.map(warning)))
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

    #[test]
    fn what_was_appended_is_read_back_and_files_can_be_put_together() {
        let path = file("whole.jsonl");
        let measured = results(vec![
            time("libc", "churn", &[1.0, 2.5]),
            time("talc", "churn", &[0.5]),
        ]);
        append(&path, &measured).unwrap();
        assert_eq!(read(&path).unwrap(), (measured.clone(), None));
        append(&path, &measured).unwrap();
        let (twice, _) = read(&path).unwrap();
        let runs: Vec<u32> = twice.measurements.iter().map(|one| one.run).collect();
        assert_eq!((twice.runs.len(), runs), (2, vec![0, 0, 1, 1]));
        append(&path, &twice).unwrap();
        assert_eq!(
            read(&path).unwrap().0.runs.len(),
            4,
            "each with what was measured in it"
        );
    }

    #[test]
    fn a_file_that_is_cut_off_keeps_its_whole_lines_and_says_so() {
        let path = file("cut.jsonl");
        let measured = results(vec![
            time("libc", "churn", &[1.0]),
            time("talc", "churn", &[2.0]),
        ]);
        append(&path, &measured).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let cut = &text[..text.len() - 9];
        fs::write(&path, cut).unwrap();
        let (results, warning) = read(&path).unwrap();
        assert_eq!(results.measurements.len(), 1);
        assert!(warning.unwrap().contains("line 3, its last, is not whole"));
        fs::write(&path, format!("{cut}\n{text}")).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("line 3 is no result"), "{error}");
        fs::write(&path, "").unwrap();
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("has no results")
        );
    }
}
