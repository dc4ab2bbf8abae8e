//! The faults.

use super::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[];
