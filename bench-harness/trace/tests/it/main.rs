//! Traces and their commands from outside, in one binary, which takes less to link than several.

mod bad_input;
mod command;
mod compact;
mod programs;
mod reader;
mod record;
mod rep;
mod rust_door;
mod shipped;
mod support;
