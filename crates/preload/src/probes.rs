//! The probes for tracers outside of the process: [`os::probes`].

use os::probes::Probes;

/// Which requests tracers hear of, and the live blocks that they heard of.
pub(crate) static PROBES: Probes = Probes::new();
