//! Traces and their commands from outside, in one binary, which takes less to link than several.

mod command;
mod compact;
mod reader;
mod record;
mod rep;
mod rust_door;
mod shipped;
