//! The programs: what each needs, and the command that it is.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Workplace, input, is_installed};
use crate::output::choice;
use crate::preload::{Library, Plan};

/// A program that is run on an input of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Program {
    /// Objects, dictionaries and JSON, with Python's own heap turned off.
    Python3,
    /// Tables in memory, joins and indexes.
    Sqlite3,
    /// Hashes, lists and regular expressions.
    Perl,
    /// A large JSON file, grouped and sorted.
    Jq,
    /// Trees and strings under a garbage collector.
    Lua,
    /// The compiler on many classes and containers.
    #[value(name = "g++")]
    Gxx,
    /// The differences of a long history.
    Git,
    /// A large XML file, parsed and written again.
    Xmllint,
    /// Pages of curves.
    Gs,
    /// A server on loopback, under its own benchmark.
    Redis,
}

impl Program {
    /// All of them.
    pub fn all() -> &'static [Self] {
        clap::ValueEnum::value_variants()
    }

    /// What it is called on the command line and in tables.
    pub fn name(self) -> String {
        choice::name(&self)
    }

    /// What it does.
    pub fn about(self) -> String {
        choice::about(&self)
    }

    /// The programs that must be installed.
    pub fn needs(self) -> Vec<&'static str> {
        match self {
            Self::Python3 => vec!["python3"],
            Self::Sqlite3 => vec!["sqlite3"],
            Self::Perl => vec!["perl"],
            Self::Jq => vec!["jq"],
            Self::Lua => vec![lua()],
            Self::Gxx => vec!["g++"],
            Self::Git => vec!["git"],
            Self::Xmllint => vec!["xmllint"],
            Self::Gs => vec!["gs"],
            Self::Redis => vec!["redis-server", "redis-benchmark", "redis-cli"],
        }
    }

    /// The Debian package that they are in.
    pub fn package(self) -> &'static str {
        match self {
            Self::Python3 => "python3",
            Self::Sqlite3 => "sqlite3",
            Self::Perl => "perl",
            Self::Jq => "jq",
            Self::Lua => "lua5.4",
            Self::Gxx => "g++",
            Self::Git => "git",
            Self::Xmllint => "libxml2-utils",
            Self::Gs => "ghostscript",
            Self::Redis => "redis",
        }
    }

    /// Makes its inputs and says what is to be run.
    ///
    /// # Errors
    ///
    /// An input that cannot be made.
    pub(super) fn plan(self, workplace: &Workplace<'_>, libraries: &[Library]) -> Result<Plan> {
        let words = match self {
            Self::Python3 => python3(workplace)?,
            Self::Sqlite3 => sqlite3(workplace)?,
            Self::Perl => {
                let script = workplace.write("words.pl", include_str!("inputs/words.pl"))?;
                words(["perl", &script, &workplace.scaled(400_000).to_string()])
            }
            Self::Jq => {
                let filter = workplace.write("groups.jq", include_str!("inputs/groups.jq"))?;
                let data = workplace.generate("records.json", |file| {
                    input::json(file, workplace.scaled(60_000))
                })?;
                words(["jq", "-r", "-f", &filter, &data])
            }
            Self::Lua => {
                let script = workplace.write("tables.lua", include_str!("inputs/tables.lua"))?;
                words([lua(), &script, &workplace.scaled(30_000).to_string()])
            }
            Self::Gxx => {
                let source = workplace
                    .generate("classes.cpp", |file| input::cpp(file, workplace.scaled(32)))?;
                words(["g++", "-std=c++17", "-O1", "-S", "-o", "-", &source])
            }
            Self::Git => git(workplace)?,
            Self::Xmllint => {
                let data = workplace.generate("list.xml", |file| {
                    input::xml(file, workplace.scaled(300_000))
                })?;
                words(["xmllint", "--format", &data])
            }
            Self::Gs => gs(workplace)?,
            Self::Redis => redis(workplace)?,
        };
        Ok(Plan {
            text: self.name(),
            words,
            envs: self.envs(workplace),
            libraries: libraries.to_vec(),
        })
    }

    /// What makes two runs alike, whoever runs them.
    fn envs(self, workplace: &Workplace<'_>) -> Vec<(String, String)> {
        let folder = workplace.folder.display().to_string();
        let mut envs = vec![("LC_ALL", "C".to_string()), ("HOME", folder.clone())];
        match self {
            Self::Python3 => envs.extend([
                ("PYTHONMALLOC", "malloc".to_string()),
                ("PYTHONHASHSEED", "0".to_string()),
            ]),
            Self::Git => envs.push(("GIT_CONFIG_NOSYSTEM", "1".to_string())),
            Self::Redis => envs.push(("TMPDIR", folder)),
            _ => {}
        }
        let owned = envs
            .into_iter()
            .map(|(name, value)| (name.to_string(), value));
        owned.collect()
    }
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_string).to_vec()
}

/// Lua's interpreter, by the first of its names that is installed.
fn lua() -> &'static str {
    const NAMES: [&str; 3] = ["lua5.4", "lua5.3", "lua"];
    let installed = NAMES.into_iter().find(|name| is_installed(name));
    installed.unwrap_or(NAMES[0])
}

/// The interpreter itself: what is found under its name may be a script that looks for it.
fn python3(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("objects.py", include_str!("inputs/objects.py"))?;
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .stdin(Stdio::null())
        .output()?;
    let interpreter = String::from_utf8_lossy(&asked.stdout).trim().to_string();
    ensure!(!interpreter.is_empty(), "python3 does not say where it is");
    let n = workplace.scaled(24_000).to_string();
    Ok(words([&interpreter, &script, &n]))
}

fn sqlite3(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let n = workplace.scaled(160_000).to_string();
    let script = include_str!("inputs/tables.sql").replace("{n}", &n);
    let script = workplace.write("tables.sql", &script)?;
    Ok(words(["sqlite3", ":memory:", &format!(".read {script}")]))
}

fn git(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let history = workplace.generate("history", |file| {
        input::history(file, workplace.scaled(2_400))
    })?;
    let repository = workplace.folder.join("repository").display().to_string();
    succeed(Command::new("git").args(["init", "-q", "--bare", &repository]))?;
    let import = std::fs::File::open(history)?;
    succeed(
        Command::new("git")
            .args(["-C", &repository, "fast-import", "--quiet", "--done"])
            .stdin(import),
    )?;
    let log = ["log", "--no-color", "-p", "--stat", "-M", "main"];
    let mut words = words(["git", "-C", &repository]);
    words.extend(log.map(str::to_string));
    Ok(words)
}

fn gs(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let n = workplace.scaled(8_000).to_string();
    let pages = include_str!("inputs/curves.ps").replace("{n}", &n);
    let pages = workplace.write("curves.ps", &pages)?;
    let quiet = ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER"];
    let mut words = words(quiet);
    words.extend(["-sDEVICE=ppmraw", "-r72", "-sOutputFile=-", &pages].map(str::to_string));
    Ok(words)
}

fn redis(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("redis.sh", include_str!("inputs/redis.sh"))?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let n_requests = workplace.scaled(160_000).to_string();
    let port = port.to_string();
    Ok(words(["sh", &script, &port, &n_requests, &c_library()]))
}

/// Where the C library of this process is; empty if it has another name.
fn c_library() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let paths = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    let mut libraries = paths.filter(|path| path.ends_with("/libc.so.6"));
    libraries.next().unwrap_or_default().to_string()
}

/// Runs a command that prepares an input.
fn succeed(command: &mut Command) -> Result<()> {
    let output = command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .context("cannot start it")?;
    ensure!(
        output.status.success(),
        "{:?} failed: {}",
        command.get_program(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
