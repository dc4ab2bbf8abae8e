//! Fixed heaps: time, footprint and, if they were counted, instructions.

use super::bar::{self, Bar, Goal};
use super::rivals::{Figure, Rivals, footprint, instructions, time};
use crate::report::markdown::grid;
use crate::report::table::figure;
use crate::report::units::{nanos, ratio};
use crate::report::{Row, WorkloadReport, geometric};

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

/// What is compared, and what it is to reach.
struct Measure {
    name: &'static str,
    figure: Figure,
    text: fn(f64) -> String,
    is_rival: fn(&Row) -> bool,
    /// The geometric mean over the best of the others.
    mean_at_most: Option<f64>,
    /// Over the best of the others on any workload.
    each_at_most: f64,
}

const MEASURES: [Measure; 3] = [
    Measure {
        name: "time",
        figure: time,
        text: nanos,
        is_rival: |row| !row.is_stage,
        mean_at_most: Some(0.75),
        each_at_most: 1.05,
    },
    Measure {
        name: "footprint",
        figure: footprint,
        text: ratio,
        is_rival: |row| !row.is_stage && !SEARCH_WHEN_FREEING.contains(&row.allocator.as_str()),
        mean_at_most: None,
        each_at_most: 1.0,
    },
    Measure {
        name: "instructions",
        figure: instructions,
        text: |number| format!("{number:.0}"),
        is_rival: |row| !row.is_stage,
        mean_at_most: None,
        each_at_most: 0.90,
    },
];

/// The most that the footprint over the peak of live bytes may be, the geometric mean over programs:
/// not over what is made of growth or padding alone.
const FOOTPRINT_AT_MOST: f64 = 1.17;
const NO_PROGRAMS: [&str; 2] = ["realloc-grow", "high-alignment"];

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

    fn bars(&self, workloads: &[WorkloadReport]) -> Vec<Bar> {
        let rivals = self.rivals(workloads);
        let mut bars = Vec::new();
        if let Some(most) = self.mean_at_most {
            let mean = rivals.mean();
            let of = mean.as_ref().map_or_else(String::new, |mean| {
                let (other, n) = (&mean.other, &mean.on);
                format!(" {other}, the best of those that complete most ({n} workloads)")
            });
            bars.push(Bar {
                what: format!("{}, geometric mean over{of}", self.name),
                value: mean.map(|mean| mean.ratio),
                goal: Goal::AtMost(most),
            });
        }
        let worst = rivals.worst();
        let of = worst.as_ref().map_or_else(String::new, |worst| {
            format!(" {}, {}", worst.on, worst.other)
        });
        bars.push(Bar {
            what: format!("{}, worst over the best on a workload:{of}", self.name),
            value: worst.map(|worst| worst.ratio),
            goal: Goal::AtMost(self.each_at_most),
        });
        bars
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
        bar::list(&bars(workloads, &known)),
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

fn bars(workloads: &[WorkloadReport], known: &[&Measure]) -> Vec<Bar> {
    let each = known.iter().flat_map(|measure| measure.bars(workloads));
    let mut bars: Vec<Bar> = each.collect();
    let ours = MEASURES[1].rivals(workloads);
    let programs = workloads
        .iter()
        .filter(|workload| !NO_PROGRAMS.contains(&workload.name.as_str()));
    let footprints = programs.filter_map(|workload| ours.figure_of(OURS, workload));
    bars.push(Bar {
        what: format!(
            "footprint over peak live bytes, geometric mean without {}",
            NO_PROGRAMS.join(" and ")
        ),
        value: geometric(&footprints.collect::<Vec<_>>()),
        goal: Goal::AtMost(FOOTPRINT_AT_MOST),
    });
    bars
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
        assert!(text.contains("churn, linked_list: 3.000; at most 1.050: **missed by 185.7 %**"));
        assert!(
            text.contains("churn, talc: 1.018; at most 1.000: **missed by 1.8 %**"),
            "{text}"
        );
        assert!(text.contains("high-alignment: 1.140; at most 1.170: **reached**"));
        assert!(!text.contains("instructions"), "they were not counted");
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
