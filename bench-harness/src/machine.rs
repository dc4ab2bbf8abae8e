//! Where a result comes from: machine, system, compiler, versions.

use std::fs;
use std::sync::LazyLock;

pub use bench_results::Machine;

/// This machine and this program.
pub fn here() -> Machine {
    Machine {
        cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.to_string()),
        n_cpus: std::thread::available_parallelism().map_or(1, usize::from),
        kernel: line("/proc/sys/kernel/osrelease"),
        huge_pages: bracketed(&line("/sys/kernel/mm/transparent_hugepage/enabled")),
        libc: libc_version(),
        rustc: env!("BENCH_RUSTC_VERSION").to_string(),
        profile: build(env!("BENCH_PROFILE")).to_string(),
    }
}

/// What the workspace's manifest says of a profile.
fn build(profile: &str) -> &str {
    match profile {
        "release" => "release (fat LTO)",
        "quick" => "release (no LTO)",
        other => other,
    }
}

/// The version of `package` as locked for this program; of a workspace member, the workspace's.
pub fn version_of(package: &str) -> Option<&'static str> {
    // Every child asks for all packages of the table of allocators, and lives for milliseconds.
    static LOCKED: LazyLock<Vec<(&str, &str)>> =
        LazyLock::new(|| locked(include_str!("../../Cargo.lock")).collect());
    match package {
        "libc" => None,
        _ => first(LOCKED.iter().copied(), package),
    }
}

/// The version of `package` in a `Cargo.lock`, without build metadata.
pub fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    first(locked(lock), package)
}

fn first<'lock>(
    mut locked: impl Iterator<Item = (&'lock str, &'lock str)>,
    package: &str,
) -> Option<&'lock str> {
    locked.find_map(|(name, version)| (name == package).then_some(version))
}

/// The name and version of each package in a `Cargo.lock`.
fn locked(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut lines = lock.lines();
    std::iter::from_fn(move || {
        let name = lines.find_map(|line| line.strip_prefix("name = \""))?;
        let version = lines.next()?.strip_prefix("version = \"")?;
        let version = version.split(['"', '+']).next()?;
        Some((name.strip_suffix('"')?, version))
    })
}

fn line(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    match text.trim() {
        "" => "unknown".to_string(),
        text => text.to_string(),
    }
}

fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_string())
}

/// The word in brackets, which is how the kernel marks a choice.
fn bracketed(text: &str) -> String {
    let inner = text
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'));
    inner.map_or(text, |(word, _)| word).to_string()
}

#[cfg(target_env = "gnu")]
fn libc_version() -> String {
    // SAFETY: returns a string that lives as long as the program.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}

#[cfg(not(target_env = "gnu"))]
fn libc_version() -> String {
    format!("libc of {}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators;

    #[test]
    fn every_package_of_the_table_has_a_locked_version() {
        for entry in allocators::all()
            .iter()
            .filter(|entry| entry.package != "libc")
        {
            let version = version_of(entry.package).unwrap_or("");
            assert!(
                version.starts_with(|c: char| c.is_ascii_digit()),
                "{}",
                entry.package
            );
        }
    }

    #[test]
    fn the_program_with_the_c_peers_has_the_same_versions_of_the_others() {
        let lock = include_str!("../c-peers/Cargo.lock");
        for entry in allocators::all()
            .iter()
            .filter(|entry| entry.package != "libc")
        {
            assert_eq!(
                locked_version(lock, entry.package),
                entry.version,
                "{}",
                entry.package
            );
        }
    }

    #[test]
    fn nothing_that_an_allocator_calls_is_left_unoptimised() {
        let manifest = include_str!("../../Cargo.toml");
        let (_, quick) = manifest.split_once("[profile.quick.package]\n").unwrap();
        let unoptimised: Vec<&str> = quick
            .lines()
            .map_while(|line| line.strip_suffix(".opt-level = 0"))
            .collect();
        assert!(unoptimised.contains(&"clap_builder"), "{unoptimised:?}");
        let lock = include_str!("../../Cargo.lock");
        let mut called: Vec<&str> = allocators::all()
            .iter()
            .map(|entry| entry.package)
            .collect();
        called.retain(|package| *package != "bench-harness");
        let mut index = 0;
        while index < called.len() {
            assert!(!unoptimised.contains(&called[index]), "{}", called[index]);
            for package in dependencies(lock, called[index]) {
                if !called.contains(&package) {
                    called.push(package);
                }
            }
            index += 1;
        }
        assert!(called.contains(&"rustix"), "smmalloc calls it: {called:?}");
    }

    /// What a package depends on, in all of its locked versions. The stages' dependencies for tests are
    /// no part of what is measured.
    fn dependencies<'lock>(lock: &'lock str, package: &str) -> Vec<&'lock str> {
        let name = format!("name = \"{package}\"\n");
        let entries = lock.split("[[package]]\n");
        let of_package =
            entries.filter(|entry| entry.starts_with(&name) && entry.contains("\nsource = "));
        let lists = of_package.filter_map(|entry| entry.split_once("dependencies = [\n"));
        lists
            .flat_map(|(_, list)| list.lines().take_while(|line| *line != "]"))
            .filter_map(|line| line.trim_matches([' ', '"', ',']).split(' ').next())
            .collect()
    }

    #[test]
    fn a_result_says_how_its_program_was_built() {
        let is_known = |name| build(name) != name;
        assert!(is_known("release") && is_known("quick"));
        let expected = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        assert!(here().profile.starts_with(expected));
    }

    #[test]
    fn the_kernel_marks_its_choice_with_brackets() {
        assert_eq!(bracketed("always [madvise] never"), "madvise");
        assert_eq!(bracketed("unknown"), "unknown");
    }
}
