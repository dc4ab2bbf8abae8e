//! Tests of the `.rep` dialects and of deviations from them.

use alloc_trace::rep::{Strictness, read, read_prefix};
use alloc_trace::{Cause, Op, Trace};
use proptest::prelude::*;

const CALLS: &str = "a 0 512\na 1 128\nr 0 640\nf 1\nf 0\n";

fn lenient(text: &str) -> Result<Trace, Cause> {
    read(text.as_bytes(), "test", Strictness::Lenient)
}

fn strict(text: &str) -> Result<Trace, Cause> {
    read(text.as_bytes(), "test", Strictness::Strict)
}

/// Checks that the lenient reading accepts the text and the strict one refuses it at `line`. Returns the
/// lenient reading.
fn strays(text: &str, line: usize) -> Trace {
    match strict(text) {
        Err(Cause::Line { line: found, .. }) => assert_eq!(found, line, "{text}"),
        other => panic!("{text}: {other:?}"),
    }
    lenient(text).unwrap()
}

/// Returns the line and the message with which both readings refuse `text`.
fn refused(text: &str) -> String {
    assert!(strict(text).is_err());
    lenient(text).unwrap_err().to_string()
}

fn plain(slot: u32, size: usize) -> Op {
    Op::Allocate {
        slot,
        size,
        align: 8,
        zeroed: false,
    }
}

#[test]
fn the_four_dialects_are_told_apart_by_their_headers() {
    let dialects = [
        ("20000\n2\n5\n1\n", "Classic"),
        ("100\n2\n5\n0\n", "Classic"),
        ("1\n2\n5\n0\n", "Flags"),
        ("3\n2\n5\n1\n", "Flags"),
        ("1\n2\n5\n1152\n", "Peak"),
        ("2\n5\n", "Short"),
    ];
    for (header, dialect) in dialects {
        let trace = strict(&format!("{header}{CALLS}")).unwrap();
        let free = |slot| Op::Free { slot };
        let resize = Op::Resize { slot: 0, size: 640 };
        assert_eq!(
            trace.ops,
            [plain(0, 512), plain(1, 128), resize, free(1), free(0)]
        );
        assert!(
            trace.provenance.note.contains(dialect),
            "{header}: {}",
            trace.provenance.note
        );
    }
}

#[test]
fn what_occurs_in_the_wild_is_taken_unless_strict() {
    assert_eq!(
        strays(&format!("2\r\n5\r\n{}", CALLS.replace('\n', "\r\n")), 1)
            .ops
            .len(),
        5
    );
    assert_eq!(strays(&format!("2\n5\n\n{CALLS}"), 3).ops.len(), 5);
    assert_eq!(strays("1\n2\na 0 8\nf 0\na 0 8\n", 5).ops.len(), 2);
    assert_eq!(
        strays("1\n4\na 0 8\nf 0\na 0 16\nf 0\n", 5).ops[2],
        plain(0, 16)
    );
    assert_eq!(strays("1\n3\na 0 8\nf -1\nf 0\n", 4).ops.len(), 2);
    assert_eq!(strays("1\n2\na 0 0\nf 0\n", 3).ops[0], plain(0, 0));
    assert_eq!(strays("1\n2\nr 0 24\nf 0\n", 3).ops[0], plain(0, 24));
    assert_eq!(strays("1\n2\na 7 24\nf 7\n", 3).ops[0], plain(0, 24));
    assert_eq!(strays("2\n2\na 0 8\na 1 8\n", 4).n_slots, 2);
}

#[test]
fn sizes_beyond_32_bits_are_taken() {
    let trace = strict("1\n2\na 0 36000000000\nf 0\n").unwrap();
    assert_eq!(trace.ops[0], plain(0, 36_000_000_000));
}

#[test]
fn nonsense_is_refused_with_its_line() {
    let cases = [
        (
            "1\n2\na 0 8\nf 1\n",
            "line 4: frees id 1, which was never allocated",
        ),
        (
            "1\n3\na 0 8\nf 0\nf 0\n",
            "line 5: frees id 0, which was freed before",
        ),
        (
            "1\n2\na 0 8\na 0 8\n",
            "line 4: allocates id 0, which is live",
        ),
        ("1\n2\na 0 8\nw 0 8\n", "line 4: \"w 0 8\" is none of"),
        ("1\n1\na 0 -8\n", "line 3: \"-8\" is no number"),
        (
            "1\n1\na 0 9223372036854775807\n",
            "line 3: a size of 9223372036854775807 bytes",
        ),
        (
            "1\n9\na 0 8\nf 0\n",
            "line 4: the file ends after 2 of 9 declared calls",
        ),
        ("1\n2\n3\na 0 8\n", "line 3: a header of 3 numbers"),
        ("a 0 8\nf 0\n", "neither a compact trace"),
        ("", "neither a compact trace"),
    ];
    for (text, message) in cases {
        let found = refused(text);
        assert!(found.starts_with(message), "{text:?}: {found}");
    }
}

#[test]
fn the_prefix_of_a_cut_file_is_kept() {
    let (trace, stopped) = read_prefix(b"1\n9\na 0 8\nf 0\na", "cut").unwrap();
    assert_eq!(trace.ops.len(), 2);
    let stopped = stopped.unwrap().to_string();
    assert!(
        stopped.ends_with("--prefix replays the 2 calls before it"),
        "{stopped}"
    );
}

#[test]
fn a_file_is_recognised_by_what_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("short.rep");
    std::fs::write(&path, format!("2\n5\n\n{CALLS}")).unwrap();
    assert_eq!(Trace::load(&path).unwrap().name, "short");
    assert!(Trace::load_strict(&path).is_err());
    assert!(Trace::load_prefix(&path).unwrap().1.is_none());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([0-9]{1,3}\n){0,5}([arf] -?[0-9]{1,2} ?[0-9]{0,3}\r?\n){0,20}.{0,5}") {
        let _ = strict(&text);
        let _ = lenient(&text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read(&bytes, "any", Strictness::Lenient);
    }
}
