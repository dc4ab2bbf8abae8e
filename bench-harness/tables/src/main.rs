//! The tables of the book that the bench does not make: `size`, `wasm` and `defences`.

mod defences;
mod size;
mod splice;
mod wasm;

use std::process::ExitCode;

use xtask_base::Result;

fn main() -> ExitCode {
    xtask_base::main(run)
}

fn run(args: &[String]) -> Result {
    match args.split_first() {
        Some((name, args)) if name == "size" => size::run(args),
        Some((name, args)) if name == "wasm" => wasm::run(args),
        Some((name, args)) if name == "defences" => defences::run(args),
        _ => Err("usage: tables size|wasm|defences [OPTIONS]".to_owned()),
    }
}
