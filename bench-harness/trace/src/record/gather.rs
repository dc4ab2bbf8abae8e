//! Makes traces of the files that the processes left: finds the named program's file, and chooses the others
//! to keep.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::output::{Output, folder_of, fresh_path};
use super::process::Ended;
use super::{
    MATTERS, Options, RecordError, Recorded, Recording, Summary, convert, image, symbols, warning,
};

/// The file of one program of one process: a process has a file for each program that it executes.
struct Left {
    path: PathBuf,
    pid: u32,
    /// The number of programs that the process executed before.
    number: u32,
}

/// Converts the files that the processes left in `directory` to traces.
pub(super) fn gather(
    options: &Options,
    ended: &Ended,
    directory: &Path,
    output: &Output,
) -> Result<Summary, RecordError> {
    let mut gathered = Gathered::new(options, ended, output);
    let mut files = list(directory).map_err(unreadable(directory))?;
    let of_started = (0..files.len()).filter(|&at| files[at].pid == ended.pid);
    if let Some(at) = of_started.max_by_key(|&at| files[at].number) {
        gathered.take_named(&files.swap_remove(at))?;
    }
    for file in &files {
        gathered.take_other(file)?;
    }
    Ok(gathered.finish())
}

fn list(directory: &Path) -> io::Result<Vec<Left>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension() != Some(OsStr::new("raw")) {
            continue;
        }
        let numbers = path.file_stem().unwrap_or_default().to_string_lossy();
        let numbers = numbers.split_once('-');
        let parsed =
            numbers.and_then(|(pid, number)| Some((pid.parse().ok()?, number.parse().ok()?)));
        files.extend(parsed.map(|(pid, number)| Left { path, pid, number }));
    }
    Ok(files)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    |error| RecordError::Raw(path.to_owned(), error)
}

struct Gathered<'a> {
    options: &'a Options,
    ended: &'a Ended,
    output: &'a Output,
    named: Option<Recorded>,
    others: Vec<Recorded>,
    n_lost: usize,
    /// The folder for the traces of other processes.
    folder: PathBuf,
}

impl<'a> Gathered<'a> {
    fn new(options: &'a Options, ended: &'a Ended, output: &'a Output) -> Self {
        let stem = format!("{}-{}", image::name(&options.command[0]), ended.pid);
        Self {
            options,
            ended,
            output,
            named: None,
            others: Vec::new(),
            n_lost: 0,
            folder: folder_of(&output.expected(&stem)),
        }
    }

    fn take_named(&mut self, file: &Left) -> Result<(), RecordError> {
        let Some(recording) = self.read(file)? else {
            return Ok(());
        };
        let mut path = None;
        if !recording.trace.ops.is_empty() {
            let chosen = self.output.choose(&stem(&recording))?;
            self.folder = folder_of(&chosen);
            recording.trace.write(&chosen)?;
            self.write_stacks(file, &recording, &chosen)?;
            path = Some(chosen);
        }
        self.named = Some(Recorded::new(path, recording, is_written(file)));
        Ok(())
    }

    fn take_other(&mut self, file: &Left) -> Result<(), RecordError> {
        let Some(recording) = self.read(file)? else {
            return Ok(());
        };
        let n_ops = recording.trace.ops.len();
        let mut path = None;
        if n_ops > MATTERS || (self.options.all && n_ops > 0) {
            let failed = |error| RecordError::Output(self.folder.clone(), error);
            fs::create_dir_all(&self.folder).map_err(failed)?;
            let fresh = fresh_path(&self.folder, &stem(&recording))?;
            recording.trace.write(&fresh)?;
            self.write_stacks(file, &recording, &fresh)?;
            path = Some(fresh);
        }
        let recorded = Recorded::new(path, recording, is_written(file));
        self.others.push(Recorded {
            is_earlier: file.pid == self.ended.pid,
            ..recorded
        });
        Ok(())
    }

    /// Writes the call stacks that the process left, beside its trace.
    fn write_stacks(
        &self,
        file: &Left,
        recording: &Recording,
        trace: &Path,
    ) -> Result<(), RecordError> {
        let raw = file.path.with_extension("stacks");
        let Some(stacks) = symbols::stacks(&raw, &recording.tickets) else {
            return Ok(());
        };
        let path = trace.with_extension("stacks");
        stacks
            .write(&path)
            .map_err(|error| RecordError::Output(path, error))
    }

    /// Reads a recording; `None` if the file has no header, because its process could not write or was killed
    /// at the start.
    fn read(&mut self, file: &Left) -> Result<Option<Recording>, RecordError> {
        let bytes = fs::read(&file.path).map_err(unreadable(&file.path))?;
        let recording = convert(&bytes);
        self.n_lost += usize::from(recording.is_none());
        Ok(recording)
    }

    fn finish(mut self) -> Summary {
        self.others.sort_by_key(|process| Reverse(process.n_ops));
        let mut summary = Summary {
            named: self.named,
            others: self.others,
            status: self.ended.status,
            warnings: Vec::new(),
        };
        summary.warnings = warning::all(self.options, self.ended, &summary, self.n_lost);
        summary
    }
}

fn stem(recording: &Recording) -> String {
    format!("{}-{}", recording.trace.name, recording.pid)
}

/// Returns true if a process that outlives the started one still has the file mapped.
fn is_written(file: &Left) -> bool {
    let maps = fs::read(format!("/proc/{}/maps", file.pid)).unwrap_or_default();
    let path = file.path.to_string_lossy();
    String::from_utf8_lossy(&maps)
        .lines()
        .any(|line| line.ends_with(path.as_ref()))
}
