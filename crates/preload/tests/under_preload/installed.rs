//! The library as `cargo xtask install` puts it under a prefix, for a C program's build.

use std::path::Path;
use std::process::Command;

use crate::run::{output, text};

/// Whether the program is there; says so if it is not.
fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: there is no `{program}`");
    }
    found
}

fn succeed(command: &mut Command) -> String {
    let output = output(command);
    let errors = text(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}: {errors}",
        output.status
    );
    text(&output.stdout)
}

#[test]
fn a_program_is_built_as_pkg_config_says() {
    if !is_there("cc") || !is_there("pkg-config") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    succeed(
        Command::new(cargo)
            .args([
                "run",
                "--quiet",
                "--package",
                "xtask",
                "--",
                "install",
                "--prefix",
            ])
            .arg(dir.path())
            .current_dir(package.join("../..")),
    );
    let flags = succeed(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "malloc_ladder"])
            .env("PKG_CONFIG_PATH", dir.path().join("lib/pkgconfig")),
    );
    let program = dir.path().join("program");
    succeed(
        Command::new("cc")
            .args([
                "-std=c11",
                "-pedantic",
                "-Wall",
                "-Werror",
                "-D_GNU_SOURCE",
                "-fno-builtin",
            ])
            .arg("-o")
            .arg(&program)
            .arg(package.join("tests/c/installed.c"))
            .args(flags.split_whitespace()),
    );
    let profile = dir.path().join("heap");
    let json = succeed(Command::new(&program).arg(&profile));
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["stage"], "thread-cached");
    let profile = std::fs::read_to_string(&profile).expect("a profile");
    assert!(
        profile.starts_with("heap profile: 1: 1000 [3: 1228] @ heap_v2/1\n"),
        "{profile}"
    );
}
