//! Pictures, as SVG: drawn by this code in a page as well as for the files in the book.

mod bits;
mod classes;
mod grid;
mod list;
mod map;
mod pages;
mod remote;
mod rover;
mod svg;

pub use bits::{bits, say_bits, table_bits};
pub use classes::{classes, say_classes, table_classes};
pub use map::{Map, map};
pub use remote::{remote, table_remote};
#[cfg(target_arch = "wasm32")]
pub(crate) use svg::patterns;
pub use svg::{Picture, document};

/// A table: the head, and the rows below it.
pub type Table = Vec<Vec<String>>;
