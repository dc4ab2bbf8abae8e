//! The provenance of a trace: the JSON part of the compact format.

use serde::{Deserialize, Serialize};

/// The origin of a trace's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A real program made them.
    Recorded,
    /// A seeded workload made them.
    Generated,
    /// Another tool's file contained them.
    #[default]
    Imported,
}

/// What a trace says about its source.
///
/// It is anonymous on purpose: it has no path, host, user or command line, so that people can pass a recorded
/// trace on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The origin of the calls.
    pub origin: Origin,
    /// The recorded program or the workload.
    pub program: String,
    /// The library of the allocator that the recorded program is linked with, such as `libjemalloc.so.2`. While
    /// the program was recorded, the C library allocated in its place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub allocator: String,
    /// The version of the program or of the workload's generator.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The seed of a generated workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The number of threads that made the calls; 0 if it is not known.
    pub threads: u32,
    /// Anything else worth knowing, such as a cut.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}
