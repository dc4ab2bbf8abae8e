//! What is said in the end: a sentence for each use, the line to use it, and the table behind it.

use bench_results::advice::{self, Advice};
use bench_results::{Case, Results, Suite};

use super::said::{self, Answer, Said};
use super::steady;
use crate::allocators::{self, BASELINE, Need};
use crate::report::Report;
use crate::report::units::bytes;
use crate::select::workspace;

/// The answer of the report, in words and tables: what was `said` before where the report confirms it.
pub(super) fn text(results: &Results, report: &Report, said: &mut Said) -> String {
    let program = case(results, Suite::Program);
    let advice = program.and_then(|case| Some((case, advice::of(results, case)?)));
    let mut text = String::new();
    if let Some((program, advice)) = &advice {
        text += &format!("\n{}", settled(said, of_program(advice)));
        text += &line_of(results, program, said.pick(MALLOC));
        for command in &report.commands {
            text += &steady::text(command);
            text += &command.notes();
        }
    }
    for answer in &report.answers {
        // What the program itself was asked is not foretold.
        if answer.category != Need::Process || advice.is_none() {
            let to = format!("{:?}", answer.category);
            text += &format!("\n{}", settled(said, of_replay(&to, answer)));
            text += &said.pick(&to).and_then(cargo_line).unwrap_or_default();
        }
    }
    if let Some((program, advice)) = &advice {
        text += &format!("\n{}", advice.table);
        if let Some(trace) = case(results, Suite::Trace) {
            text += &advice::agreement(results, trace, program);
        }
    }
    text
}

/// The use of an allocator that the program itself was run for.
pub(super) const MALLOC: &str = "malloc";

/// What this run finds, or what was said before if it confirms that.
fn settled(said: &mut Said, new: Answer) -> String {
    let own = new.sentence.clone();
    let sentence = said.settle(new).sentence.clone();
    match sentence == own {
        true => format!("{sentence}\n"),
        false => format!("{sentence}\n    (as before: this run confirms it)\n"),
    }
}

fn of_program(advice: &Advice) -> Answer {
    let figures = advice.figures.iter().map(|(name, ratios)| said::Figures {
        name: name.clone(),
        ratios: ratios.to_vec(),
    });
    Answer {
        to: MALLOC.to_string(),
        sentence: advice.sentence.clone(),
        figures: figures.collect(),
    }
}

fn of_replay(to: &str, answer: &crate::report::Advice) -> Answer {
    let each = answer.pick.iter().chain(&answer.too_close);
    let figures = each.map(|one| said::Figures {
        name: one.allocator.clone(),
        ratios: vec![one.time],
    });
    let use_of = answer.sentence.split(':').next().unwrap_or_default();
    Answer {
        to: to.to_string(),
        sentence: match answer.pick {
            Some(_) => answer.sentence.clone(),
            None => {
                format!("{use_of}: no allocator ended the replays in time; --time gives them more.")
            }
        },
        figures: figures.collect(),
    }
}

/// What to type to have the program run on `pick`, and what the pick keeps of freed memory.
fn line_of(results: &Results, program: &Case, pick: Option<&str>) -> String {
    let Some(pick) = pick else {
        return String::new();
    };
    let mut each = results.measurements.iter();
    let on_program = each.find(|one| one.case.is_called_as(program) && one.subject.name == pick);
    let setting = on_program.map_or("", |one| one.subject.setting.as_str());
    let line = match setting {
        "" => program.name.clone(),
        setting => format!("{setting} {}", program.name),
    };
    format!("    {line}\n{}", kept(results, pick))
}

/// What an allocator still holds a second after everything was freed, in the replay.
fn kept(results: &Results, pick: &str) -> String {
    let left = |name: &str| {
        let mut each = results.measurements.iter();
        let one = each.find(|one| one.subject.name == name && one.metric == "drain.after_1s")?;
        one.outcome.median()
    };
    match (left(pick), left(BASELINE)) {
        (Some(own), Some(libc)) if pick != BASELINE => format!(
            "A second after everything is freed, in the replay, {pick} holds {}, libc {}.\n",
            bytes(own as usize),
            bytes(libc as usize)
        ),
        _ => String::new(),
    }
}

/// The first case of a suite.
fn case(results: &Results, suite: Suite) -> Option<&Case> {
    let mut measured = results.measurements.iter();
    let one = measured.find(|one| one.case.suite == suite)?;
    Some(&one.case)
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
    use crate::report::testing::{report, results, row, workload};

    fn text(report: &Report, said: &mut Said) -> String {
        super::text(&results(report), report, said)
    }

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
        let text = text(&advised(), &mut Said::default());
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
    fn what_a_run_confirms_is_said_as_before() {
        let mut said = Said::default();
        let first = text(&advised(), &mut said);
        assert_eq!(text(&advised(), &mut said), first);
        for answer in &mut said.answers {
            answer.sentence = format!("said: {}", answer.sentence);
        }
        let again = text(&advised(), &mut said);
        assert!(
            again.starts_with("\nsaid: As this program's malloc: je"),
            "{again}"
        );
        assert!(again.contains("as before"), "{again}");
    }

    #[test]
    fn a_trace_alone_is_answered_by_its_replay() {
        let mut of_trace = advised();
        of_trace.commands.clear();
        let text = text(&of_trace, &mut Said::default());
        assert!(
            text.contains("For a fixed heap") && !text.contains("LD_PRELOAD"),
            "{text}"
        );
    }
}
