//! Pictures, as SVG: drawn by this code in a page as well as for the files in the book.

mod bits;
mod classes;
mod grid;
mod list;
mod map;
mod pages;
mod remote;
mod svg;

pub use bits::{bits, say_bits};
pub use classes::{SIZES, classes, say_classes};
pub use map::{Map, map};
pub use remote::{N_STEPS, remote, say_remote};
#[cfg(target_arch = "wasm32")]
pub(crate) use svg::patterns;
pub use svg::{Picture, document};
