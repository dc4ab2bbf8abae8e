//! `size`: what an allocator's code weighs in the least program on it.

use std::path::PathBuf;

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process::{cargo, command, succeed, target_dir};

use crate::splice;

/// The features of the package in `bench-harness/size`.
const ALLOCATORS: &[&str] = &[
    "coalescing",
    "coalescing-strict",
    "talc",
    "rlsf",
    "dlmalloc",
    "linked_list",
    "buddy",
];

/// What bytes are compared with.
const REFERENCE: &str = "talc";

const CHAPTER: &str = "docs/src/benchmarks.md";

/// Bytes of one program's sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sections {
    /// Instructions, and the constants that they read.
    code: usize,
    /// Memory that the program has beside the heap.
    state: usize,
}

pub(super) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let docs = options.flag("--docs");
    options.finish()?;
    let shell = build(None)?;
    let mut rows = Vec::new();
    for name in ALLOCATORS {
        let all = build(Some(name))?;
        let own = Sections {
            code: all.code.saturating_sub(shell.code),
            ..all
        };
        rows.push((*name, own));
    }
    let table = table(&rows);
    print!("{table}");
    match docs {
        true => splice::fill(CHAPTER, "size", &table),
        false => Ok(()),
    }
}

/// Builds the program on one allocator, or on none, and weighs it.
fn build(feature: Option<&str>) -> Result<Sections> {
    let dir = target_dir().join("size");
    let manifest = "bench-harness/size/Cargo.toml";
    let mut build = cargo(&["rustc", "--release", "--quiet", "--manifest-path", manifest]);
    build.args(feature.map(|name| format!("--features={name}")));
    // Without the C library: what is copied is copied by whoever links the program.
    build.args(["--", "-Clink-arg=-nostdlib"]);
    // Nor with an operating system: no lines about misuse.
    build.env("RUSTFLAGS", "--cfg no_os");
    succeed(build.env("CARGO_TARGET_DIR", &dir))?;
    weigh(&dir.join("release/libsize.so"))
}

fn weigh(library: &PathBuf) -> Result<Sections> {
    let mut size = command("size");
    let output = size.arg("-A").arg(library).output();
    let output = output.map_err(|error| format!("`size` of binutils is needed: {error}"))?;
    let listing = String::from_utf8_lossy(&output.stdout);
    let sections = sections(&listing);
    match sections.code {
        0 => Err(format!("{} has no code", library.display())),
        _ => Ok(sections),
    }
}

/// The sums of the lines `.section  bytes  address`.
fn sections(listing: &str) -> Sections {
    let bytes_of = |names: &[&str]| {
        let lines = listing.lines().map(|line| line.split_whitespace());
        let bytes = lines.filter_map(|mut words| {
            let name = words.next()?;
            let is_wanted = names.contains(&name);
            words.next()?.parse::<usize>().ok().filter(|_| is_wanted)
        });
        bytes.sum()
    };
    Sections {
        code: bytes_of(&[".text", ".rodata"]),
        state: bytes_of(&[".data", ".data.rel.ro", ".bss"]),
    }
}

fn table(rows: &[(&str, Sections)]) -> String {
    let reference = rows.iter().find(|(name, _)| *name == REFERENCE);
    let reference = reference.map_or(1, |(_, sections)| sections.code.max(1));
    let mut text = format!("| allocator | code | / {REFERENCE} | state |\n|---|--:|--:|--:|\n");
    for (name, Sections { code, state }) in rows {
        let ratio = *code as f64 / reference as f64;
        text += &format!("| {name} | {code} B | {ratio:.2} | {state} B |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_state_are_told_apart() {
        let listing = "lib.so  :\nsection   size   addr\n.eh_frame  108  880\n.rodata  30  900\n\
                       .text  1343  5644\n.data  8  9000\n.bss  32  15368\nTotal  1521\n";
        let (code, state) = (1373, 40);
        assert_eq!(sections(listing), Sections { code, state });
        assert_eq!(sections("size: no such file").code, 0);
    }

    #[test]
    fn ratios_are_to_the_reference() {
        let of = |code| Sections { code, state: 0 };
        let table = table(&[("coalescing", of(300)), (REFERENCE, of(200))]);
        assert!(
            table.contains("| coalescing | 300 B | 1.50 | 0 B |"),
            "{table}"
        );
    }

    #[test]
    fn the_book_has_a_place_for_the_table() {
        let chapter = include_str!("../../../docs/src/benchmarks.md");
        let filled = splice::filled(chapter, "size", "figures\n").expect("the markers");
        assert!(filled.contains("<!-- BEGIN size -->\nfigures\n<!-- END size -->"));
    }
}
