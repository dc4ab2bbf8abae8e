//! The tables of the rows, for the terminal and for the book.

use bench_results::grid::Draw;
use bench_results::means::{self, Column};
use bench_results::standings::{self, Pick, Standing};
use bench_results::{Case, Linkage, Measurement, Role, Suite, figures, group};

use crate::allocators::BASELINE;
use crate::goals;
use crate::{arenas, flat};

/// How allocators are called that can be compared, the set of their goals, and a title.
const DOORS: [(Linkage, &str, &str); 2] = [
    (Linkage::Linked, "global-linked", "Compiled in"),
    (
        Linkage::Preloaded,
        "global-preloaded",
        "Preloaded, called through malloc and free",
    ),
];

/// Whether a case is one of these.
pub(crate) fn is_case(case: &Case) -> bool {
    case.suite == Suite::Kernel && !arenas::is_case(case) && !flat::is_case(case)
}

/// All tables of `rows`.
pub(crate) fn tables(rows: &[Measurement], draw: Draw) -> String {
    let tables = DOORS.map(|(linkage, set, title)| {
        let called = called(rows, linkage);
        let mut each = called.iter().map(|one| &one.subject);
        let is_meant = |role| !matches!(role, Role::Baseline | Role::Control);
        match each.any(|subject| subject.linkage == linkage && is_meant(subject.role)) {
            true => format!("\n{title}:\n{}", of_door(&called, set, draw)),
            false => String::new(),
        }
    });
    let notes = rows.iter().filter(|one| !one.outcome.why().is_empty());
    let note = |one: &Measurement| {
        let (name, why) = (&one.subject.name, one.outcome.why());
        format!("- {name} on {}: {why}\n", one.case)
    };
    tables.concat() + &notes.map(note).collect::<String>()
}

/// The measurements of what is called in this way, and of what it is compared with.
fn called(rows: &[Measurement], linkage: Linkage) -> Vec<Measurement> {
    let is_meant = |one: &&Measurement| {
        one.subject.linkage == linkage || matches!(one.subject.role, Role::Baseline | Role::Control)
    };
    rows.iter().filter(is_meant).cloned().collect()
}

fn of_door(rows: &[Measurement], set: &str, draw: Draw) -> String {
    let standings: Vec<Standing> = group::groups(rows)
        .iter()
        .filter_map(|group| Standing::of(group, Pick::Highest))
        .collect();
    let mut verdicts = standings::lines(&standings);
    if !verdicts.is_empty() {
        verdicts.insert(0, standings::HEADER.map(str::to_string).to_vec());
    }
    let n_threads = |case: &Case| case.params.get("threads").map_or("1", String::as_str) != "1";
    let column = |title, is_on| Column {
        title,
        metric: "time",
        over: BASELINE,
        is_on,
    };
    let means = means::lines(
        rows,
        &[
            column("time / libc", &|_| true),
            column("one thread", &|case| !n_threads(case)),
            column("several", &n_threads),
        ],
    );
    let tables = [figures::by_case(rows), verdicts, means];
    let tables = tables.iter().filter(|lines| !lines.is_empty());
    let tables: String = tables.map(|lines| format!("\n{}", draw(lines))).collect();
    match goals::list(set, rows) {
        goals if goals.is_empty() => tables,
        goals => format!("{tables}\n{goals}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::{Row, Task};
    use bench_results::grid::in_markdown;
    use bench_results::{Family, Outcome, Subject};

    fn goals(rows: &[Vec<Measurement>]) -> String {
        tables(&rows.concat(), in_markdown)
    }

    fn row_of(task: Task, figures: &[(&str, f64)]) -> Vec<Measurement> {
        let figures = figures.iter().map(|&(name, value)| {
            let role = match name {
                "libc" => Role::Baseline,
                "thread-cached" => Role::Stage,
                _ => Role::Peer,
            };
            let subject = Subject::new(name, role, Family::Process, Linkage::Linked);
            let outcome = Outcome::one(value);
            crate::report::records::measured(&subject, &task.case(), task.row.metric(), outcome)
        });
        figures.collect()
    }

    fn row(row: Row, n_threads: u16, figures: &[(&str, f64)]) -> Vec<Measurement> {
        let is_quick = false;
        let task = Task {
            row,
            n_threads,
            is_quick,
        };
        row_of(task, figures)
    }

    #[test]
    fn each_goal_has_the_row_that_decides_it() {
        let rows = [
            row(
                Row::Pair,
                1,
                &[("thread-cached", 2.0), ("libc", 8.0), ("fast", 4.0)],
            ),
            row(
                Row::Larson,
                2,
                &[("thread-cached", 6.0), ("libc", 9.0), ("fast", 4.0)],
            ),
            row(
                Row::SpikeKept,
                1,
                &[("thread-cached", 250.0), ("libc", 400.0), ("fast", 300.0)],
            ),
            row(
                Row::Idle,
                1,
                &[
                    ("thread-cached", 4500.0),
                    ("libc", 4400.0),
                    ("fast", 5000.0),
                ],
            ),
        ];
        let text = goals(&rows);
        for line in [
            "time over fast, of 2 cases: 0.866; at most 0.950: **reached**",
            "time over fast, worst on larson threads=2: 1.500; at most 1.150: **missed**",
            "(a pair inline, ns), worst on pair threads=1: 2.000; at most 2.500: **reached**",
            "(MiB, one block in sixteen kept), worst on spike-kept: 250; at most 225: **missed**",
            "\u{2019}s (KiB of a process that does nothing), worst on idle: 100; at most 300: **reached**",
            "(200,000 live blocks) over the best of the others: not measured",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert_eq!(goals(&[]), "");
    }

    #[test]
    fn a_short_run_says_nothing_of_figures_in_their_own_units() {
        let task = Task {
            row: Row::Pair,
            n_threads: 1,
            is_quick: true,
        };
        let pair = row_of(task, &[("thread-cached", 2.0), ("libc", 8.0)]);
        assert!(goals(&[pair]).contains("(a pair inline, ns): not measured"));
    }
}
