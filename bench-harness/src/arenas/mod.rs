//! Arenas side by side, one allocation at a time: instructions, branches and time of a block whose
//! layout the compiler knows.
//!
//! The loop is compiled for each arena and each layout, so that what can be inlined is; every arena
//! is called directly. Beside them stands the floor, a pointer that moves and is never compared with
//! the end.
//!
//! | file | what is in it |
//! |---|---|
//! | `arena.rs` | who takes part |
//! | `pass.rs` | the loop, and its time |
//! | `count.rs` | its instructions and branches, by callgrind |
//! | `measure.rs` | every arena on every layout, in rounds |
//! | `table.rs` | the table |

mod arena;
mod count;
mod measure;
mod pass;
mod table;

pub use arena::Arena;
use count::Counts;
pub(crate) use measure::{Measure, is_case};
pub use pass::{Block, Pass};
pub(crate) use table::table;
