//! The bench harness with the peers in C and C++: built with those whose tools are on this machine.

use std::path::{Path, PathBuf};

use crate::process::{self, command, works};
use crate::{Result, process::succeed};

/// The package, in a workspace of its own.
const MANIFEST: &str = "bench-harness/c-peers/Cargo.toml";

/// A peer: its name in the tables, which is its feature, and the programs that its build runs.
struct CPeer {
    name: &'static str,
    tools: &'static [Tool],
}

/// A program and the Debian package that it is in.
struct Tool {
    program: &'static str,
    package: &'static str,
}

const CC: Tool = Tool {
    program: "cc",
    package: "gcc",
};
const MAKE: Tool = Tool {
    program: "make",
    package: "make",
};
const CXX: Tool = Tool {
    program: "c++",
    package: "g++",
};
const CMAKE: Tool = Tool {
    program: "cmake",
    package: "cmake",
};

const PEERS: &[CPeer] = &[
    CPeer {
        name: "mimalloc",
        tools: &[CC],
    },
    CPeer {
        name: "jemalloc",
        tools: &[CC, MAKE],
    },
    CPeer {
        name: "snmalloc",
        tools: &[CXX, CMAKE],
    },
    CPeer {
        name: "rpmalloc",
        tools: &[CC],
    },
];

/// The second version of mimalloc: a library, because it has the symbols of the third.
const MIMALLOC_V2: &str = "mimalloc-v2";

/// What was built.
pub(crate) struct Built {
    /// The harness.
    pub(crate) harness: PathBuf,
    /// Options that it needs for the peers that are libraries.
    pub(crate) options: Vec<String>,
}

/// Whether the arguments of `bench` ask for peers in C: all of them, or one by its name.
pub(crate) fn are_wanted(args: &[String]) -> bool {
    asks_for_all(args)
        || args
            .iter()
            .any(|arg| PEERS.iter().any(|peer| peer.name == arg))
}

fn asks_for_all(args: &[String]) -> bool {
    args.iter().any(|arg| arg == "--peers=all")
        || args.windows(2).any(|pair| pair == ["--peers", "all"])
}

/// Builds the harness with every peer that can be built here, and says which cannot.
///
/// # Errors
///
/// A build failed although its tools are there.
pub(crate) fn build(args: &[String]) -> Result<Built> {
    let features = features(is_here);
    let target = process::target_dir();
    let mut options = Vec::new();
    succeed(cargo_build("c-peers", &target).args(["--features", &features.join(",")]))?;
    if asks_for_all(args) && is_here(&CC) {
        succeed(&mut cargo_build(MIMALLOC_V2, &target))?;
        let library = target.join("release/libmimalloc_v2.so");
        let named = format!("{MIMALLOC_V2}={}", library.display());
        options.extend(["--preload".to_owned(), named]);
    }
    Ok(Built {
        harness: target.join("release/c-peers"),
        options,
    })
}

/// A package is built alone: together with the other, its features would be the other's, too.
fn cargo_build(package: &str, target: &Path) -> std::process::Command {
    let mut cargo = process::cargo(&["build", "--release", "--package", package]);
    cargo.args(["--manifest-path", MANIFEST, "--target-dir"]);
    cargo.arg(target);
    cargo
}

/// The features of the peers whose tools `is_here`; a line on standard error for each other one.
fn features(is_here: impl Fn(&Tool) -> bool) -> Vec<&'static str> {
    let mut features = Vec::new();
    for peer in PEERS {
        match peer.tools.iter().find(|tool| !is_here(tool)) {
            None => features.push(peer.name),
            Some(Tool { program, package }) => eprintln!(
                "{}: left out, since its build needs `{program}` (apt-get install {package})",
                peer.name
            ),
        }
    }
    features
}

fn is_here(tool: &Tool) -> bool {
    works(command(tool.program).arg("--version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str) -> bool {
        let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        are_wanted(&args)
    }

    #[test]
    fn peers_in_c_are_built_only_for_those_who_ask() {
        assert!(wanted("bench --peers all") && wanted("bench --quick --peers=all"));
        assert!(wanted("bench --stage libc mimalloc"));
        assert!(!wanted("bench") && !wanted("bench --peers rust") && !wanted("bench all"));
    }

    #[test]
    fn a_peer_is_left_out_without_one_of_its_tools() {
        let all = features(|_| true);
        let without_cmake = features(|tool| tool.program != "cmake");
        assert_eq!(all.len(), PEERS.len());
        assert!(!without_cmake.contains(&"snmalloc") && without_cmake.contains(&"jemalloc"));
        assert!(features(|_| false).is_empty());
    }
}
