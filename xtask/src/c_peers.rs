//! The bench harness with the peers in C and C++: built with those whose tools are on this machine.

use std::path::PathBuf;

use xtask_base::Result;
use xtask_base::process::{cargo, succeed, target_dir};
use xtask_base::tools::{CC, CMAKE, CXX, MAKE, Tool};

use crate::peer_libraries;

/// The package, in a workspace of its own.
pub(crate) const MANIFEST: &str = "bench-harness/c-peers/Cargo.toml";

/// The peers: the name in the tables, which is the feature, and the programs that its build runs.
const PEERS: &[(&str, &[Tool])] = &[
    ("mimalloc", &[CC]),
    ("jemalloc", &[CC, MAKE]),
    ("snmalloc", &[CXX, CMAKE]),
    ("rpmalloc", &[CC]),
];

/// Whether the arguments of `bench` ask for peers in C: all of them, or one by its name.
pub(crate) fn are_wanted(args: &[String]) -> bool {
    let is_peer = |arg: &&String| PEERS.iter().any(|(name, _)| name == arg);
    peer_libraries::asks_for_all(args) || args.iter().any(|arg| is_peer(&arg))
}

/// Builds the harness with every peer that can be built here.
///
/// # Errors
///
/// A build failed although its tools are there.
pub(crate) fn build() -> Result<PathBuf> {
    let features = can_be_built(Tool::is_here);
    let target = target_dir();
    let mut build = cargo(&["build", "--release", "--package", "c-peers"]);
    build.args(["--features", &features.join(",")]);
    build.args(["--manifest-path", MANIFEST, "--target-dir"]);
    succeed(build.arg(&target))?;
    Ok(target.join("release/c-peers"))
}

/// The features of the peers whose tools `is_here`.
fn can_be_built(is_here: impl Fn(&Tool) -> bool) -> Vec<&'static str> {
    let peers = PEERS.iter().filter(|(_, tools)| tools.iter().all(&is_here));
    peers.map(|(name, _)| *name).collect()
}

/// A sentence for each peer that cannot be built here.
pub(crate) fn left_out() -> Vec<String> {
    let missing = |(name, tools): &(&str, &[Tool])| {
        let tool = tools.iter().find(|tool| !tool.is_here())?;
        Some(format!("{name}: left out, since {}", tool.needed()))
    };
    PEERS.iter().filter_map(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask_base::options::args;

    fn wanted(line: &str) -> bool {
        are_wanted(&args(line))
    }

    #[test]
    fn peers_in_c_are_built_only_for_those_who_ask() {
        assert!(wanted("bench --peers all") && wanted("bench --quick --peers=all"));
        assert!(wanted("bench --stage libc mimalloc"));
        assert!(!wanted("bench") && !wanted("bench --peers rust") && !wanted("bench all"));
        assert!(!wanted("bench --preload mimalloc.so"));
    }

    #[test]
    fn a_peer_is_left_out_without_one_of_its_tools() {
        let all = can_be_built(|_| true);
        let without_cmake = can_be_built(|tool| tool.program() != "cmake");
        assert_eq!(all.len(), PEERS.len());
        assert!(!without_cmake.contains(&"snmalloc") && without_cmake.contains(&"jemalloc"));
        assert!(can_be_built(|_| false).is_empty());
    }
}
