//! Where results go: tables to the terminal, JSON to a file, progress to standard error.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::{Report, SCHEMA};
use crate::select::workspace;

/// A bar on standard error; nothing where that is no terminal.
pub(crate) fn progress(len: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(len as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {msg:32}  {elapsed} + {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if io::stderr().is_terminal() {
        bar.enable_steady_tick(Duration::from_secs(1));
    }
    bar
}

/// Finds out before the run whether its results can be kept.
pub(crate) fn check_writable(path: &Path) -> Result<()> {
    if is_stdout(path) {
        return Ok(());
    }
    let advice = || {
        format!(
            "cannot write {}; name another file with --json",
            path.display()
        )
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).with_context(advice)?;
    }
    File::options()
        .append(true)
        .create(true)
        .open(path)
        .with_context(advice)?;
    Ok(())
}

/// Writes `report` to the file named `json`, or to standard output.
pub(crate) fn write_report(json: &Path, report: &Report) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    if is_stdout(json) {
        io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    fs::write(json, text).with_context(|| format!("cannot write {}", json.display()))?;
    let folder = workspace();
    let shown = json.strip_prefix(&folder).unwrap_or(json);
    print(json, &format!("Written to {}.\n", shown.display()))
}

/// Reads a report back.
pub(crate) fn read_report(path: &Path) -> Result<Report> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no result of `cargo xtask bench`", path.display()))?;
    if report.schema != SCHEMA {
        bail!(
            "{} has schema {}, this program reads {SCHEMA}",
            path.display(),
            report.schema
        );
    }
    Ok(report)
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Tables go to standard output unless the JSON does. A reader that has seen enough is no error.
pub(crate) fn print(json: &Path, text: &str) -> Result<()> {
    let written = match is_stdout(json) {
        true => io::stderr().write_all(text.as_bytes()),
        false => io::stdout().write_all(text.as_bytes()),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
