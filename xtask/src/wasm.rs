//! `wasm`: loops on the heap for WebAssembly, which the tool for tables runs in node.

use xtask_base::process::succeed;
use xtask_base::tools::{NODE, missing};
use xtask_base::{Result, launch, rustup};

use crate::check::Outcome;

const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn run(args: &[String]) -> Result {
    match lacking() {
        Some(how) => Err(how),
        None => launch::become_it(launch::tool("tables", &["wasm"], args)),
    }
}

/// Runs the loops on our heap once, and compares what they compute.
pub(crate) fn check() -> Result<Outcome> {
    if let Some(how) = lacking() {
        return Ok(Outcome::Skipped(how));
    }
    succeed(&mut launch::tool("tables", &["wasm", "--check"], &[])).map(|()| Outcome::Passed)
}

/// What is needed and not there, with the way to get it.
fn lacking() -> Option<String> {
    let node = missing(&[&NODE]).map(|how| format!("needs node: {how}"));
    node.or_else(|| rustup::missing_target(TARGET))
}
