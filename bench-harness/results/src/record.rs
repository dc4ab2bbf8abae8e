//! The record: one figure of one subject on one case.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::stats::median;

/// A figure of a subject on a case, as many times as it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The [`Environment`] that it was measured in, by its number.
    pub run: u32,
    /// What was measured. Measurements share it.
    pub subject: Arc<Subject>,
    /// On what. Measurements share it.
    pub case: Arc<Case>,
    /// Which figure, by its name in [`metric`](crate::metric).
    pub metric: String,
    /// What came out.
    pub outcome: Outcome,
}

/// An allocator, or what allocators are compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is called in tables.
    pub name: String,
    /// The version of its package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is here for.
    pub role: Role,
    /// What it is good for: only subjects of one family compete.
    pub family: Family,
    /// How it is called.
    pub linkage: Linkage,
    /// The variables that have a program run on it, as a shell takes them in front of the program.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub setting: String,
}

/// What a subject is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A stage of this workspace.
    Stage,
    /// An allocator by others.
    Peer,
    /// The C library's, which ratios are to; also with other settings.
    Baseline,
    /// The same allocator again, or the harness's own: it competes with nobody.
    Control,
}

/// What a subject is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A program's `malloc`.
    Process,
    /// A heap in memory that it is given.
    Fixed,
    /// Blocks that are freed together.
    Arena,
}

/// How a subject is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// Compiled in.
    Linked,
    /// As `malloc` of a process, in the place of the C library's.
    Preloaded,
}

/// What a subject was measured on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The kind of case.
    pub suite: Suite,
    /// Its name in the suite.
    pub name: String,
    /// What else tells it from others of that name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// A checksum of the work: equal numbers, equal work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<u32>,
    /// Operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_ops: Option<usize>,
}

/// A kind of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suite {
    /// Calls that were recorded or generated are replayed.
    Trace,
    /// A loop that is compiled for each subject.
    Kernel,
    /// Calls that depend on what the subject did before.
    Adversary,
    /// A whole program.
    Program,
}

/// What came out of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The figure of each process, in the order of the rounds; or of each moment of one.
    Samples(Vec<f64>),
    /// The figure is this or less: the search for it ran out of time.
    AtMost(f64),
    /// It ran out of time or memory.
    Stopped(String),
    /// The question makes no sense here.
    NotApplicable(String),
    /// It crashed or hung.
    Failed(String),
}

/// Where and how a run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The [`SCHEMA`](crate::lines::SCHEMA) of its lines; 0 of lines that do not say.
    #[serde(default)]
    pub schema: u32,
    /// Its number in the file.
    pub run: u32,
    /// Tells it from every other run: nanoseconds since 1970 when it began.
    pub id: u64,
    /// The command that made it.
    pub command: String,
    /// Where it was made.
    pub machine: Machine,
    /// Name and version of each allocator's package.
    pub versions: Vec<(String, String)>,
    /// CRC-32 of the program and of each preloaded library, by name: equal numbers, equal builds.
    pub builds: BTreeMap<String, u32>,
    /// The seed of what was generated.
    pub seed: u64,
    /// Processes for each time.
    pub reps: usize,
    /// Which contest the cases are of, if they are of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest: Option<String>,
    /// Seconds that it took; `None` of a run that was interrupted, or still goes on.
    #[serde(skip)]
    pub seconds: Option<f64>,
}

/// A machine, its system, and the build that ran on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many of its threads this process may use.
    pub n_cpus: usize,
    /// The kernel's release.
    pub kernel: String,
    /// Transparent huge pages: `always`, `madvise` or `never`.
    pub huge_pages: String,
    /// The C library, whose malloc is the baseline.
    pub libc: String,
    /// The compiler that built this program.
    pub rustc: String,
    /// How this program was built, with the link-time optimization (LTO) of a release; times of a debug
    /// build mean nothing.
    pub profile: String,
}

/// What goes with the figures of a case, or of a subject on it, and is none: what a workload is, a curve, a map of a
/// heap. Only whoever wrote it knows its form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The [`Environment`] that it was made in, by its number.
    pub run: u32,
    /// The case.
    pub case: Case,
    /// The subject; `None` of what is of the case itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The attachment itself.
    pub data: serde_json::Value,
}

/// Runs, and what was measured in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The runs.
    pub runs: Vec<Environment>,
    /// What was measured, in the order in which it was.
    pub measurements: Vec<Measurement>,
    /// What goes with it.
    pub attachments: Vec<Attachment>,
}

impl Subject {
    /// A subject whose version is not known.
    pub fn new(name: &str, role: Role, family: Family, linkage: Linkage) -> Self {
        Self {
            name: name.to_string(),
            version: None,
            role,
            family,
            linkage,
            setting: String::new(),
        }
    }

    /// Whether `other`, by others or the C library's, is called as this one is and serves the same need.
    pub fn competes_with(&self, other: &Self) -> bool {
        let is_called_alike = self.linkage == other.linkage || other.role == Role::Baseline;
        let is_by_others = matches!(other.role, Role::Peer | Role::Baseline);
        self.family == other.family && is_called_alike && is_by_others
    }
}

impl Case {
    /// The parameter of a case that does less than it usually does.
    pub const SHORTENED: &str = "work";

    /// A case of that name.
    pub fn new(suite: Suite, name: &str) -> Self {
        Self {
            suite,
            name: name.to_string(),
            params: BTreeMap::new(),
            fingerprint: None,
            n_ops: None,
        }
    }

    /// The same with a parameter.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_string(), value.to_string());
        self
    }

    /// The same, marked as a case that does less than usual if it `is_short`.
    pub fn shortened(self, is_short: bool) -> Self {
        match is_short {
            true => self.with(Self::SHORTENED, "short"),
            false => self,
        }
    }

    /// Whether both are called alike, whatever work they do.
    pub fn is_called_as(&self, other: &Self) -> bool {
        (self.suite, &self.name, &self.params) == (other.suite, &other.name, &other.params)
    }

    /// Whether both do the same work: of traces, only a fingerprint can tell.
    pub fn is_same_work(&self, other: &Self) -> bool {
        let is_known = self.suite != Suite::Trace || self.fingerprint.is_some();
        is_known && self == other
    }
}

impl fmt::Display for Case {
    /// The name, and the parameters behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let mut params = self.params.iter();
        params.try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl Outcome {
    /// One figure.
    pub fn one(figure: f64) -> Self {
        Self::Samples(vec![figure])
    }

    /// The figures; none if there is no figure, or only a bound.
    pub fn samples(&self) -> &[f64] {
        match self {
            Self::Samples(samples) => samples,
            _ => &[],
        }
    }

    /// The median of the figures.
    pub fn median(&self) -> Option<f64> {
        median(self.samples())
    }

    /// Why there is no figure; empty if there is one.
    pub fn why(&self) -> &str {
        match self {
            Self::Samples(_) => "",
            Self::AtMost(_) => "the search ran out of time",
            Self::Stopped(why) | Self::NotApplicable(why) | Self::Failed(why) => why,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} CPUs), Linux {}, huge pages {}, {}, {}, {} build",
            self.cpu,
            self.n_cpus,
            self.kernel,
            self.huge_pages,
            self.libc,
            self.rustc,
            self.profile
        )
    }
}

impl Results {
    /// The run that a measurement is of.
    pub fn run_of(&self, measurement: &Measurement) -> Option<&Environment> {
        self.runs.iter().find(|run| run.run == measurement.run)
    }

    /// Whether a run in it was interrupted, or still goes on.
    pub fn is_interrupted(&self) -> bool {
        self.runs.iter().any(|run| run.seconds.is_none())
    }
}
