//! A library to be preloaded, checked before anything runs under it.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use object::read::{ReadCache, ReadRef};
use object::{Object, ObjectKind};

use crate::allocators::{Entry, Role};

/// A shared library that defines `malloc`, and what its rows are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// What it is called in tables.
    pub name: String,
    /// Where it is, without links; `None` of libc's own `malloc`, in other settings.
    pub path: Option<PathBuf>,
    /// What the environment of commands has beside it, such as the library's options.
    pub envs: Vec<(String, String)>,
}

impl FromStr for Library {
    type Err = String;

    /// Reads `NAME=PATH`, or `NAME=PATH VARIABLE=VALUE …`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (name, path) = words
            .next()
            .and_then(|word| word.split_once('='))
            .filter(|(name, path)| !name.is_empty() && !path.is_empty())
            .ok_or("NAME=PATH is needed, such as je=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")?;
        let envs = words.map(|word| {
            let (variable, value) = word.split_once('=').ok_or_else(|| {
                format!(
                    "behind the path of {name} is `{word}`; only VARIABLE=VALUE can be there, and the \
                     path can have no space"
                )
            })?;
            Ok((variable.to_string(), value.to_string()))
        });
        let envs = envs.collect::<Result<_, String>>()?;
        let library = Self::open(name, Path::new(path)).map_err(|error| format!("{error:#}"))?;
        Ok(Self { envs, ..library })
    }
}

impl fmt::Display for Library {
    /// The path, and what is set beside it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.iter().map(|path| path.display().to_string());
        let envs = self
            .envs
            .iter()
            .map(|(variable, value)| format!("{variable}={value}"));
        f.write_str(&path.chain(envs).collect::<Vec<_>>().join(" "))
    }
}

impl Library {
    /// The library at `path`.
    ///
    /// # Errors
    ///
    /// No such file, one that is no shared library for this machine, or one without `malloc`.
    pub fn open(name: &str, path: &Path) -> Result<Self> {
        let shown = path.display();
        let real = fs::canonicalize(path)
            .with_context(|| format!("there is no library {shown}; name the file of a `.so`"))?;
        let file = File::open(&real).with_context(|| format!("cannot read {shown}"))?;
        check(&ReadCache::new(file)).with_context(|| format!("{shown} cannot be preloaded"))?;
        ensure!(
            !real.to_string_lossy().contains([' ', ':']),
            "{shown} cannot be preloaded: LD_PRELOAD takes no path with a space or a colon"
        );
        Ok(Self {
            name: name.to_string(),
            path: Some(real),
            envs: Vec::new(),
        })
    }

    /// libc's own `malloc`, with these variables.
    pub fn of_libc(name: &str, envs: Vec<(String, String)>) -> Self {
        Self {
            name: name.to_string(),
            path: None,
            envs,
        }
    }

    /// The row of this library among allocators; libc has one of its own.
    pub fn entry(&self) -> Option<Entry> {
        let path = self.path.clone()?;
        let role = match Self::is_stage(&path) {
            true => Role::Stage,
            false => Role::Peer,
        };
        // A name lives as long as the table, which is as long as the program.
        Some(Entry::preloaded(self.name.clone().leak(), path, role))
    }

    /// Whether the library at `path` is that of this workspace, as it is built or as it is installed.
    pub fn is_stage(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        ["libpreload.so", "libmalloc_ladder.so"]
            .iter()
            .any(|ours| name == *ours)
    }
}

/// What the dynamic linker would only warn of, and go on with libc's `malloc`.
///
/// Only what is looked at is read: the memory for more would be part of every command's peak.
fn check<'data>(data: impl ReadRef<'data>) -> Result<()> {
    let file = object::File::parse(data).context("it is no shared library")?;
    ensure!(
        file.kind() == ObjectKind::Dynamic,
        "it is a program or an object file, not a shared library"
    );
    let ours = ReadCache::new(File::open("/proc/self/exe").context("cannot read this program")?);
    let ours = object::File::parse(&ours)?.architecture();
    if file.architecture() != ours {
        bail!(
            "it is for {:?}, and this machine is {ours:?}",
            file.architecture()
        );
    }
    let exports = file.exports().context("its symbols cannot be read")?;
    ensure!(
        exports.iter().any(|symbol| symbol.name() == b"malloc"),
        "it does not define `malloc`, so that libc's would be measured"
    );
    Ok(())
}

/// Makes sure that this process was started with the library at `path`.
///
/// # Errors
///
/// It is not among the process's mappings.
pub fn ensure_loaded(path: &Path) -> Result<()> {
    let maps = fs::read_to_string("/proc/self/maps").context("cannot read /proc/self/maps")?;
    let path = path.to_string_lossy();
    ensure!(
        maps.lines().any(|line| line.ends_with(path.as_ref())),
        "{path} was not loaded; is this program linked dynamically?"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Library::from_str(text).unwrap_err()
    }

    #[test]
    fn what_cannot_be_preloaded_is_refused_before_anything_runs() {
        assert!(error("libjemalloc.so").contains("NAME=PATH"));
        assert!(error("=x").contains("NAME=PATH"));
        assert!(error("x=/no/such.so").contains("there is no library /no/such.so"));
        assert!(error("x=/no/such.so A=1 B").contains("is `B`; only VARIABLE=VALUE"));
        assert!(error("x=/proc/self/status").contains("no shared library"));
    }

    #[test]
    fn a_library_of_another_machine_or_without_malloc_is_refused() {
        let mut ours = fs::read("/proc/self/exe").unwrap();
        let message = format!("{:#}", check(ours.as_slice()).unwrap_err());
        assert!(
            message.contains("malloc"),
            "a program exports none: {message}"
        );
        // The machine of an ELF file is at bytes 18 and 19; 243 is RISC-V.
        ours[18..20].copy_from_slice(&243_u16.to_le_bytes());
        let message = format!("{:#}", check(ours.as_slice()).unwrap_err());
        assert!(message.contains("Riscv"), "{message}");
    }

    #[test]
    fn this_process_was_started_with_no_such_library() {
        let path = Path::new("/no/such.so");
        assert!(
            ensure_loaded(path)
                .unwrap_err()
                .to_string()
                .contains("was not loaded")
        );
    }
}
