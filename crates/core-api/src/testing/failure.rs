//! [`Failure`]: a broken promise, with everything that leads to its cause.

use core::fmt;
use std::string::{String, ToString};

use super::Program;

/// A broken promise, and how to reproduce it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The allocator's name and the form in which it was tested; empty outside a contract.
    pub allocator: String,
    /// The scenario of the contract; empty outside a contract.
    pub scenario: String,
    /// The broken promise.
    pub broken: String,
    /// The shortest program found that breaks it.
    pub program: Option<Program>,
    /// A map of the heap at that moment, if the allocator can be inspected.
    pub heap_map: Option<String>,
}

/// `Ok`, or a broken promise.
pub type Verdict = Result<(), Failure>;

impl Failure {
    /// Returns a failure that has only the broken promise.
    pub fn new(broken: impl Into<String>) -> Self {
        Self {
            broken: broken.into(),
            ..Self::default()
        }
    }

    /// Adds the step during which it happened.
    pub(super) fn during(mut self, what: &dyn fmt::Display) -> Self {
        self.broken = std::format!("{what}: {}", self.broken);
        self
    }
}

impl From<crate::Corruption> for Failure {
    fn from(corruption: crate::Corruption) -> Self {
        Self::new(corruption.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.allocator.is_empty() {
            write!(f, "{}, scenario \"{}\": ", self.allocator, self.scenario)?;
        }
        f.write_str(&self.broken)?;
        if let Some(program) = &self.program {
            write!(f, "\nthe program:\n{program}")?;
        }
        if let Some(heap_map) = &self.heap_map {
            write!(f, "\nthe heap:\n{heap_map}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Failure {}
