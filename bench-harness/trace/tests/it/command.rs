//! Tests of `cargo xtask trace`: each subcommand on files, as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alloc_trace::compact::{Call, MAX_FRAME_OPS, Writer};
use alloc_trace::{ColumnSet, Context, Op, Origin, Provenance, Trace};
use proptest::prelude::*;
use tempfile::TempDir;

/// A folder for a test's files.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// Runs `trace` with the given words; `@name` is a file in the folder.
    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alloc-trace"));
        command.arg("trace");
        for word in words.split_whitespace() {
            match word.strip_prefix('@') {
                Some(name) => command.arg(self.path(name)),
                None => command.arg(word),
            };
        }
        command.output().unwrap()
    }

    /// Returns the command's output; the command must succeed.
    fn print(&self, words: &str) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns the command's error message; the command must fail.
    fn refuse(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words}");
        assert!(output.stdout.is_empty(), "{words}");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn load(path: &Path) -> Trace {
    Trace::load(path).unwrap()
}

/// Makes a long trace with every column; [`call_at`] defines the call at each index.
fn write_long(path: &Path, n_ops: u64) {
    let provenance = Provenance {
        origin: Origin::Recorded,
        program: "secret".to_owned(),
        version: "1.0".to_owned(),
        threads: 3,
        note: "of a customer".to_owned(),
        ..Provenance::default()
    };
    let file = fs::File::create(path).unwrap();
    let mut writer = Writer::new(file, &provenance, ColumnSet::ALL).unwrap();
    for op in 0..n_ops {
        let call = call_at(op);
        let context = Context {
            thread: (op / 7 % 3) as u16,
            gap: 100 + op % 10,
            sized: matches!(call, Call::Free { .. }),
        };
        writer.push(call, context).unwrap();
    }
    writer.finish().unwrap();
}

/// Defines forty allocations; after them, each free is of the block forty allocations old.
fn call_at(op: u64) -> Call {
    let n_allocated = if op < 40 {
        op
    } else {
        40 + (op - 40).div_ceil(2)
    };
    match op >= 40 && op % 2 == 1 {
        true => Call::Free {
            block: n_allocated - 41,
        },
        false => Call::Allocate {
            size: (n_allocated % 500) as usize + 1,
            align: if n_allocated.is_multiple_of(10) {
                64
            } else {
                8
            },
            zeroed: n_allocated.is_multiple_of(9),
        },
    }
}

#[test]
fn info_says_what_is_in_a_trace() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 10_000);
    let text = files.print("info @long.trace");
    for part in [
        "long: 10,000 calls in ",
        "origin     recorded from secret 1.0",
        "allocate   5,020; 502 name an alignment, 558 want zeroed bytes",
        "free       4,980; 4,980 frees and resizes state the size",
        "threads    3; the busiest made 33.4 % of the calls",
        "duration   1.045ms; 104 ns from call to call",
        "≤ 512 B",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("DAMAGED"), "{text}");
}

#[test]
fn info_of_a_damaged_trace_says_what_is_whole() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 2 * MAX_FRAME_OPS as u64);
    let bytes = fs::read(files.path("long.trace")).unwrap();
    files.write("cut.trace", &bytes[..bytes.len() - 1]);
    files.write("killed.trace", &bytes[..bytes.len() / 4 * 3]);
    let all = format!("{}", 2 * MAX_FRAME_OPS);
    assert!(
        files
            .print("info @cut.trace")
            .contains(&format!("the {all} calls before it are whole"))
    );
    let text = files.print("info @killed.trace");
    assert!(text.contains("DAMAGED"), "{text}");
    assert!(
        text.contains("the 65536 calls before it are whole"),
        "{text}"
    );
    let error = files.refuse("convert @killed.trace -o @new.trace");
    assert!(
        error.contains("killed.trace: the file ends within frame 1"),
        "{error}"
    );
    assert!(
        !files.path("new.trace").exists(),
        "nothing is written of a damaged trace"
    );
    files.print("convert @killed.trace --prefix -o @new.trace");
    assert_eq!(load(&files.path("new.trace")).ops.len(), MAX_FRAME_OPS);
}

#[test]
fn dump_prints_the_calls_of_a_range() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 70_000);
    assert_eq!(
        files.print("dump @long.trace --from 40 --count 2"),
        "       40  thread 2 +100 ns allocate #40 41 align 64\n       \
         41  thread 2 +101 ns free #0 sized\n"
    );
    let text = files.print("dump @long.trace --from 69998");
    assert_eq!(text.lines().count(), 2, "{text}");
    let error = files.refuse("dump @long.trace --from 70001");
    assert!(
        error.contains("there is no call 70001, the trace has 70000"),
        "{error}"
    );
    files.print("dump @long.trace -o @long.txt");
    let text = fs::read_to_string(files.path("long.txt")).unwrap();
    assert_eq!(text.lines().count(), 70_000);
    assert!(text.contains(" zeroed\n"));
}

#[test]
fn convert_drops_the_columns_that_it_is_told_to() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 1000);
    let before = load(&files.path("long.trace"));
    files.print("convert @long.trace --drop times,size-on-free -o @less.trace");
    let after = load(&files.path("less.trace"));
    assert_eq!(
        (&after.ops, &after.columns.threads),
        (&before.ops, &before.columns.threads)
    );
    assert!(after.columns.gaps.is_empty() && after.columns.sized.is_empty());
    assert_eq!(after.provenance, before.provenance);
    files.print("convert @long.trace -o @long.trace");
    assert_eq!(load(&files.path("long.trace")), before, "in its own place");
}

#[test]
fn anonymize_keeps_sizes_and_order_only() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 1000);
    let before = load(&files.path("long.trace"));
    files.print("anonymize @long.trace -o @public.trace");
    let after = load(&files.path("public.trace"));
    assert_eq!(after.ops, before.ops);
    assert_eq!(after.columns, Default::default());
    let origin = Origin::Recorded;
    assert_eq!(
        after.provenance,
        Provenance {
            origin,
            ..Provenance::default()
        }
    );
    let bytes = fs::read(files.path("public.trace")).unwrap();
    assert!(!bytes.windows(6).any(|bytes| bytes == b"secret"));
    files.print("anonymize @long.trace --keep threads -o @public.trace");
    let kept = load(&files.path("public.trace"));
    assert_eq!(kept.columns.threads, before.columns.threads);
    assert!(kept.columns.gaps.is_empty());
}

#[test]
fn a_cut_from_the_middle_allocates_what_is_live_there() {
    let files = Files::new();
    let n_ops = 17 * MAX_FRAME_OPS as u64;
    write_long(&files.path("long.trace"), n_ops);
    let whole = load(&files.path("long.trace"));
    let from = n_ops as usize - 1001;
    files.print(&format!(
        "cut @long.trace --from {from} --count 1000 -o @end.trace"
    ));
    let cut = load(&files.path("end.trace"));
    let n_carried = cut.ops.len() - 1000;
    assert!((40..=41).contains(&n_carried), "{n_carried}");
    let calls = |ops: &[Op]| ops.iter().map(without_slot).collect::<Vec<_>>();
    assert_eq!(
        calls(&cut.ops[n_carried..]),
        calls(&whole.ops[from..from + 1000])
    );
    assert!(
        cut.ops[..n_carried]
            .iter()
            .all(|op| matches!(op, Op::Allocate { .. }))
    );
    assert_eq!(
        cut.columns.gaps[n_carried..],
        whole.columns.gaps[from..from + 1000]
    );
    assert!(
        cut.provenance.note.contains("after 4"),
        "{}",
        cut.provenance.note
    );
    let error = files.refuse(&format!("cut @long.trace --from {n_ops} -o @none.trace"));
    assert!(error.contains("there is no call"), "{error}");
    assert!(!files.path("none.trace").exists());
}

/// Returns a call without its slot.
fn without_slot(op: &Op) -> (u8, usize, u32) {
    match *op {
        Op::Allocate { size, align, .. } => (0, size, align),
        Op::Resize { size, .. } => (1, size, 0),
        Op::Free { .. } => (2, 0, 0),
    }
}

#[test]
fn export_writes_what_import_reads_in_every_dialect() {
    let files = Files::new();
    write_long(&files.path("long.trace"), 1000);
    let before = load(&files.path("long.trace"));
    for dialect in ["classic", "flags", "peak", "short"] {
        files.print(&format!(
            "export @long.trace --dialect {dialect} -o @long.rep"
        ));
        files.print("import @long.rep -o @again.trace");
        let after = load(&files.path("again.trace"));
        let sizes = |trace: &Trace| {
            trace
                .ops
                .iter()
                .map(|op| without_slot(op).1)
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(&after), sizes(&before), "{dialect}");
        let found = after.provenance.note.to_lowercase();
        assert!(found.contains(dialect), "{found}");
    }
    let text = files.print("export @long.trace --dialect short -o -");
    assert!(text.starts_with("520\n1000\na 0 1\na 1 2\n"), "{text}");
    let output = files.run("export @long.trace -o -");
    let note = String::from_utf8_lossy(&output.stderr);
    assert!(
        note.contains("asked for an alignment or zeroed bytes"),
        "{note}"
    );
}

#[test]
fn import_reads_the_dialects_leniently_or_strictly() {
    let files = Files::new();
    let calls = "a 0 512\na 1 128\nr 0 640\nf 1\nf 0\n";
    for (name, header) in [
        ("a", "20000\n2\n5\n1\n"),
        ("b", "1\n2\n5\n0\n"),
        ("c", "1\n2\n5\n1152\n"),
        ("d", "2\n5\n"),
    ] {
        files.write("x.rep", format!("{header}{calls}"));
        files.print(&format!("import @x.rep --strict -o @{name}.trace"));
        files.write("x.rep", format!("{header}\r\n{calls}f -1\n"));
        files.print(&format!("import @x.rep -o @{name}2.trace"));
        let [strict, lenient] = [name.to_owned(), format!("{name}2")]
            .map(|name| load(&files.path(&format!("{name}.trace"))).ops);
        assert_eq!((strict.len(), strict), (5, lenient));
        let error = files.refuse("import @x.rep --strict -o @none.trace");
        assert!(error.contains("x.rep: line "), "{error}");
        assert!(!files.path("none.trace").exists());
    }
}

#[test]
fn import_reads_android_memory_replay() {
    let files = Files::new();
    let text = "186: malloc 0xb6038060 20 1000 1010\n\
                187: calloc 0xb609f080 32 4 1500 1600\n\
                186: realloc 0xb609f100 0xb6038060 40 1700 1800\n\
                187: memalign 0x85423660 16 104 1900 1950\n\
                186: free 0xb609f100 2000 2010\n\
                186: free 0x0 2000 2010\n\
                187: free 0xb609f080 2500 2501\n\
                187: thread_done 0x0 2600\n";
    files.write("app.txt", text);
    files.print("import @app.txt --strict -o @app.trace");
    let trace = load(&files.path("app.trace"));
    let ops: Vec<_> = trace.ops.iter().map(without_slot).collect();
    let expected = [
        (0, 20, 8),
        (0, 128, 8),
        (1, 40, 0),
        (0, 104, 16),
        (2, 0, 0),
        (2, 0, 0),
    ];
    assert_eq!(ops, expected);
    assert!(matches!(trace.ops[1], Op::Allocate { zeroed: true, .. }));
    assert_eq!(trace.columns.threads, [0, 1, 0, 1, 0, 1]);
    assert_eq!(trace.columns.gaps, [0, 500, 200, 200, 100, 500]);
    assert_eq!(trace.provenance.threads, 2);

    files.write(
        "app.txt",
        format!("{}187: frob 0x1 1\n", text.replace(" 2500 2501", "")),
    );
    let error = files.refuse("import @app.txt -o @none.trace");
    assert!(
        error.contains("app.txt: line 9: \"frob\" is no call"),
        "{error}"
    );
    files.write("app.txt", text.replace(" 2500 2501", ""));
    files.print("import @app.txt -o @app.trace");
    assert_eq!(
        load(&files.path("app.trace")).columns.gaps.len(),
        0,
        "not every call has a time"
    );
}

#[test]
fn import_reads_what_ltrace_and_valgrind_write() {
    let files = Files::new();
    let text = "==9== Memcheck, a memory error detector\n\
                --9-- malloc(10) = 0x4A40040\n\
                --9-- realloc(0x4A40040,100) = 0x4A40090\n\
                --9-- calloc(3,7) = 0x4A40140\n\
                --9-- memalign(al 64, size 99) = 0x4A40200\n\
                --9-- _Znwm(24) = 0x4A40300\n\
                --9-- _ZdlPv(0x4A40300)\n\
                --9-- free(0x4A40090)\n\
                --9-- realloc(0x4A40140,0)free(0x4A40140)\n\
                --9--  = 0\n\
                --9-- free(0x4A49999)\n\
                --9-- free(0x0)\n";
    files.write("v.txt", text);
    let output = files.run("import @v.txt -o @v.trace");
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(
        notes.contains("2 lines that are no calls were left out"),
        "{notes}"
    );
    assert!(
        notes.contains("1 calls on blocks whose allocation is not there"),
        "{notes}"
    );
    let ops: Vec<_> = load(&files.path("v.trace"))
        .ops
        .iter()
        .map(without_slot)
        .collect();
    let expected = [
        (0, 10, 8),
        (1, 100, 0),
        (0, 21, 8),
        (0, 99, 64),
        (0, 24, 8),
        (2, 0, 0),
        (2, 0, 0),
        (2, 0, 0),
    ];
    assert_eq!(ops, expected);

    files.write(
        "l.txt",
        "[pid 7] prog->malloc(24)   = 0x55d0\n[pid 8] free(0x55d0)   = <void>\n",
    );
    files.print("import @l.txt --strict -o @l.trace");
    let trace = load(&files.path("l.trace"));
    assert_eq!((trace.ops.len(), trace.columns.threads), (2, vec![0, 1]));
}

#[test]
fn every_command_reads_every_format_as_the_bench_does() {
    let files = Files::new();
    files.write("any.rep", "1\n2\na 0 512\nf 0\n");
    files.write("any.replay", "187: malloc 0x60 20\n187: free 0x60\n");
    files.write("any.calls", "malloc(20) = 0x60\nfree(0x60)\nfree(0x99)\n");
    write_long(&files.path("any.trace"), 1000);
    for name in ["any.rep", "any.replay", "any.calls", "any.trace"] {
        let before = load(&files.path(name));
        for command in ["convert", "cut", "anonymize"] {
            files.print(&format!("{command} @{name} -o @new.trace"));
            assert_eq!(
                load(&files.path("new.trace")).ops,
                before.ops,
                "{command} {name}"
            );
        }
        let n_ops = before.ops.len();
        assert_eq!(files.print(&format!("dump @{name}")).lines().count(), n_ops);
        files.print(&format!("export @{name} --dialect short -o @new.rep"));
        assert_eq!(load(&files.path("new.rep")).ops.len(), n_ops);
        let text = files.print(&format!("info @{name}"));
        let n_free = before
            .ops
            .iter()
            .filter(|op| matches!(op, Op::Free { .. }))
            .count();
        assert!(text.contains(&format!("free       {n_free}")), "{text}");
    }
    let note = load(&files.path("any.calls")).provenance.note;
    assert!(
        note.contains("1 calls on blocks whose allocation is not there"),
        "{note}"
    );
}

#[test]
fn the_whole_part_of_a_text_can_be_kept() {
    let files = Files::new();
    files.write("bad.rep", "2\n3\na 0 512\nf 0\nf 1\n");
    let error = files.refuse("convert @bad.rep -o @new.trace");
    assert!(error.contains("bad.rep: line 5"), "{error}");
    files.print("convert @bad.rep --prefix -o @new.trace");
    assert_eq!(load(&files.path("new.trace")).ops.len(), 2);
}

#[test]
fn what_cannot_be_done_is_said() {
    let files = Files::new();
    files.write("x.rep", "2\n1\na 0 8\n");
    assert!(
        files
            .refuse("info @missing.trace")
            .contains("missing.trace: No such file")
    );
    files.write("poem.txt", "roses are red\n");
    let error = files.refuse("info @poem.txt");
    assert!(
        error.contains("poem.txt: neither a compact trace"),
        "{error}"
    );
    let error = files.refuse("import @poem.txt -o @poem.trace");
    assert!(error.contains("no format that is known"), "{error}");
    let error = files.refuse("import @x.rep -o @no/such/x.trace");
    assert!(error.contains("No such file"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A cut of any range is a valid trace, with exactly the range's calls behind the carried blocks.
    #[test]
    fn any_cut_is_valid(from in 0_u64..1999, count in 0_u64..2500) {
        let files = Files::new();
        write_long(&files.path("long.trace"), 2000);
        files.print(&format!("cut @long.trace --from {from} --count {count} -o @cut.trace"));
        let (whole, cut) = (load(&files.path("long.trace")), load(&files.path("cut.trace")));
        let end = (from + count).min(2000);
        let calls = |ops: &[Op]| ops.iter().map(without_slot).collect::<Vec<_>>();
        let n_carried = cut.ops.len() - (end - from) as usize;
        prop_assert_eq!(calls(&cut.ops[n_carried..]), calls(&whole.ops[from as usize..end as usize]));
        files.print("convert @cut.trace --drop threads -o @converted.trace");
        files.print("anonymize @cut.trace -o @anonymous.trace");
        for name in ["converted.trace", "anonymous.trace"] {
            prop_assert_eq!(&load(&files.path(name)).ops, &cut.ops);
        }
    }

    #[test]
    fn any_text_is_imported_or_refused(text in "([0-9]{1,3}: (malloc|free|calloc|realloc|memalign) 0x[0-9]{1,2}( [0-9x]{1,4}){0,4}\n|(malloc|free|realloc)\\([0-9x, ]{0,8}\\)( = 0x[0-9])?\n|.{0,9}\n){0,20}") {
        use alloc_trace::import::{Format, detect, read};
        use alloc_trace::rep::Strictness;
        let _ = detect(text.as_bytes());
        for format in [Format::Rep, Format::MemoryReplay, Format::Calls] {
            for strictness in [Strictness::Lenient, Strictness::Strict] {
                if let Ok(imported) = read(text.as_bytes(), "any", format, strictness) {
                    let bytes = alloc_trace::compact::write(&imported.trace);
                    prop_assert!(bytes.is_ok(), "what is imported is valid");
                }
            }
        }
    }
}
