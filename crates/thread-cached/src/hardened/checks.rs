//! Which checks the hardened mode makes.

/// Checks of the hardened mode, besides each block's state and link and the guarded blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checks {
    /// Nothing: that sees most mistakes, and takes little time.
    Quick,
    /// Blocks of a new slab come in random order, but for the first, and freed ones are cleared. Those of up to
    /// 4 KiB that their own thread frees wait in quarantine, and must be zero still when they leave.
    All,
}
