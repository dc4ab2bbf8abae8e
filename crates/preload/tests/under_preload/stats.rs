//! The report at exit, and the options that ask for it.

use serde_json::Value;

use crate::build::{LIFECYCLE, library, library_of};
use crate::run::{output, preloaded, text};

/// What `leak`, which allocates blocks of 100 bytes, writes to stderr with these options.
fn leak(times: &str, options: &[(&str, &str)]) -> Option<String> {
    let mut command = preloaded(LIFECYCLE.path()?, &library());
    command.args(["leak", times]).envs(options.iter().copied());
    let output = output(&mut command);
    assert_eq!(text(&output.stdout), "leak: as it should be\n");
    Some(text(&output.stderr))
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn number(report: &Value, field: &str) -> u64 {
    let value = report[field].as_u64();
    value.unwrap_or_else(|| panic!("no number `{field}`: {report}"))
}

/// The numbers of a report: requests, bytes requested, live blocks, live bytes.
fn numbers(times: &str) -> Option<[u64; 4]> {
    let mut command = preloaded(LIFECYCLE.path()?, &library());
    command
        .args(["leak", times])
        .env("MALLOC_LADDER_STATS", "1");
    let errors = text(&output(&mut command).stderr);
    let line = errors.lines().find(|line| line.contains("requests for"))?;
    let (_, counts) = line.split_once(": ")?.1.split_once(": ")?;
    let mut numbers = counts
        .split(' ')
        .filter_map(|word| word.parse::<u64>().ok());
    let numbers = std::array::from_fn(|_| numbers.next().expect("four numbers"));
    Some(numbers)
}

#[test]
fn requests_and_live_blocks_are_counted() {
    let (Some(few), Some(many)) = (numbers("10"), numbers("1010")) else {
        return;
    };
    let more: [u64; 4] = std::array::from_fn(|i| many[i] - few[i]);
    // A block of 100 bytes has 112 that can be used.
    assert_eq!(more, [1000, 100_000, 1000, 112_000]);
}

#[test]
fn without_the_variable_nothing_is_said() {
    if let Some(program) = LIFECYCLE.path() {
        let mut command = preloaded(program, &library());
        assert_eq!(text(&output(command.args(["leak", "10"])).stderr), "");
        command.env("MALLOC_LADDER_STATS", "0");
        assert_eq!(text(&output(&mut command).stderr), "");
    }
}

/// `ls` closes its stderr before it ends.
#[test]
fn a_program_that_closes_stderr_still_reports() {
    let mut command = preloaded("ls", &library());
    command.env("MALLOC_LADDER_STATS", "1");
    let errors = text(&output(&mut command).stderr);
    assert!(errors.contains("thread-cached: "), "{errors}");
    assert!(errors.contains("footprint: "), "{errors}");
}

#[test]
fn json_counts_what_was_requested_and_each_class() {
    // The tiers do not report classes.
    let options = [
        ("MALLOC_LADDER_STATS", "json"),
        ("MALLOC_LADDER_HARDENED", "off"),
    ];
    let report = |times| leak(times, &options).map(|line| parsed(&line));
    let (Some(few), Some(many)) = (report("10"), report("1010")) else {
        return;
    };
    let more = |field| number(&many, field) - number(&few, field);
    assert_eq!(more("requests"), 1000);
    assert_eq!(more("requested"), 100_000);
    assert_eq!(more("live_blocks"), 1000);
    assert_eq!(more("live"), 112_000);
    assert_eq!(many["stage"], "thread-cached");
    assert_eq!(many["program"], "lifecycle");
    assert!(number(&many, "heap") >= number(&many, "live") + number(&many, "free"));
    assert!(number(&many, "peak_resident") >= number(&many, "resident"));
    let of_112 = |report: &Value, field| {
        let classes = report["classes"].as_array().expect("classes");
        let class = classes.iter().find(|class| class["block_size"] == 112);
        class.map_or(0, |class| number(class, field))
    };
    assert_eq!(of_112(&many, "live") - of_112(&few, "live"), 1000);
    assert!(of_112(&many, "slabs") * 4096 >= 1000 * 112);
    let all = many["classes"].as_array().expect("classes").iter();
    let live: u64 = all.map(|class| number(class, "live")).sum();
    let others = number(&many, "large_blocks") + number(&many, "direct_blocks");
    assert_eq!(live + others, number(&many, "live_blocks"));
}

#[test]
fn a_stage_without_classes_reports_the_sums() {
    if let Some(program) = LIFECYCLE.path() {
        let mut command = preloaded(program, &library_of("coalescing"));
        command
            .args(["leak", "1000"])
            .env("MALLOC_LADDER_STATS", "json");
        let report = parsed(&text(&output(&mut command).stderr));
        assert_eq!(report["stage"], "coalescing");
        assert!(number(&report, "live") >= 100_000);
        assert_eq!(report.get("classes"), None);
    }
}

/// Each process adds a line, or has a file of its own.
#[test]
fn reports_go_to_a_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let (shared, own) = (dir.path().join("all.json"), dir.path().join("one-%p.txt"));
    let (shared, own) = (shared.to_string_lossy(), own.to_string_lossy());
    for _ in 0..2 {
        let Some(errors) = leak("10", &[("MALLOC_LADDER_STATS_FILE", &shared)]) else {
            return;
        };
        assert_eq!(errors, "");
        let options = [
            ("MALLOC_LADDER_STATS_FILE", own.as_ref()),
            ("MALLOC_LADDER_STATS", "text"),
        ];
        assert_eq!(leak("10", &options).as_deref(), Some(""));
    }
    let lines = std::fs::read_to_string(shared.as_ref()).expect("a file");
    assert_eq!(lines.lines().map(parsed).count(), 2);
    let files = std::fs::read_dir(dir.path()).expect("the directory");
    let names = files.map(|file| file.expect("a file").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let of_processes = names.filter(|name| name.starts_with("one-") && !name.contains('%'));
    assert_eq!(of_processes.count(), 2);
}

#[test]
fn an_invalid_value_is_reported_and_ignored() {
    let Some(errors) = leak("10", &[("MALLOC_LADDER_STATS", "yes")]) else {
        return;
    };
    let line = "malloc-ladder: MALLOC_LADDER_STATS takes 0, 1, text or json; `yes` is ignored\n";
    assert_eq!(errors, line);
    let long = "x".repeat(300);
    let errors = leak("10", &[("MALLOC_LADDER_STATS_FILE", &long)]).unwrap_or_default();
    assert!(
        errors.contains("MALLOC_LADDER_STATS_FILE takes the path"),
        "{errors}"
    );
    let errors = leak("10", &[("MALLOC_LADDER_STATS_FILE", "/nowhere/x")]).unwrap_or_default();
    assert!(errors.contains("cannot be opened"), "{errors}");
}

#[test]
fn an_unknown_option_is_reported() {
    if let Some(errors) = leak("10", &[("MALLOC_LADDER_STAT", "1")]) {
        let begin = "malloc-ladder: unknown option MALLOC_LADDER_STAT; the options are STATS, ";
        assert!(errors.starts_with(begin), "{errors}");
        assert_eq!(errors.lines().count(), 1);
    }
}

#[test]
fn huge_pages_are_an_option_with_three_values() {
    let with = |value| leak("10", &[("MALLOC_LADDER_HUGE_PAGES", value)]);
    for value in ["off", "adaptive", "always"] {
        assert_eq!(with(value).unwrap_or_default(), "", "{value}");
    }
    if let Some(errors) = with("sometimes") {
        let said = "MALLOC_LADDER_HUGE_PAGES takes off, adaptive or always; `sometimes` is ignored";
        assert!(errors.contains(said), "{errors}");
    }
}
