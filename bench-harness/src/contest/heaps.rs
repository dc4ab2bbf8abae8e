//! Fixed heaps: time, footprint and, if they were counted, instructions.

use super::rivals::{Figure, Rivals, footprint, instructions, time};
use crate::goals;
use crate::report::records::{self, Records};
use crate::report::units::{nanos, ratio};
use crate::report::{Row, WorkloadReport};
use bench_results::grid::figure;
use bench_results::grid::markdown as grid;
use bench_results::stats::geometric;

const OURS: &str = "coalescing";

pub(super) const ALLOCATORS: &[&str] = &[
    OURS,
    "coalescing-strict",
    "talc",
    "rlsf",
    "dlmalloc",
    "galloc",
    "linked_list",
    "buddy",
];

/// Whose free looks for a place in a list, however long that is.
const SEARCH_WHEN_FREEING: [&str; 2] = ["linked_list", "buddy"];

pub(super) const WORKLOADS: &[&str] = &[
    "gcc",
    "git",
    "jq",
    "python",
    "sqlite",
    "random-actions-200",
    "random-actions",
    "random-actions-10000",
    "churn-100",
    "churn",
    "churn-1000000",
    "realloc-grow",
    "high-alignment",
];

/// What is compared.
struct Measure {
    name: &'static str,
    figure: Figure,
    text: fn(f64) -> String,
    is_rival: fn(&Row) -> bool,
}

const MEASURES: [Measure; 3] = [
    Measure {
        name: "time",
        figure: time,
        text: nanos,
        is_rival: |row| !row.is_stage,
    },
    Measure {
        name: "footprint",
        figure: footprint,
        text: ratio,
        is_rival: |row| !row.is_stage && !SEARCH_WHEN_FREEING.contains(&row.allocator.as_str()),
    },
    Measure {
        name: "instructions",
        figure: instructions,
        text: |number| format!("{number:.0}"),
        is_rival: |row| !row.is_stage,
    },
];

impl Measure {
    fn rivals<'a>(&self, workloads: &'a [WorkloadReport]) -> Rivals<'a> {
        Rivals {
            workloads,
            ours: OURS,
            is_rival: self.is_rival,
            figure: self.figure,
        }
    }

    fn is_known(&self, workloads: &[WorkloadReport]) -> bool {
        let mut rows = workloads.iter().flat_map(|workload| &workload.rows);
        rows.any(|row| (self.figure)(row).is_some())
    }

    /// Our figure over that of the best of the others, and who that is.
    fn beside_best(&self, workload: &WorkloadReport) -> String {
        let one = std::slice::from_ref(workload);
        figure(self.rivals(one).on(workload), |best| {
            format!("{} ({})", ratio(best.ratio), best.other)
        })
    }

    /// The geometric mean of our figure over that of `other`, and of how many workloads it is.
    fn mean_over(&self, other: &str, workloads: &[WorkloadReport]) -> String {
        let ratios = self.rivals(workloads).over(other);
        figure(geometric(&ratios), |mean| {
            format!("{} ({})", ratio(mean), ratios.len())
        })
    }
}

pub(super) fn markdown(workloads: &[WorkloadReport]) -> String {
    let known = MEASURES
        .iter()
        .filter(|measure| measure.is_known(workloads));
    let known: Vec<&Measure> = known.collect();
    let names = names(workloads);
    let mut header = vec!["workload".to_string()];
    header.extend(names.iter().map(ToString::to_string));
    header.extend(known.iter().map(|one| format!("{} / best", one.name)));
    let mut lines: Vec<Vec<String>> = workloads
        .iter()
        .map(|workload| line(workload, &names, &known))
        .collect();
    for measure in &known {
        let mut line = vec![format!("{OURS} / each, {}", measure.name)];
        let means = names.iter().map(|name| measure.mean_over(name, workloads));
        line.extend(means);
        line.extend(known.iter().map(|_| String::new()));
        lines.push(line);
    }
    let measures: Vec<&str> = known.iter().map(|one| one.name).collect();
    format!(
        "{}, and {OURS} over the best of the others, but footprints over those whose free is no \
         search (not {}). Below, geometric means over the workloads that both complete, with their \
         number.\n\n{}\nWhat {OURS} is to reach:\n\n{}",
        measures.join(" · ").replace("time", "ns/op"),
        SEARCH_WHEN_FREEING.join(" and "),
        grid(&header, &lines),
        goals::list("heaps", records::of(workloads, Records::workload)),
    )
}

/// The allocators in the order of the first workload.
fn names(workloads: &[WorkloadReport]) -> Vec<&str> {
    let rows = workloads.first().map_or(&[][..], |first| &first.rows);
    rows.iter().map(|row| row.allocator.as_str()).collect()
}

fn line(workload: &WorkloadReport, names: &[&str], known: &[&Measure]) -> Vec<String> {
    let mut line = vec![workload.name.clone()];
    line.extend(names.iter().map(|name| {
        let row = workload.rows.iter().find(|row| row.allocator == *name);
        figure(row, |row| cell(row, known))
    }));
    line.extend(known.iter().map(|measure| measure.beside_best(workload)));
    line
}

/// The figures of a row, or why there are none.
fn cell(row: &Row, known: &[&Measure]) -> String {
    if time(row).is_none()
        && let Some(note) = row.notes.first()
    {
        let end = note.find([':', '(']).or(note.find(" after"));
        return note[..end.unwrap_or(note.len())].to_string();
    }
    let figures = known.iter().map(|one| figure((one.figure)(row), one.text));
    figures.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row, workload};

    fn one() -> Vec<WorkloadReport> {
        let mut peers = [row("talc", &[8.0], 560), row("linked_list", &[2.0], 500)];
        peers.iter_mut().for_each(|peer| peer.is_stage = false);
        let rows = [vec![row("coalescing", &[6.0], 570)], peers.to_vec()];
        vec![workload("churn", rows.concat())]
    }

    #[test]
    fn the_table_says_who_is_best_and_by_how_much_a_bar_is_missed() {
        let text = markdown(&one());
        assert!(
            text.contains("| churn | 6.00 · 1.140 | 8.00 · 1.120 | 2.00 · 1.000 | 3.000 (linked_list) | 1.018 (talc) |"),
            "{text}"
        );
        assert!(text.contains("| coalescing / each, time | 1.000 (1) | 0.750 (1) | 3.000 (1) |"));
        for goal in [
            "time over linked_list, worst on churn: 3.000; at most 1.050: **missed**",
            "footprint over talc, worst on churn: 1.018; at most 1.000: **missed**",
            "high-alignment), of 1 case: 1.140; at most 1.170: **reached**",
            "instructions over the best of the others: not measured; at most 0.900",
        ] {
            assert!(text.contains(goal), "{text}");
        }
    }

    #[test]
    fn a_row_that_stopped_says_so_in_a_word() {
        let mut one = one();
        let peer = &mut one[0].rows[2];
        peer.time = None;
        peer.notes = vec!["too slow: 5 of 9 operations in 2.5 s, 9 ns each".to_string()];
        let text = markdown(&one);
        assert!(text.contains("| too slow | 0.750 (talc) |"), "{text}");
    }
}
