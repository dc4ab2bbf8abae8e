//! Where a trace comes from: the JSON part of the compact format.

use serde::{Deserialize, Serialize};

/// How the calls of a trace came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A real program made them.
    Recorded,
    /// A seeded workload made them.
    Generated,
    /// They were read from another format.
    #[default]
    Imported,
}

/// What a trace says about itself.
///
/// Anonymous on purpose: no path, host, user or command line, so that a recorded trace can be
/// handed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// How the calls came about.
    pub origin: Origin,
    /// The recorded program or the workload.
    pub program: String,
    /// The version of the program or of the workload's generator.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The seed of a generated workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many threads made the calls; 0 where it is not known.
    pub threads: u32,
    /// Anything else worth knowing, such as a cut.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}
