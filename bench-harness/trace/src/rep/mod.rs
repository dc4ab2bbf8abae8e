//! Imports and exports `.rep`, the text format of the CS:APP malloc lab.
//!
//! A file has a header of numbers, one a line (see [`Dialect`]), and then one call a line: `a ID BYTES`
//! allocates, `r ID BYTES` resizes, `f ID` frees. Existing files deviate from this as follows:
//!
//! | found | [`Lenient`](Strictness::Lenient) | [`Strict`](Strictness::Strict) |
//! |---|---|---|
//! | CR LF, blank lines | ignored | refused |
//! | more calls than declared | left out | refused |
//! | fewer calls than declared | refused: cut short | refused |
//! | an id allocated again after its free | a new block | refused |
//! | an id beyond the declared number | accepted | refused |
//! | `f -1` | does nothing, as `free(NULL)` | refused |
//! | size 0 | a block of size 0 | refused |
//! | a resize of an id that is not live | allocates, as `realloc(NULL, n)` | refused |
//! | blocks that are never freed | stay live | refused |
//! | a free of an id that is not live, an allocation of an id that is live | refused | refused |

mod dialect;
mod parse;
mod text;

pub use dialect::Dialect;
pub use text::{Totals, put_call, put_header};

use super::{Cause, Trace};
use parse::Parser;

/// How far a file may deviate from the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Accepts what the lab's drivers accept.
    Lenient,
    /// Refuses every deviation.
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

/// Reads the calls before the first wrong line, leniently, and returns them with the error.
///
/// # Errors
///
/// [`Cause`] if the header cannot be read.
pub fn read_prefix(bytes: &[u8], name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    let mut parser = Parser::new(bytes, Strictness::Lenient)?;
    let stopped = parser.take_calls().err();
    Ok((parser.finish(name), stopped))
}
