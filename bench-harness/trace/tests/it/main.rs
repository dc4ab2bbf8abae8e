//! Tests of traces and their commands from outside, in one binary, because several take longer to link.

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
