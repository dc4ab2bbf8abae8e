//! The tables of commands: what each took under each library, and geometric means over libc's.

use bench_results::figures::{by_case, by_subject};
use bench_results::grid::Draw;
use bench_results::means::{self, Column};
use bench_results::{Case, Measurement, Results, Suite, advice};

use super::row::CommandReport;
use crate::allocators::BASELINE;
use crate::goals;
use crate::output::Choice;
use crate::programs::Program;
use crate::report::records::{self, Records};

/// What is measured of a command.
const METRICS: [&str; 5] = ["wall", "cpu", "peak_rss", "faults", "faults.major"];

/// The table of one command, with its name.
pub(crate) fn table(report: &CommandReport, draw: Draw) -> String {
    let all = records::of(std::slice::from_ref(report), Records::command);
    let n_runs = report.rows.first().map_or(0, |row| row.runs.len());
    let lines = draw(&by_subject(&all, &METRICS));
    let text = format!(
        "\n{}\n{n_runs} runs each, medians\n\n{lines}",
        report.command
    );
    text + &report.notes()
}

/// Names the library to run each command on, in a sentence. Says nothing of our own list of programs: there the means are
/// the answer.
pub(crate) fn answers(reports: &[CommandReport]) -> String {
    let results = Results {
        measurements: records::of(reports, Records::command),
        ..Results::default()
    };
    let asked = reports.iter().filter(|report| !is_listed(report));
    let answer = |report: &CommandReport| {
        let case = Case::new(Suite::Program, &report.command);
        let sentence = advice::of(&results, &case)?.sentence;
        Some(format!("{}\n    {sentence}\n", report.command))
    };
    asked.filter_map(answer).collect()
}

fn is_listed(report: &CommandReport) -> bool {
    let mut programs = Program::all().iter();
    programs.any(|program| program.name() == report.command)
}

/// The means of what ran, over libc's, and the goals of the list of programs; empty if nothing but libc ran.
pub(crate) fn means_table(reports: &[CommandReport], draw: Draw) -> String {
    let all = records::of(reports, Records::command);
    let is_on: &dyn Fn(&Case) -> bool = &|_| true;
    let columns = METRICS[..4].iter().map(|metric| Column {
        title: metric,
        metric,
        over: BASELINE,
        is_on,
    });
    let lines = means::lines(&all, &columns.collect::<Vec<_>>());
    if lines.len() < 3 {
        return String::new();
    }
    let goals = match reports.iter().all(is_listed) {
        true => goals::list("programs", &all),
        false => String::new(),
    };
    format!(
        "\nOver libc's, of the commands that each ran; compare equal counts only.\n\n{}\n{goals}",
        draw(&lines),
    )
}

/// The commands in a table, the means, and what there is to know of each row.
pub(crate) fn tables(reports: &[CommandReport], draw: Draw) -> String {
    if reports.is_empty() {
        return String::new();
    }
    let is_meant = |one: &Measurement| ["cpu", "peak_rss"].contains(&one.metric.as_str());
    let mut all = records::of(reports, Records::command);
    all.retain(is_meant);
    let notes = reports.iter().map(|report| {
        let on = |line: &str| format!("- {}: {line}\n", report.command);
        report.notes().lines().map(on).collect::<String>()
    });
    let notes: String = notes.collect();
    let figures = draw(&by_case(&all));
    format!("\n{figures}{}\n{notes}", means_table(reports, draw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::{CommandRow, Exit, Run};
    use bench_results::grid::in_markdown;

    fn run(cpu: f64, stdout: u32) -> Run {
        Run {
            exit: Exit::Status(0),
            wall: 1.0,
            user: cpu,
            system: 0.0,
            peak_rss: 4096,
            minor_faults: 10,
            major_faults: 0,
            stdout: (1, stdout),
            stderr: (0, 0),
        }
    }

    fn report(command: &str, cpu: f64, stdout: u32) -> CommandReport {
        let libc = vec![run(2.0, 7); 2];
        let other = vec![run(cpu, stdout); 2];
        CommandReport {
            command: command.to_string(),
            is_short: false,
            rows: vec![
                CommandRow::new("libc", None, libc.clone(), &libc),
                CommandRow::new("x", Some("x.so".to_string()), other, &libc),
            ],
        }
    }

    fn means(reports: &[CommandReport]) -> String {
        tables(reports, in_markdown)
    }

    #[test]
    fn means_are_geometric_and_of_the_commands_that_ran() {
        let mut reports = [report("a", 1.0, 7), report("b", 4.0, 8)];
        let text = means(&reports);
        assert!(text.contains("| x | 1.000 | 2/2 | 1.000 | 2/2 |"), "{text}");
        assert!(text.contains("- b: x: standard output differs"), "{text}");
        let gone = CommandRow::not_run("x", Some("x.so".to_string()), "gone".to_string());
        reports[1].rows[1] = gone;
        let text = means(&reports);
        assert!(text.contains("| x | 1.000 | 1/2 | 0.500 | 1/2 |"), "{text}");
        assert!(text.contains("| b | cpu | 2.000 s | failed |"), "{text}");
        assert!(text.contains("- b: x: gone"), "{text}");
    }

    #[test]
    fn the_stage_is_held_to_the_best_time_and_to_libc_s_memory() {
        let mut reports = [report("sqlite3", 1.0, 7), report("jq", 4.0, 7)];
        for report in &mut reports {
            let ours = vec![run(2.0, 7); 2];
            let libc = ours.clone();
            let library = Some("libpreload.so".to_string());
            let row = CommandRow::new("thread-cached.so", library, ours, &libc);
            report.rows.push(row);
        }
        let text = means(&reports);
        assert!(text.contains("1.000; at most 1.000: **reached**"), "{text}");
        let library = Some("libpreload.so".to_string());
        let slow = vec![run(8.0, 7); 2];
        reports[0].rows[2] = CommandRow::new("thread-cached.so", library, slow, &[]);
        let text = means(&reports);
        assert!(text.contains("2.000; at most 1.000: **missed**"), "{text}");
    }

    #[test]
    fn the_hardened_mode_is_no_rival_and_has_a_bar_of_its_own() {
        let mut reports = [report("sqlite3", 1.0, 7), report("jq", 2.0, 7)];
        for report in &mut reports {
            let libc = report.rows[0].runs.clone();
            for (name, cpu) in [("hardened", 1.0), ("thread-cached.so", 2.0)] {
                let library = Some("libpreload.so".to_string());
                let row = CommandRow::new(name, library, vec![run(cpu, 7); 2], &libc);
                report.rows.push(row);
            }
        }
        let text = means(&reports);
        assert!(text.contains("over x, of 2 cases: 1.414"), "{text}");
        let own = "hardened, cpu over libc, of 2 cases: 0.500; at most 0.840";
        assert!(text.contains(own), "{text}");
    }

    #[test]
    fn a_command_of_the_user_s_has_an_answer_and_no_goals() {
        let runs = |cpu: f64| {
            [1.0, 1.01, 1.02, 1.03, 1.04].map(|noise| Run {
                wall: cpu * noise,
                peak_rss: 4 << 20,
                ..run(cpu * noise, 7)
            })
        };
        let libc = runs(2.0).to_vec();
        let rows = vec![
            CommandRow::new("libc", None, libc.clone(), &libc),
            CommandRow::new("x", Some("x.so".to_string()), runs(1.0).to_vec(), &libc),
        ];
        let mut asked = CommandReport {
            command: "./mine --fast".to_string(),
            is_short: false,
            rows,
        };
        let reports = std::slice::from_mut(&mut asked);
        assert!(!means(reports).contains("at most"), "{}", means(reports));
        let text = answers(reports);
        let start = "./mine --fast\n    As this program's malloc: x, 0.50";
        assert!(text.starts_with(start), "{text}");
        reports[0].command = "jq".to_string();
        assert_eq!(answers(reports), "");
    }

    #[test]
    fn libc_alone_has_no_mean() {
        let mut alone = report("sqlite3", 1.0, 7);
        assert!(means_table(std::slice::from_ref(&alone), in_markdown).contains("1/1"));
        alone.rows.truncate(1);
        assert_eq!(means_table(std::slice::from_ref(&alone), in_markdown), "");
        let text = table(&alone, in_markdown);
        assert!(
            text.contains("| libc | 1.000 s (1.000 s – 1.000 s) |"),
            "{text}"
        );
    }
}
