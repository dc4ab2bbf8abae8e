//! The library as `cargo xtask install` puts it under a prefix, for a C program's build.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

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

/// A prefix under which the library is installed, once for all tests.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<TempDir> = OnceLock::new();
    PREFIX
        .get_or_init(|| {
            let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
            install(dir.path());
            dir
        })
        .path()
}

fn install(prefix: &Path) {
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
            .arg(prefix)
            .current_dir(package.join("../..")),
    );
}

/// Compiles a program of `tests/c` with these flags, runs it, and returns what it wrote.
fn built(source: &str, name: &str, flags: &[&str], argument: &Path) -> String {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let program = argument.with_file_name(name);
    succeed(
        Command::new("cc")
            .args(["-std=c11", "-pedantic", "-Wall", "-Werror"])
            .args(["-D_GNU_SOURCE", "-fno-builtin", "-pthread"])
            .arg("-I")
            .arg(prefix().join("include"))
            .arg("-o")
            .arg(&program)
            .arg(sources.join(source))
            .args(flags),
    );
    succeed(Command::new(&program).arg(argument))
}

/// The object file defines all that the C library's own allocator does, so that nothing of that is
/// linked beside it.
#[test]
fn a_program_has_the_allocator_linked_in() {
    if !is_there("cc") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let object = prefix().join("lib/malloc_ladder.o");
    let object = object.to_str().expect("a path");
    for (name, flags) in [
        ("dynamic", &[][..]),
        ("static", &["-static"]),
        ("static-pie", &["-static-pie"]),
    ] {
        if !links(dir.path(), flags) {
            println!("skipped: {flags:?} does not link here");
            continue;
        }
        let flags = [flags, &[object]].concat();
        let said = built("installed.c", name, &flags, &dir.path().join("heap"));
        let report: serde_json::Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!(report["stage"], "thread-cached", "{name}");
        let size = std::fs::metadata(object).expect("the object").len();
        assert!(size < 1 << 20, "{size} bytes of object");
    }
}

/// Whether an empty program can be linked with these flags.
fn links(dir: &Path, flags: &[&str]) -> bool {
    let empty = dir.join("empty.c");
    std::fs::write(&empty, "int main(void) { return 0; }\n").expect("a file");
    let mut command = Command::new("cc");
    command
        .args(flags)
        .arg("-o")
        .arg(dir.join("empty"))
        .arg(&empty);
    output(&mut command).status.success()
}

#[test]
fn a_program_is_built_as_pkg_config_says() {
    if !is_there("cc") || !is_there("pkg-config") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let flags = succeed(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "malloc_ladder"])
            .env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig")),
    );
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let profile = dir.path().join("heap");
    let json = built("installed.c", "program", &flags, &profile);
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["stage"], "thread-cached");
    let profile = std::fs::read_to_string(&profile).expect("a profile");
    assert!(
        profile.starts_with("heap profile: 1: 1000 [3: 1228] @ heap_v2/1\n"),
        "{profile}"
    );
}
