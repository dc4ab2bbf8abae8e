//! Runs of every mode that were saved: shown, exported, compared, judged. They are small, of builds for tests, on a
//! machine whose name was taken out; `tests/it/saved/` has them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_results::{Measurement, Outcome, Results, lines, metric};

/// The modes that measure, by the names of their files.
const MODES: [&str; 7] = [
    "replay",
    "tight",
    "flat",
    "global",
    "arenas",
    "closed-loop",
    "command",
];

fn saved(mode: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/saved");
    folder.join(format!("{mode}.jsonl"))
}

fn results(mode: &str) -> Results {
    crate::support::results(&saved(mode))
}

/// A file of this test's own, not there yet.
fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

/// `bench --from` the saved run of `mode`.
fn bench(mode: &str, args: &[&str]) -> Output {
    let mut harness = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    harness.args(["bench", "--from", saved(mode).to_str().unwrap()]);
    harness.args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    texts.concat()
}

/// The results with every figure that is compared better by half.
fn better(mut results: Results) -> Results {
    let is_compared =
        |one: &&mut Measurement| metric::find(&one.metric).unwrap().policy != metric::Policy::Shown;
    for one in results.measurements.iter_mut().filter(is_compared) {
        let is_more = metric::find(&one.metric).unwrap().better == metric::Better::More;
        let factor = if is_more { 1.5 } else { 0.5 };
        if let Outcome::Samples(samples) = &mut one.outcome {
            samples.iter_mut().for_each(|sample| *sample *= factor);
        }
    }
    results
}

#[test]
fn every_mode_is_exported_figure_by_figure() {
    for mode in MODES {
        let output = bench(mode, &["--csv"]);
        assert!(output.status.success(), "{mode}: {}", said(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        let n_figures = results(mode).measurements.len();
        assert_eq!(text.lines().count(), 1 + n_figures, "{mode}: {text}");
        let has_figure = text
            .lines()
            .skip(1)
            .any(|line| line.split(',').nth(13) != Some(""));
        assert!(has_figure, "{mode}: {text}");
    }
}

#[test]
fn a_run_of_every_mode_does_not_differ_from_itself_and_a_worse_one_fails() {
    for mode in MODES {
        let same = bench(
            mode,
            &[
                "--baseline",
                saved(mode).to_str().unwrap(),
                "--fail-on",
                "0",
            ],
        );
        assert!(same.status.success(), "{mode}: {}", said(&same));
        assert!(said(&same).contains("no change within noise"), "{mode}");
        let records = file(&format!("better-{mode}.jsonl"));
        lines::append(&records, &better(results(mode))).unwrap();
        let failed = bench(
            mode,
            &["--baseline", records.to_str().unwrap(), "--fail-on", "20"],
        );
        assert_eq!(failed.status.code(), Some(1), "{mode}: {}", said(&failed));
        assert!(
            said(&failed).contains("by more than 20 %"),
            "{mode}: {}",
            said(&failed)
        );
    }
}

#[test]
fn runs_of_different_modes_have_nothing_in_common() {
    for (mode, other) in [
        ("replay", "global"),
        ("command", "closed-loop"),
        ("tight", "replay"),
    ] {
        let output = bench(
            mode,
            &[
                "--baseline",
                saved(other).to_str().unwrap(),
                "--fail-on",
                "5",
            ],
        );
        assert_eq!(output.status.code(), Some(2), "{mode}: {}", said(&output));
        assert!(
            said(&output).contains("no row in common"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn only_the_figures_that_are_named_decide() {
    let records = file("slower.jsonl");
    let mut faster = results("replay");
    for one in faster
        .measurements
        .iter_mut()
        .filter(|one| one.metric == "time")
    {
        if let Outcome::Samples(samples) = &mut one.outcome {
            samples.iter_mut().for_each(|sample| *sample /= 10.0);
        }
    }
    lines::append(&records, &faster).unwrap();
    let with = |metric: &[&str]| {
        let args = ["--baseline", records.to_str().unwrap(), "--fail-on", "5"];
        bench("replay", &[&args[..], metric].concat())
    };
    assert_eq!(with(&[]).status.code(), Some(1));
    assert!(
        with(&["--metric", "footprint", "resident"])
            .status
            .success()
    );
    let unknown = with(&["--metric", "speed"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        said(&unknown).contains("no metric `speed`"),
        "{}",
        said(&unknown)
    );
}

#[test]
fn records_are_appended_and_read_as_a_baseline() {
    let records = file("appended.jsonl");
    let path = records.to_str().unwrap();
    for mode in ["global", "command"] {
        let output = bench(mode, &["--records", path]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let (results, warning) = lines::read(&records).unwrap();
    assert_eq!((results.runs.len(), warning), (2, None));
    let compared = bench("command", &["--baseline", path, "--fail-on", "0"]);
    assert!(compared.status.success(), "{}", said(&compared));
    assert!(
        said(&compared).contains("only in the earlier run"),
        "{}",
        said(&compared)
    );
    let text = fs::read_to_string(&records).unwrap();
    fs::write(&records, &text[..text.len() - 20]).unwrap();
    let cut = bench("command", &["--baseline", path]);
    assert!(
        said(&cut).contains("its last, is not whole and is left out"),
        "{}",
        said(&cut)
    );
}

#[test]
fn gates_pass_fail_and_are_errors_where_they_match_nothing() {
    let judge = |lines: &str| {
        let gates = file("gates.toml");
        let head = "[[gate]]\nsubject = \"coalescing\"\n";
        fs::write(&gates, format!("{head}{lines}\n")).unwrap();
        bench("replay", &["--gate", gates.to_str().unwrap()])
    };
    let met = judge("metric = \"footprint\"\nstat = \"worst\"\nat_most = 1e9");
    assert!(
        met.status.success() && said(&met).contains("**reached**"),
        "{}",
        said(&met)
    );
    let missed = judge("metric = \"footprint\"\nstat = \"worst\"\nat_most = 1");
    assert_eq!(missed.status.code(), Some(1), "{}", said(&missed));
    assert!(said(&missed).contains("error: coalescing, footprint, worst on churn"));
    let nothing = judge("metric = \"footprint\"\non = [\"gone\"]\nstat = \"worst\"\nat_most = 1e9");
    assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
    assert!(
        said(&nothing).contains("finds nothing to judge"),
        "{}",
        said(&nothing)
    );
    let unknown = judge("metric = \"speed\"\nstat = \"worst\"\nat_most = 1e9");
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
    assert!(
        said(&unknown).contains("no metric `speed`"),
        "{}",
        said(&unknown)
    );
}

/// The cells of a table's line for people, without what is drawn around them.
fn cells(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Lines of the tables that each mode had before all modes shared one record and its views.
const BEFORE: &[(&str, &[&str])] = &[
    (
        "command",
        &["libc 4.08 ms (3.52 ms – 7.84 ms) 1.34 ms", "2.07 MiB 106 0"],
    ),
    (
        "global",
        &[
            "ns 215 66.4 44.1",
            "24.2 B 32.0 B –",
            "3.242 (3.093 – 3.400) lost",
            "0.758 (0.758 – 0.758) best",
        ],
    ),
    (
        "tight",
        &[
            "coalescing 185 1 of 1 0.546 0.546",
            "coalescing 147 1 of 1 0.445 0.445",
            "talc 330 1 of 1 1.000 1.000",
        ],
    ),
    (
        "flat",
        &[
            "coalescing 73.1 72.7 198 273 380 5.227",
            "0.578 0.345 0.957 0.792 – –",
            "126 210 207 344 – –",
        ],
    ),
    (
        "closed-loop",
        &[
            "coalescing 84.19 % 71.71 % 91.25 %",
            "talc 82.92 % 71.71 % 90.95 %",
            "coalescing 3,090 4.00 B",
            "talc 4,100 8.00 B",
            "coalescing 211 4.00 B",
        ],
    ),
    (
        "arenas",
        &[
            "| bump | 247 · 12.0 · 60.7 | 339 · 17.0 · 80.1 |",
            "time over floor, worst on arena block=64 / 16: 5.407",
        ],
    ),
];

#[test]
fn the_views_have_the_figures_of_the_tables_before_them() {
    for (mode, lines) in BEFORE {
        let text = said(&bench(mode, &["--markdown"])) + &said(&bench(mode, &[]));
        let shown: Vec<String> = text.lines().map(|line| cells(line).join(" ")).collect();
        for line in *lines {
            assert!(
                shown.iter().any(|shown| shown.contains(line)),
                "{mode}: {line} is not in\n{text}"
            );
        }
    }
}

/// `bench` with these arguments, in which `@` begins the name of a saved run.
fn view(args: &str) -> Output {
    let word = |word: &str| match word.strip_prefix('@') {
        Some(mode) => saved(mode).display().to_string(),
        None => word.to_string(),
    };
    let mut harness = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    harness.arg("bench").args(args.split(' ').map(word));
    harness.output().unwrap()
}

#[test]
fn subcommands_do_what_options_did_and_those_say_how_they_are_spelled_now() {
    for (old, new) in [
        ("--list", "list"),
        ("--from @global", "show @global"),
        ("--from @replay --csv", "csv @replay"),
    ] {
        let (before, now) = (view(old), view(new));
        assert!(now.status.success() && before.stdout == now.stdout, "{new}");
        let note = String::from_utf8_lossy(&before.stderr);
        let verb = new.split(' ').next().unwrap();
        assert!(
            note.contains(&format!("`cargo xtask bench {verb}")),
            "{note}"
        );
    }
    let same = view("cmp @tight @tight --fail-on 0 --metric time");
    assert!(same.status.success(), "{}", said(&same));
    assert!(said(&same).contains("no change within noise"));
    let ranked = view("rank @replay --metric time");
    assert!(
        said(&ranked).contains("geometric mean"),
        "{}",
        said(&ranked)
    );
    let unknown = view("rank @replay --metric speed");
    assert_eq!(unknown.status.code(), Some(2));
    let records = file("shown.jsonl");
    lines::append(&records, &results("command")).unwrap();
    let shown = view(&format!("show {}", records.display()));
    assert!(said(&shown).contains("4.08 ms"), "{}", said(&shown));
    let page = file("view.html");
    let paged = view(&format!("page @flat -o {}", page.display()));
    assert!(paged.status.success() && page.is_file(), "{}", said(&paged));
}
