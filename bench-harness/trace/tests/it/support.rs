//! Builds and records programs in C, as a user records them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alloc_trace::{Op, Trace};
use tempfile::TempDir;

/// A folder for a test's programs and traces.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Compiles a program whose `main` is `body`.
    pub(crate) fn compile(&self, name: &str, body: &str) -> PathBuf {
        let program = self.try_compile(name, body, &[]);
        program.expect("a C compiler is there")
    }

    /// The same, with options that not every compiler supports.
    pub(crate) fn try_compile(&self, name: &str, body: &str, options: &[&str]) -> Option<PathBuf> {
        let (source, program) = (self.path(&format!("{name}.c")), self.path(name));
        fs::write(&source, format!("{PRELUDE}\n{body}")).unwrap();
        let compiled = Command::new("cc")
            .args(["-O0", "-w", "-o"])
            .args([&program, &source])
            .args(options)
            .output()
            .unwrap();
        fs::remove_file(source).unwrap();
        let errors = String::from_utf8_lossy(&compiled.stderr);
        match compiled.status.success() {
            true => Some(program),
            false => {
                eprintln!("{errors}");
                None
            }
        }
    }

    /// Makes a shell script.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs `record` with the given words in this folder; adds a file for the trace if they name none.
    pub(crate) fn command(&self, words: &[&str], program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alloc-trace"));
        command.current_dir(self.0.path());
        command.arg("record").args(words);
        if !words.contains(&"-o") {
            command.args(["-o", "out.trace"]);
        }
        command.arg("--").arg(program);
        command
    }

    pub(crate) fn record(&self, words: &[&str], program: impl AsRef<OsStr>) -> Recorded {
        Recorded::of(self.command(words, program).output().unwrap())
    }

    /// Returns the names in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.0.path())
    }

    pub(crate) fn trace(&self) -> Trace {
        Trace::load(self.path("out.trace")).unwrap()
    }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The output of `record`.
pub(crate) struct Recorded {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Recorded {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks that standard error contains each of the parts.
    pub(crate) fn says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.errors.contains(part), "{part}\n---\n{}", self.errors);
        }
    }
}

/// Counts the allocations of that size.
pub(crate) fn count(trace: &Trace, wanted: usize) -> usize {
    let is_wanted = |op: &&Op| matches!(op, Op::Allocate { size, .. } if *size == wanted);
    trace.ops.iter().filter(is_wanted).count()
}

/// Functions that every program can call: `work` makes twice `n` calls; `hold` makes `n` and keeps the blocks.
const PRELUDE: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void work(int n, int size) { while (n--) free(malloc(size)); }
static void hold(int n, int size) { while (n--) *(volatile char *)malloc(size) = 1; }
static void say(const char *text) { write(1, text, strlen(text)); }
"#;
