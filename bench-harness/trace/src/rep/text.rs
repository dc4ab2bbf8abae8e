//! Writes the lines of a `.rep` file.

use std::io::{self, Write};

use super::Dialect;
use crate::BlockId;
use crate::compact::Call;

/// The numbers of a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of allocations.
    pub n_blocks: u64,
    /// The number of calls.
    pub n_ops: u64,
    /// The most requested bytes that are live at one time.
    pub peak: u64,
}

/// Writes the header of `dialect`, with weight 1 or the peak as the suggested heap size.
///
/// # Errors
///
/// Errors of the output.
pub fn put_header(out: &mut impl Write, dialect: Dialect, totals: Totals) -> io::Result<()> {
    let Totals {
        n_blocks,
        n_ops,
        peak,
    } = totals;
    match dialect {
        // Readers would take a first number of 0 to 3 for a weight, and a last number of 0 or 1 for a flag.
        Dialect::Classic => writeln!(out, "{}\n{n_blocks}\n{n_ops}\n1", peak.max(100)),
        Dialect::Flags => writeln!(out, "1\n{n_blocks}\n{n_ops}\n0"),
        Dialect::Peak => writeln!(out, "1\n{n_blocks}\n{n_ops}\n{}", peak.max(2)),
        Dialect::Short => writeln!(out, "{n_blocks}\n{n_ops}"),
    }
}

/// Writes a call, made when `n_blocks` blocks have been allocated. Alignment and zeroed bytes
/// cannot be said.
///
/// # Errors
///
/// The output's.
pub fn put_call(out: &mut impl Write, call: Call, n_blocks: BlockId) -> io::Result<()> {
    match call {
        Call::Allocate { size, .. } => writeln!(out, "a {n_blocks} {size}"),
        Call::Resize { block, size } => writeln!(out, "r {block} {size}"),
        Call::Free { block } => writeln!(out, "f {block}"),
    }
}
