//! What is said in the end: a sentence for each use, the line to use it, and the table behind it.

use bench_results::advice::{self, Advice};
use bench_results::{Case, Results, Suite};

use crate::allocators::{self, Need};
use crate::report::Report;
use crate::select::workspace;

/// The answer of the report, in words and tables.
pub(super) fn text(report: &Report) -> String {
    let results = report.results();
    let program = case(&results, Suite::Program);
    let advice = program.and_then(|case| Some((case, advice::of(&results, case)?)));
    let mut text = String::new();
    if let Some((program, advice)) = &advice {
        text += &of_program(program, advice);
        for command in &report.commands {
            text += &command.notes();
        }
    }
    for answer in &report.answers {
        // What the program itself was asked is not foretold.
        if answer.category != Need::Process || advice.is_none() {
            text += &format!("\n{}\n", answer.sentence);
            let pick = answer.pick.as_ref().map(|pick| pick.allocator.as_str());
            text += &pick.and_then(cargo_line).unwrap_or_default();
        }
    }
    if let Some((program, advice)) = &advice {
        text += &format!("\n{}", advice.table);
        if let Some(trace) = case(&results, Suite::Trace) {
            text += &advice::agreement(&results, trace, program);
        }
    }
    text
}

/// The first case of a suite.
fn case(results: &Results, suite: Suite) -> Option<&Case> {
    let mut measured = results.measurements.iter();
    let one = measured.find(|one| one.case.suite == suite)?;
    Some(&one.case)
}

/// The sentence on the program, and what to type.
fn of_program(program: &Case, advice: &Advice) -> String {
    let setting = match advice.setting.as_str() {
        "" => String::new(),
        setting => format!("{setting} "),
    };
    format!("\n{}\n    {setting}{}\n", advice.sentence, program.name)
}

/// The line of a `Cargo.toml` that has the allocator.
fn cargo_line(name: &str) -> Option<String> {
    let entry = allocators::find(name)?;
    let version = entry.version?;
    let package = entry.package;
    let is_ours = entry.role == allocators::Role::Stage;
    let source = match is_ours {
        true => format!("{{ path = \"{}\" }}", folder_of(package)),
        false => format!("\"{version}\""),
    };
    Some(format!("    {package} = {source}\n"))
}

/// Where a package of this workspace is.
fn folder_of(package: &str) -> String {
    let name = package.strip_prefix("malloc-ladder-").unwrap_or(package);
    workspace().join("crates").join(name).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::{CommandReport, CommandRow};
    use crate::report::testing::{report, row, workload};

    fn advised() -> Report {
        let rows = vec![
            row("libc", &[10.0; 5], 700),
            row("coalescing", &[5.0; 5], 600),
            row("talc", &[9.0; 5], 700),
        ];
        let mut report = report(vec![workload("sort", rows)]).summarised();
        let mut fast = CommandRow::measured("je", 0.5);
        fast.library = Some("/lib/libje.so.2 A=1".to_string());
        report.commands = vec![CommandReport {
            command: "sort words".to_string(),
            is_short: false,
            rows: vec![CommandRow::measured("libc", 1.0), fast],
        }];
        report
    }

    #[test]
    fn the_answer_has_a_sentence_and_a_line_for_each_use() {
        let text = text(&advised());
        let order = [
            "As this program's malloc: je, 0.50 of libc's CPU time at 1.00",
            "\n    LD_PRELOAD=/lib/libje.so.2 A=1 sort words\n",
            "For a fixed heap: coalescing, 0.50",
            "\n    malloc-ladder-coalescing = { path = \"",
            "crates/coalescing\" }",
            "under",
        ];
        let places: Vec<Option<usize>> = order.iter().map(|part| text.find(part)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{places:?} {text}"
        );
        assert_eq!(
            cargo_line("talc").map(|line| line.starts_with("    talc = \"")),
            Some(true)
        );
        assert_eq!(cargo_line("libc"), None);
    }

    #[test]
    fn a_trace_alone_is_answered_by_its_replay() {
        let mut of_trace = advised();
        of_trace.commands.clear();
        let text = text(&of_trace);
        assert!(
            text.contains("For a fixed heap") && !text.contains("LD_PRELOAD"),
            "{text}"
        );
    }
}
