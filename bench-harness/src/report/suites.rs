//! The tables of what is no replay, suite by suite, and where the stages lose.

use bench_results::grid::Draw;
use bench_results::group::groups;
use bench_results::standings::{Pick, Standing};
use bench_results::{Case, Measurement, Suite as Kind, figures};

use super::WorkloadReport;
use super::records::{self, Records};
use crate::{arenas, closed_loop, flat, global, tight};

/// Some cases, and their tables.
struct Suite {
    /// Its block in the book.
    name: &'static str,
    is_case: fn(&Case) -> bool,
    tables: fn(&[Measurement], Draw) -> String,
}

/// In a run, replays and programs have tables of their own; a file of records has their figures.
const SUITES: [Suite; 7] = [
    Suite {
        name: "replays",
        is_case: |case| case.suite == Kind::Trace && !tight::is_case(case),
        tables: in_full,
    },
    Suite {
        name: "commands",
        is_case: |case| case.suite == Kind::Program,
        tables: in_full,
    },
    Suite {
        name: "flat",
        is_case: flat::is_case,
        tables: flat::table,
    },
    Suite {
        name: "tight",
        is_case: tight::is_case,
        tables: tight::tables,
    },
    Suite {
        name: "global",
        is_case: global::table::is_case,
        tables: global::table::tables,
    },
    Suite {
        name: "closed-loop",
        is_case: closed_loop::is_case,
        tables: closed_loop::tables,
    },
    Suite {
        name: "arenas",
        is_case: arenas::is_case,
        tables: arenas::table,
    },
];

/// All figures; empty if there are none.
fn in_full(all: &[Measurement], draw: Draw) -> String {
    match all {
        [] => String::new(),
        all => format!("\n{}", draw(&figures::by_case(all))),
    }
}

/// The tables of `all`, of the suite called `name` or of every suite; empty if they have nothing of it.
pub(crate) fn tables(all: &[Measurement], name: Option<&str>, draw: Draw) -> String {
    let suites = SUITES.iter();
    let suites = suites.filter(|suite| name.is_none_or(|name| suite.name == name));
    let tables = suites.map(|suite| {
        let own = all.iter().filter(|one| (suite.is_case)(&one.case));
        (suite.tables)(&own.cloned().collect::<Vec<_>>(), draw)
    });
    tables.collect()
}

/// The workloads on which an allocator by others is better than every stage, in time or in footprint.
pub(crate) fn losses(workloads: &[WorkloadReport]) -> Vec<Standing> {
    let all = records::of(workloads, Records::workload);
    let is_meant = |one: &&Measurement| matches!(one.metric.as_str(), "time" | "footprint_ratio");
    let groups = groups(all.iter().filter(is_meant));
    let standings = groups.iter();
    let standings = standings.filter_map(|group| Standing::of(group, Pick::Best));
    standings.filter(Standing::is_behind).collect()
}
