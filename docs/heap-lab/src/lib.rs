//! The stages on heaps that a figure can step through.
//!
//! A [`Lab`] is a heap of a stage with the blocks that a [`Trace`] has on it. [`records`] tells what lies where, [`map`]
//! draws it, [`say`] puts the last operation into words. The same code runs in two places: natively, where it writes
//! the still figures into the book, and in WebAssembly, where it moves them. Offsets take the place of addresses
//! everywhere, so both say the same.

mod draw;
mod fields;
mod lab;
mod links;
mod memory;
mod say;
mod stage;
mod threads;
mod trace;
mod walk;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use draw::{
    Map, Picture, Table, bits, classes, document, map, remote, say_bits, say_classes, table_bits,
    table_classes, table_remote,
};
pub use fields::{Field, fields};
pub use heap_lab_threads::{BLOCK, block_size};
pub use lab::Lab;
pub use say::{describe, say, thousands};
pub use stage::Stage;
pub use threads::Threads;
pub use trace::{Op, Trace};
pub use walk::{Metrics, NONE, Record, State, WAITING, hash, metrics, records};
