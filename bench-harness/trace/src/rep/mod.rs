//! Import and export of `.rep`, the text format of the CS:APP malloc lab.
//!
//! A header of numbers, one a line (see [`Dialect`]), then one call a line: `a ID BYTES` allocates,
//! `r ID BYTES` resizes, `f ID` frees. Files in the wild stray from that; this is what happens:
//!
//! | found | [`Lenient`](Strictness::Lenient) | [`Strict`](Strictness::Strict) |
//! |---|---|---|
//! | CR LF, blank lines | read over | refused |
//! | more calls than declared | left out | refused |
//! | fewer calls than declared | refused: cut short | refused |
//! | an id allocated again after its free | a new block | refused |
//! | an id beyond the declared number | taken | refused |
//! | `f -1` | nothing, as `free(NULL)` | refused |
//! | size 0 | a block of size 0 | refused |
//! | a resize of an id that is not live | allocates, as `realloc(NULL, n)` | refused |
//! | blocks that are never freed | stay live | refused |
//! | a free of an id that is not live, an allocation of one that is | refused | refused |

mod dialect;
mod parse;
mod text;

pub use dialect::Dialect;
pub use text::{Totals, put_call, put_header};

use super::{Cause, Trace};
use parse::Parser;

/// How far a file may stray from the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Takes what drivers of the lab take.
    Lenient,
    /// Refuses it.
    Strict,
}

/// Reads a `.rep` file. O(bytes).
///
/// # Errors
///
/// [`Cause::Line`] for the first line that is wrong, [`Cause::NotATrace`] if there is no header.
pub fn read(bytes: &[u8], name: &str, strictness: Strictness) -> Result<Trace, Cause> {
    let mut parser = Parser::new(bytes, strictness)?;
    parser.take_calls()?;
    Ok(parser.finish(name))
}

/// Reads the calls before the first line that is wrong, leniently, and says what is.
///
/// # Errors
///
/// [`Cause`] if the header cannot be read.
pub fn read_prefix(bytes: &[u8], name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    let mut parser = Parser::new(bytes, Strictness::Lenient)?;
    let stopped = parser.take_calls().err();
    Ok((parser.finish(name), stopped))
}
