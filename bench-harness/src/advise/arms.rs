//! What a program is tried under: libraries in the place of libc's `malloc`, and settings of libc's own.

use std::path::{Path, PathBuf};

use crate::allocators::{BASELINE, CONTROL};
use crate::preload::Library;

/// A library that may be installed, and how it can be set.
struct Candidate {
    name: &'static str,
    /// The file, by its names in the order of preference.
    files: &'static [&'static str],
    /// The Debian package that has it.
    package: &'static str,
    /// A suffix of the name, and the variable for it.
    settings: &'static [(&'static str, &'static str)],
}

const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "jemalloc",
        files: &["libjemalloc.so.2", "libjemalloc.so"],
        package: "libjemalloc2",
        settings: &[
            ("background thread", "MALLOC_CONF=background_thread:true"),
            ("no decay", "MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:0"),
            ("decay 60 s", "MALLOC_CONF=dirty_decay_ms:60000"),
            ("1 arena", "MALLOC_CONF=narenas:1"),
            ("2 arenas", "MALLOC_CONF=narenas:2"),
            ("huge pages", "MALLOC_CONF=thp:always"),
        ],
    },
    Candidate {
        name: "mimalloc",
        files: &[
            "libmimalloc.so.3",
            "libmimalloc.so.2",
            "libmimalloc.so.2.0",
            "libmimalloc.so",
        ],
        package: "libmimalloc2.0, or --preload mimalloc.so, which is built from its crate",
        settings: &[
            ("purge at once", "MIMALLOC_PURGE_DELAY=0"),
            ("purge after 1 s", "MIMALLOC_PURGE_DELAY=1000"),
            ("no purge", "MIMALLOC_PURGE_DELAY=-1"),
            ("large pages", "MIMALLOC_ALLOW_LARGE_OS_PAGES=1"),
        ],
    },
    Candidate {
        name: "tcmalloc",
        files: &["libtcmalloc_minimal.so.4", "libtcmalloc_minimal.so"],
        package: "libtcmalloc-minimal4",
        settings: &[
            ("release rate 0", "TCMALLOC_RELEASE_RATE=0"),
            ("release rate 10", "TCMALLOC_RELEASE_RATE=10"),
        ],
    },
    Candidate {
        name: "tbbmalloc",
        files: &["libtbbmalloc_proxy.so.2", "libtbbmalloc_proxy.so"],
        package: "libtbbmalloc2",
        settings: &[("huge pages", "TBB_MALLOC_USE_HUGE_PAGES=1")],
    },
];

/// Settings of this workspace's library.
const OURS: &[(&str, &str)] = &[
    ("huge pages", "MALLOC_LADDER_HUGE_PAGES=always"),
    ("adaptive huge pages", "MALLOC_LADDER_HUGE_PAGES=adaptive"),
];

/// glibc's settings: a suffix of the name, and the value of `GLIBC_TUNABLES`.
const TUNABLES: &[(&str, &str)] = &[
    ("1 arena", "glibc.malloc.arena_max=1"),
    ("2 arenas", "glibc.malloc.arena_max=2"),
    ("4 arenas", "glibc.malloc.arena_max=4"),
    ("no tcache", "glibc.malloc.tcache_count=0"),
    ("tcache 64", "glibc.malloc.tcache_count=64"),
    ("tcache to 8 KiB", "glibc.malloc.tcache_max=8192"),
    ("trim at 128 KiB", "glibc.malloc.trim_threshold=131072"),
    (
        "trim at 64 MiB",
        "glibc.malloc.trim_threshold=67108864:glibc.malloc.mmap_threshold=33554432",
    ),
    ("huge pages", "glibc.malloc.hugetlb=1"),
];

/// Where libraries are, beside the folder of this kind of machine.
const FOLDERS: &[&str] = &["/usr/local/lib", "/usr/lib64", "/usr/lib", "/lib64", "/lib"];

/// libc's own malloc once more, and in other settings, if it is glibc.
pub(super) fn of_libc() -> Vec<Library> {
    let tuned = |(what, value): &(&str, &str)| {
        let envs = vec![("GLIBC_TUNABLES".to_string(), value.to_string())];
        Library::of_libc(&format!("{BASELINE} ({what})"), envs)
    };
    let tunables = if cfg!(target_env = "gnu") {
        TUNABLES
    } else {
        &[]
    };
    let control = Library::of_libc(CONTROL, Vec::new());
    std::iter::once(control)
        .chain(tunables.iter().map(tuned))
        .collect()
}

/// The libraries that are installed, as they come, and a line on each other one, unless `named` has it.
pub(super) fn installed(named: &[Library]) -> (Vec<Library>, String) {
    let is_named = |candidate: &&Candidate| {
        let mut named = named.iter();
        !named.any(|library| family(&library.name) == candidate.name)
    };
    let (mut libraries, mut missing) = (Vec::new(), String::new());
    for candidate in CANDIDATES.iter().filter(is_named) {
        let Candidate { name, package, .. } = candidate;
        match find(candidate).map(|path| Library::open(name, &path)) {
            Some(Ok(library)) => libraries.push(library),
            Some(Err(error)) => missing += &format!("{name}: left out: {error:#}\n"),
            None => missing += &format!("{name}: not installed (apt-get install {package})\n"),
        }
    }
    (libraries, missing)
}

/// `jemalloc` of `jemalloc.so`.
fn family(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// A library in its other settings.
pub(super) fn settings(library: &Library) -> Vec<Library> {
    let is_ours = library.path.as_deref().is_some_and(Library::is_stage);
    let mut candidates = CANDIDATES.iter();
    let candidate = candidates.find(|candidate| candidate.name == family(&library.name));
    let settings = match is_ours {
        true => OURS,
        false => candidate.map_or(&[][..], |candidate| candidate.settings),
    };
    let set = |(what, variable): &(&str, &str)| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        Library {
            name: format!("{} ({what})", library.name),
            envs: vec![(name.to_string(), value.to_string())],
            ..library.clone()
        }
    };
    // What is set by hand stays as it is.
    let is_plain = library.envs.is_empty();
    settings.iter().filter(|_| is_plain).map(set).collect()
}

fn find(candidate: &Candidate) -> Option<PathBuf> {
    let own = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let folders = std::iter::once(own.as_str()).chain(FOLDERS.iter().copied());
    let files = folders.flat_map(|folder| {
        candidate
            .files
            .iter()
            .map(move |file| Path::new(folder).join(file))
    });
    files.into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_named_has_the_settings_of_its_family_unless_it_is_set() {
        let plain = Library {
            path: Some("libmimalloc.so".into()),
            ..Library::of_libc("mimalloc.so", Vec::new())
        };
        let names: Vec<String> = settings(&plain).into_iter().map(|arm| arm.name).collect();
        assert!(
            names.contains(&"mimalloc.so (purge at once)".to_string()),
            "{names:?}"
        );
        let set = Library {
            envs: vec![("A".to_string(), "1".to_string())],
            ..plain.clone()
        };
        assert_eq!(settings(&set), []);
        let ours = Library {
            path: Some("target/libpreload.so".into()),
            ..plain
        };
        assert_eq!(settings(&ours).len(), OURS.len());
    }

    #[test]
    fn every_setting_is_a_variable_with_a_value_and_every_arm_has_a_name_of_its_own() {
        let mut names: Vec<String> = of_libc().into_iter().map(|arm| arm.name).collect();
        for candidate in CANDIDATES {
            let library = Library::of_libc(candidate.name, Vec::new());
            for arm in settings(&library) {
                assert!(
                    arm.envs.iter().all(|(_, value)| !value.is_empty()),
                    "{arm:?}"
                );
                names.push(arm.name);
            }
            names.push(candidate.name.to_string());
        }
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n, "{names:?}");
        assert!(names.contains(&CONTROL.to_string()));
    }
}
