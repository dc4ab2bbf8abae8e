//! Contests: a stage against its nearest peers, on what it is made for, and whether it reaches its
//! bars.
//!
//! A contest is a choice of allocators, workloads and measures with a table of its own in the book.
//! The table ends with the bars: by how much each is reached or missed.

use std::time::Duration;

use anyhow::{Context, Result};
use bench_results::grid::Draw;
use bench_results::means::{self, Column};
use bench_results::standings::{self, Pick, Standing};
use bench_results::{Measurement, figures, group};
use serde::{Deserialize, Serialize};

use crate::allocators::BASELINE;
use crate::cli::MeasureArgs;
use crate::goals;
use crate::limits::Limits;
use crate::output::Choice;
use crate::report::Report;
use crate::report::records::{self, Records};

/// Whom the contests between fixed heaps are about.
const OURS: &str = "coalescing";

const HEAPS: &[&str] = &[
    OURS,
    "coalescing-strict",
    "talc",
    "rlsf",
    "dlmalloc",
    "galloc",
    "linked_list",
    "buddy",
];
const TAILS: &[&str] = &[OURS, "coalescing-strict", "talc", "rlsf", "dlmalloc"];
const MEMORY: &[&str] = &[
    "mmap-backed",
    "mmap-global",
    BASELINE,
    "talc-global",
    "rlsf-global",
    "dlmalloc-global",
];

/// The workloads of the contest of heaps.
const WORKLOADS: &[&str] = &[
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

/// Who is compared with whom, and in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Contest {
    /// Time and footprint of coalescing and of all that work in memory they are given, on traces,
    /// random actions, churn with up to a million live blocks, growing buffers and high alignments.
    Heaps,
    /// The slowest calls of coalescing, and of those with as short a free.
    Tails,
    /// What mmap-backed and other heaps behind one lock hold of the OS, and what they give back.
    Memory,
}

impl Contest {
    /// The contest that a run says it is of.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let mut all = Self::all().iter().copied();
        let found = all.find(|contest| contest.name() == name);
        found.with_context(|| format!("there is no contest `{name}`"))
    }

    /// Who takes part if nobody is named.
    pub fn allocators(self) -> &'static [&'static str] {
        match self {
            Self::Heaps => HEAPS,
            Self::Tails => TAILS,
            Self::Memory => MEMORY,
        }
    }

    /// The workloads if none is named; the usual ones if it is empty.
    pub fn workloads(self) -> &'static [&'static str] {
        match self {
            Self::Heaps => WORKLOADS,
            Self::Tails | Self::Memory => &[],
        }
    }

    /// What it asks beside time and footprint, with what the user asks.
    pub(crate) fn measures(self, wished: MeasureArgs) -> MeasureArgs {
        match self {
            Self::Heaps => wished,
            Self::Tails => MeasureArgs {
                latency: true,
                ..wished
            },
            Self::Memory => MeasureArgs {
                memory: true,
                drain: true,
                ..wished
            },
        }
    }

    /// How long the replays of a row may take, and the run, if they need more than usual.
    pub(crate) fn limits(self) -> Option<Limits> {
        let long = Limits {
            run: Duration::from_secs(900),
            ..Limits::DEFAULT.with_replay(Duration::from_secs(8))
        };
        (self == Self::Heaps).then_some(long)
    }

    /// Its figures, the main one first.
    fn metrics(self) -> &'static [&'static str] {
        match self {
            Self::Heaps => &["time", "footprint_ratio", "instructions"],
            Self::Tails => &[
                "latency.allocate.p50",
                "latency.allocate.p99",
                "latency.allocate.p99_9",
                "latency.allocate.p99_99",
                "latency.allocate.max",
                "latency.free.p50",
                "latency.free.p99",
                "latency.free.p99_9",
                "latency.free.p99_99",
                "latency.free.max",
            ],
            Self::Memory => &[
                "memory.f1",
                "drain.freed",
                "drain.at_once",
                "drain.after_100ms",
                "drain.after_1s",
                "drain.returned",
            ],
        }
    }

    /// The tables and the bars.
    pub(crate) fn tables(self, report: &Report, draw: Draw) -> String {
        let all = records::of(&report.workloads, Records::workload);
        let goals = goals::list(&self.name(), &all);
        let is_meant = |one: &Measurement| self.metrics().contains(&one.metric.as_str());
        let own: Vec<Measurement> = all.into_iter().filter(is_meant).collect();
        let (about, tables) = match self {
            Self::Heaps => (
                "Time, footprint over peak live bytes, instructions",
                of_heaps(&own),
            ),
            Self::Tails => (
                "Single calls of all sizes; p99.99 is the slowest of fewer than 10,000",
                vec![figures::by_case(&own)],
            ),
            Self::Memory => (
                "Resident memory over live bytes, and what is resident when all that is live at the peak is freed",
                vec![figures::by_case(&own)],
            ),
        };
        let tables: String = tables.iter().map(|lines| draw(lines) + "\n").collect();
        format!("\n{about}.\n\n{tables}What is to be reached:\n\n{goals}")
    }
}

/// All figures; the best stage against the best of the others; means over ours.
fn of_heaps(own: &[Measurement]) -> Vec<Vec<Vec<String>>> {
    let standings: Vec<Standing> = group::groups(own)
        .iter()
        .filter_map(|group| Standing::of(group, Pick::Best))
        .collect();
    let columns = Contest::Heaps.metrics().iter().map(|metric| Column {
        title: metric,
        metric,
        over: OURS,
        is_on: &|_| true,
    });
    let verdicts = std::iter::once(standings::HEADER.map(str::to_string).to_vec());
    vec![
        figures::by_case(own),
        verdicts.chain(standings::lines(&standings)).collect(),
        means::lines(own, &columns.collect::<Vec<_>>()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators::find;
    use crate::report::testing::{report, row, workload};
    use crate::report::{Drain, Kind, Latency, MemoryOverTime, Moment, Row};
    use crate::workloads;
    use bench_results::grid::in_markdown;

    #[test]
    fn whoever_takes_part_is_known() {
        for contest in Contest::all() {
            for name in contest.allocators() {
                assert!(find(name).is_some(), "{name}");
            }
            assert!(!contest.about().is_empty());
        }
    }

    #[test]
    fn the_workloads_of_heaps_are_the_shipped_traces_and_generated_ones() {
        let shipped = crate::select::shipped_traces().unwrap();
        for name in Contest::Heaps.workloads() {
            let is_shipped = shipped.iter().any(|(shipped, _)| shipped == name);
            let is_generated = workloads::WORKLOADS
                .iter()
                .any(|workload| workload.name == *name);
            assert!(is_shipped || is_generated, "{name}");
        }
        let wanted = |name: &String| Contest::Heaps.workloads().contains(&name.as_str());
        assert!(shipped.iter().all(|(name, _)| wanted(name)));
    }

    #[test]
    fn the_tables_say_who_is_best_and_by_how_much_a_bar_is_missed() {
        let rows = vec![
            row(OURS, &[6.0], 570),
            row("talc", &[8.0], 560),
            Row {
                is_stage: false,
                ..row("linked_list", &[2.0], 500)
            },
        ];
        let report = report(vec![workload("churn", rows)]);
        let text = Contest::Heaps.tables(&report, in_markdown);
        for part in [
            "| time, ns | 6.00 | 8.00 | 2.00 |",
            "| churn | time | coalescing | 6.00 | linked_list | 2.00 | 3.000 |",
            "| talc | 1.333 | 1/1 | 0.982 | 1/1 |",
            "time over linked_list, worst on churn: 3.000; at most 1.050: **missed**",
            "footprint over talc, worst on churn: 1.018; at most 1.000: **missed**",
            "high-alignment), of 1 case: 1.140; at most 1.170: **reached**",
            "instructions over the best of the others: not measured; at most 0.900",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn the_slowest_calls_of_all_sizes_are_in_the_table_and_judged() {
        let clocked = |name, slowest| {
            let mut row = row(name, &[8.0], 600);
            let latency = |size_up_to, p99_99| Latency {
                kind: Kind::Free,
                size_up_to,
                n: 10_000,
                p50: 5.0,
                p90: 6.0,
                p99: 7.0,
                p99_9: 8.0,
                p99_99,
                max: 1000.0,
            };
            row.remarks.detail.latency = vec![latency(Some(16), 900.0), latency(None, slowest)];
            row
        };
        let on =
            |name, ours, talc| workload(name, vec![clocked(OURS, ours), clocked("talc", talc)]);
        let report = report(vec![on("a", 20.0, 40.0), on("b", 80.0, 40.0)]);
        let text = Contest::Tails.tables(&report, in_markdown);
        for part in [
            "| b | latency.free.p99_99, ns | 80.0 | 40.0 |",
            "latency.free.p99_99 over talc, of 2 cases: 1.000; at most 1.000: **reached**",
            "worst on b: 2.000; at most 1.000: **missed**",
            "latency.allocate.p99_99 over talc: not measured",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_returned_is_a_share_of_all_that_is_freed_and_moments_are_compared() {
        let measured = |name, resident: &[usize], left: usize| {
            let mut row = row(name, &[8.0], 600);
            let moments = resident.iter().enumerate().map(|(op, kib)| Moment {
                op,
                live: 1 << 10,
                footprint: kib << 10,
                resident: Some(kib << 10),
                waste: None,
                external: None,
            });
            row.remarks.detail.memory = Some(MemoryOverTime {
                moments: moments.collect(),
                f1: 1.0,
                f2: 1.0,
                f3: 1.0,
                f4: 1.0,
            });
            row.remarks.detail.drain = resident.last().map(|last| Drain {
                before: last << 10,
                at_once: last << 10,
                after_100ms: left << 10,
                after_1s: left << 10,
                after_5s: None,
            });
            row
        };
        let rows = |left| {
            vec![
                measured("mmap-global", &[20, 60, 100], left),
                measured(BASELINE, &[16, 80, 100], 100),
            ]
        };
        let report = report(vec![workload("a", rows(0)), workload("b", rows(20))]);
        let text = Contest::Memory.tables(&report, in_markdown);
        for part in [
            "| b | drain.after_100ms | 20.0 KiB | 100 KiB |",
            "- mmap-global, drain.returned / drain.freed, of 2 cases: 0.900; at least 0.950: **missed**",
            "- mmap-global, resident.moments over libc, worst on b: 1.250; at most 1.000: **missed**",
            "- mmap-backed, drain.returned / drain.freed: not measured; at least 0.950",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
