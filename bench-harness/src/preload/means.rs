//! Libraries compared over several commands: geometric means of ratios to libc.

use super::row::{CommandReport, CommandRow, Spread};
use crate::goals;
use crate::report::records::{self, Records};
use bench_results::stats::geometric;

use crate::report::units::{bytes, ratio};
use bench_results::grid::{align_right, figure, new_table};

/// One library over the commands that it ran.
#[derive(Clone, Debug, PartialEq)]
struct Means {
    allocator: String,
    wall: Option<f64>,
    cpu: Option<f64>,
    peak: Option<f64>,
    faults: Option<f64>,
    n_run: usize,
    n_commands: usize,
    /// Commands whose output and exit status are libc's, where those can be compared.
    n_alike: usize,
}

/// What of a row is compared.
type Of = fn(&CommandRow) -> Option<Spread>;

fn means(reports: &[CommandReport]) -> Vec<Means> {
    let rows = reports.first().map_or(&[][..], |report| &report.rows);
    rows.iter().map(|row| of(&row.allocator, reports)).collect()
}

fn of(allocator: &str, reports: &[CommandReport]) -> Means {
    let pairs: Vec<(&CommandRow, &CommandRow)> = reports
        .iter()
        .filter_map(|report| {
            let row = report.rows.iter().find(|row| row.allocator == allocator)?;
            Some((row, report.rows.first()?))
        })
        .filter(|(row, _)| !row.broken && !row.runs.is_empty())
        .collect();
    let mean = |of: Of| {
        let ratios = pairs.iter().filter_map(|(row, libc)| {
            let (row, libc) = (of(row)?.median, of(libc)?.median);
            (row > 0.0 && libc > 0.0).then(|| row / libc)
        });
        geometric(&ratios.collect::<Vec<_>>())
    };
    let is_alike = |(row, libc): &&(&CommandRow, &CommandRow)| {
        row.notes.iter().all(|note| libc.notes.contains(note))
    };
    Means {
        allocator: allocator.to_string(),
        wall: mean(|row| row.wall),
        cpu: mean(|row| row.cpu),
        peak: mean(|row| row.peak_rss),
        faults: mean(|row| row.minor_faults),
        n_run: pairs.len(),
        n_commands: reports.len(),
        n_alike: pairs.iter().filter(is_alike).count(),
    }
}

const HEADER: [&str; 7] = [
    "geometric mean / libc",
    "wall",
    "CPU",
    "peak RSS",
    "faults",
    "of",
    "output as libc's",
];

fn cells(means: &Means) -> [String; 7] {
    [
        means.allocator.clone(),
        figure(means.wall, ratio),
        figure(means.cpu, ratio),
        figure(means.peak, ratio),
        figure(means.faults, ratio),
        format!("{}/{}", means.n_run, means.n_commands),
        format!("{}/{}", means.n_alike, means.n_run),
    ]
}

/// The means, if there are several commands and a library.
pub(crate) fn means_table(reports: &[CommandReport]) -> String {
    let means = means(reports);
    if reports.len() < 2 || means.len() < 2 {
        return String::new();
    }
    let mut table = new_table(&HEADER);
    for means in &means {
        table.add_row(cells(means));
    }
    align_right(&mut table, 1..HEADER.len());
    let goals = goals(reports);
    format!("\nMeans over the commands that each ran; compare equal counts only.\n{table}\n{goals}")
}

/// The commands as Markdown: CPU time and peak of each over libc's, and the means.
pub(crate) fn markdown(reports: &[CommandReport]) -> String {
    let rows = reports.first().map_or(&[][..], |report| &report.rows);
    let names: Vec<&str> = rows
        .iter()
        .skip(1)
        .map(|row| row.allocator.as_str())
        .collect();
    let mut text = String::from("CPU time and peak resident memory, over libc's:\n\n");
    text += &format!("| command | libc | {} |\n", names.join(" | "));
    text += &format!("|---|{}\n", "--:|".repeat(names.len() + 1));
    for report in reports {
        let cells: Vec<String> = report
            .rows
            .iter()
            .map(|row| short(row, &report.rows[0]))
            .collect();
        text += &format!(
            "| {} | {} |\n",
            report.command.replace('|', "\\|"),
            cells.join(" | ")
        );
    }
    text += &format!(
        "\n| {} |\n|---|{}\n",
        HEADER.join(" | "),
        "--:|".repeat(HEADER.len() - 1)
    );
    let means = means(reports);
    for means in &means {
        text += &format!("| {} |\n", cells(means).join(" | "));
    }
    let goals = goals(reports);
    if !goals.is_empty() {
        text += &format!("\n{goals}");
    }
    text + &notes(reports)
}

fn goals(reports: &[CommandReport]) -> String {
    goals::list("programs", &records::of(reports, Records::command))
}

/// A row in a few characters; libc's own has figures instead of ratios.
fn short(row: &CommandRow, libc: &CommandRow) -> String {
    if row.broken {
        return "failed".to_string();
    }
    let (cpu, peak) = (row.cpu, row.peak_rss);
    if row.library.is_none() {
        let cpu = figure(cpu, |cpu| format!("{:.2} s", cpu.median));
        return format!(
            "{cpu} · {}",
            figure(peak, |peak| bytes(peak.median as usize))
        );
    }
    let over = |this: Option<Spread>, base: Option<Spread>| {
        figure(this.zip(base), |(this, base)| {
            ratio(this.median / base.median)
        })
    };
    format!("{} · {}", over(cpu, libc.cpu), over(peak, libc.peak_rss))
}

fn notes(reports: &[CommandReport]) -> String {
    let rows = reports.iter().flat_map(|report| {
        let noted = report.rows.iter().filter(|row| !row.notes.is_empty());
        noted.map(|row| {
            format!(
                "- {} on {}: {}\n",
                row.allocator,
                report.command,
                row.notes.join("; ")
            )
        })
    });
    let notes: String = rows.collect();
    if notes.is_empty() {
        notes
    } else {
        format!("\n{notes}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::{Exit, Run};

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

    #[test]
    fn means_are_geometric_and_outputs_are_counted() {
        let reports = [report("a", 1.0, 7), report("b", 4.0, 8)];
        let means = means(&reports);
        assert!((means[1].cpu.unwrap() - 1.0).abs() < 1e-12, "{means:?}");
        assert_eq!((means[1].n_run, means[1].n_alike), (2, 1));
        assert_eq!((means[0].n_alike, means[0].peak), (2, Some(1.0)));
    }

    #[test]
    fn a_library_that_was_not_run_counts_for_nothing() {
        let mut reports = [report("a", 1.0, 7), report("b", 9.0, 7)];
        let gone = CommandRow::not_run("x", Some("x.so".to_string()), "gone".to_string());
        reports[1].rows[1] = gone;
        let means = means(&reports);
        assert_eq!((means[1].n_run, means[1].cpu), (1, Some(0.5)));
        let text = markdown(&reports);
        assert!(
            text.contains("| b | 2.00 s · 4.00 KiB | failed |"),
            "{text}"
        );
        assert!(text.contains("- x on b: gone"), "{text}");
    }

    #[test]
    fn the_stage_is_held_to_the_best_time_and_to_libc_s_memory() {
        let mut reports = [report("a", 1.0, 7), report("b", 4.0, 7)];
        for report in &mut reports {
            let ours = vec![run(2.0, 7); 2];
            let libc = ours.clone();
            let library = Some("libpreload.so".to_string());
            let row = CommandRow::new("thread-cached.so", library, ours, &libc);
            report.rows.push(row);
        }
        let text = goals(&reports);
        assert!(text.contains("1.000; at most 1.000: **reached**"), "{text}");
        let library = Some("libpreload.so".to_string());
        let slow = vec![run(8.0, 7); 2];
        reports[0].rows[2] = CommandRow::new("thread-cached.so", library, slow, &[]);
        let text = goals(&reports);
        assert!(text.contains("2.000; at most 1.000: **missed**"), "{text}");
    }

    #[test]
    fn the_hardened_mode_is_no_rival_and_has_a_bar_of_its_own() {
        let mut reports = [report("a", 1.0, 7), report("b", 2.0, 7)];
        for report in &mut reports {
            let libc = report.rows[0].runs.clone();
            for (name, cpu) in [("hardened", 1.0), ("thread-cached.so", 2.0)] {
                let library = Some("libpreload.so".to_string());
                let row = CommandRow::new(name, library, vec![run(cpu, 7); 2], &libc);
                report.rows.push(row);
            }
        }
        let text = goals(&reports);
        assert!(text.contains("over x, of 2 cases: 1.414"), "{text}");
        let own = "hardened, cpu over libc, of 2 cases: 0.500; at most 0.840";
        assert!(text.contains(own), "{text}");
    }

    #[test]
    fn one_command_has_no_mean() {
        assert_eq!(means_table(&[report("a", 1.0, 7)]), "");
        assert!(means_table(&[report("a", 1.0, 7), report("b", 1.0, 7)]).contains("2/2"));
    }
}
