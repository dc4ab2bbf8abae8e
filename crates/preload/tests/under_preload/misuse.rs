//! What is seen of a program's mistakes, and what is said about them.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use core_api::Misuse;

use crate::build::{Program, library, library_of};
use crate::run::{output, preloaded, text};

static MISUSE: Program = Program::new("misuse.c");

const TWICE: &str = Misuse::DoubleFree.message();
const NO_BLOCK: &str = Misuse::ForeignPointer.message();
const NO_START: &str = Misuse::InteriorPointer.message();
const WRITTEN: &str = Misuse::WrittenWhileFree.message();
const OVERRUN: &str = Misuse::Overrun.message();
const USED: &str = Misuse::UsedAfterFree.message();

/// A kind of misuse, and who says what about it.
struct Kind {
    name: &'static str,
    /// `None` where nothing is promised.
    default: Option<&'static str>,
    hardened: Option<&'static str>,
    /// In the hardened mode, with every block guarded.
    guarded: &'static str,
}

const fn kind(
    name: &'static str,
    default: Option<&'static str>,
    hardened: Option<&'static str>,
    guarded: &'static str,
) -> Kind {
    Kind {
        name,
        default,
        hardened,
        guarded,
    }
}

const KINDS: &[Kind] = &[
    kind("double-free", Some(TWICE), Some(TWICE), TWICE),
    kind("double-free-later", None, Some(TWICE), TWICE),
    kind("double-free-much-later", None, Some(TWICE), TWICE),
    kind("double-free-written", None, Some(TWICE), USED),
    kind("double-free-other-thread", None, Some(TWICE), TWICE),
    kind("double-free-large", Some(TWICE), Some(TWICE), TWICE),
    kind("interior", None, Some(NO_START), NO_START),
    kind("interior-word", None, Some(NO_START), NO_START),
    kind("interior-forged", None, Some(NO_START), NO_START),
    kind("misaligned", Some(NO_BLOCK), Some(NO_BLOCK), NO_START),
    kind("foreign", Some(NO_BLOCK), Some(NO_BLOCK), NO_BLOCK),
    kind("foreign-forged", Some(NO_BLOCK), Some(NO_BLOCK), NO_BLOCK),
    kind("realloc-freed", Some(TWICE), Some(TWICE), USED),
    kind("link-overwritten", None, Some(WRITTEN), USED),
    kind("link-forged", None, Some(WRITTEN), USED),
    kind("write-after-free", None, Some(WRITTEN), USED),
    kind("overflow-into-free", None, Some(WRITTEN), OVERRUN),
    kind("overflow-into-live", None, Some(OVERRUN), OVERRUN),
    kind("read-beyond", None, None, OVERRUN),
    kind("read-after-free", None, None, USED),
];

/// The one kind that is seen only because freed blocks wait in quarantine, as they do not with quick checks.
const SEEN_IN_QUARANTINE: &str = "write-after-free";

/// One kind of misuse, on a library with options.
fn commit(program: &Path, kind: &Kind, library: &Path, options: &[(&str, &str)]) -> Output {
    let mut command = preloaded(program, library);
    command.arg(kind.name);
    for (name, value) in options {
        command.env(format!("MALLOC_LADDER_{name}"), value);
    }
    output(&mut command)
}

fn assert_said(output: &Output, name: &str, message: &str) {
    let errors = text(&output.stderr);
    assert_eq!(
        errors,
        format!("malloc-ladder: fatal: {message}\n"),
        "{name}"
    );
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{name}");
}

#[test]
fn by_default_what_costs_nothing_is_seen() {
    let Some(program) = MISUSE.path() else { return };
    for kind in KINDS {
        if let Some(message) = kind.default {
            let output = commit(program, kind, &library(), &[]);
            assert_said(&output, kind.name, message);
        }
    }
}

#[test]
fn hardened_all_but_what_hurts_no_free_block_is_seen() {
    let Some(program) = MISUSE.path() else { return };
    for kind in KINDS {
        let output = commit(program, kind, &library_of("hardened"), &[("GUARD", "0")]);
        match kind.hardened {
            Some(message) => assert_said(&output, kind.name, message),
            // By chance a free block lies behind one of the live ones.
            None if !output.status.success() => assert_said(&output, kind.name, WRITTEN),
            None => assert_eq!(text(&output.stderr), "went on\n", "{}", kind.name),
        }
    }
}

#[test]
fn quick_checks_see_all_but_writes_behind_a_link() {
    let Some(program) = MISUSE.path() else { return };
    for kind in KINDS {
        let options = [("GUARD", "0"), ("HARDENED", "quick")];
        let output = commit(program, kind, &library_of("hardened"), &options);
        match kind.hardened {
            Some(message) if kind.name != SEEN_IN_QUARANTINE => {
                assert_said(&output, kind.name, message);
            }
            _ if !output.status.success() => assert_said(&output, kind.name, WRITTEN),
            _ => assert_eq!(text(&output.stderr), "went on\n", "{}", kind.name),
        }
    }
}

/// Blocks that leave the pool for a list are looked at, too.
#[test]
fn hardened_an_overwritten_block_is_seen_when_others_are_freed() {
    let Some(program) = MISUSE.path() else { return };
    let name = "overwritten-while-others-are-freed";
    let kind = kind(name, None, Some(WRITTEN), WRITTEN);
    for tier in ["quick", "full"] {
        let options = [("GUARD", "0"), ("HARDENED", tier)];
        let output = commit(program, &kind, &library_of("hardened"), &options);
        assert_said(&output, name, WRITTEN);
    }
}

#[test]
fn guarded_everything_is_seen() {
    let Some(program) = MISUSE.path() else { return };
    for kind in KINDS {
        let output = commit(program, kind, &library_of("hardened"), &[("GUARD", "1")]);
        assert_said(&output, kind.name, kind.guarded);
    }
}

/// One request in 1,024 is guarded if nobody says otherwise: a program that makes the same mistake
/// often is caught.
#[test]
fn some_blocks_are_guarded_unasked() {
    let Some(program) = MISUSE.path() else { return };
    let library = library_of("hardened");
    let read_beyond = KINDS.iter().find(|kind| kind.name == "read-beyond");
    let caught = (0..500)
        .map(|_| commit(program, read_beyond.expect("a kind"), &library, &[]))
        .find(|output| !output.status.success());
    let caught = caught.expect("500 times 64 mistakes, one in 1,024 of them seen");
    assert_said(&caught, "read-beyond", OVERRUN);
}

#[test]
fn the_book_says_what_is_seen() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/preload.md");
    let book = std::fs::read_to_string(book).expect("the chapter");
    for kind in KINDS {
        let begin = format!("| `{}` |", kind.name);
        let row = book.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row for {}", kind.name));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells[3] == "seen", kind.default.is_some(), "{row}");
        let hardened = match kind.hardened {
            Some(_) if kind.name == SEEN_IN_QUARANTINE => "not if quick",
            Some(_) => "seen",
            None => "if guarded",
        };
        assert_eq!(cells[4], hardened, "{row}");
    }
}

/// What happens without the library is the C library's affair; this prints it beside the rest.
#[test]
#[ignore = "prints a table"]
fn table() {
    let Some(program) = MISUSE.path() else { return };
    for kind in KINDS {
        let mut alone = Command::new(program);
        let libc = output(alone.arg(kind.name));
        let default = commit(program, kind, &library(), &[]);
        let hardened = commit(program, kind, &library_of("hardened"), &[("GUARD", "0")]);
        let said = [libc, default, hardened].map(|output| {
            let errors = text(&output.stderr);
            let signal = output.status.signal().map_or(0, |signal| signal);
            format!("{} (signal {signal})", errors.trim_end())
        });
        println!("{}: {}", kind.name, said.join(" | "));
    }
}
