//! Reports with what a page must cope with: outliers, a crowd, an answer.

use bench_harness::allocators::Need;
use bench_harness::report::{Advice, Detail, Figures, Report, Row, Time};

use super::fixture;

/// Calls of the class of sizes up to 256 bytes in [`outlier`]: enough for every percentile.
const MANY: u64 = 100_000;

/// An allocator that takes 300 times the time and 40 times the memory, and nothing is freed.
pub(crate) fn outlier() -> Report {
    let mut report = fixture::report(2, 12);
    for workload in &mut report.workloads {
        workload.facts.frees_nothing = true;
        let outlier = &mut workload.rows[9];
        scale(outlier, 300.0, 40);
        for latency in workload
            .rows
            .iter_mut()
            .flat_map(|row| &mut row.remarks.detail.latency)
        {
            if latency.size_up_to == Some(256) {
                latency.n = MANY;
            }
        }
    }
    report.summarised()
}

fn scale(row: &mut Row, time: f64, memory: usize) {
    let measured = row.time.as_mut().expect("the fixture times it");
    for value in [&mut measured.median, &mut measured.min, &mut measured.max] {
        *value *= time;
    }
    for value in &mut row.times {
        *value *= time;
    }
    row.footprint.bytes = row.footprint.bytes.map(|bytes| bytes * memory);
    row.footprint_ratio = row.footprint_ratio.map(|ratio| ratio * memory as f64);
    for moment in &mut row
        .remarks
        .detail
        .memory
        .as_mut()
        .expect("it has some")
        .moments
    {
        moment.footprint *= memory;
        moment.resident = moment.resident.map(|bytes| bytes * memory);
    }
}

/// Forty allocators with long names and nearly the same figures, in pairs that lie on each other.
pub(crate) fn crowd() -> Report {
    let mut report = fixture::report(1, 40);
    let nearly = |index: usize| (index / 2) as f64 * 0.01;
    for (index, row) in report.workloads[0].rows.iter_mut().enumerate() {
        row.remarks.detail = Detail::default();
        row.footprint_ratio = Some(1.1 + nearly(index * 7 % 40));
        if row.allocator != "libc" {
            row.allocator = format!("an-allocator-{index}");
        }
        let median = 10.0 + nearly(index);
        row.time = Some(Time {
            median,
            min: median,
            max: median,
            n_runs: 5,
        });
    }
    report.summarised()
}

/// A small report with answers, in which other allocators' names have the pick's name in them.
pub(crate) fn answered() -> Report {
    let mut report = fixture::report(1, 8);
    for row in &mut report.workloads[0].rows {
        row.remarks.detail = Detail::default();
    }
    let process = "As malloc: neither stage-20 nor old-stage-2 but stage-2, 0.71 of libc's time.";
    let fixed = "In given memory: too close to tell.";
    Report {
        answers: vec![
            advice(Need::Process, process, Some("stage-2")),
            advice(Need::Fixed, fixed, None),
        ],
        ..report.summarised()
    }
}

fn advice(category: Need, sentence: &str, pick: Option<&str>) -> Advice {
    Advice {
        category,
        sentence: sentence.to_owned(),
        pick: pick.map(|allocator| Figures {
            allocator: allocator.to_owned(),
            ns: 10.0,
            time: None,
            footprint_ratio: 1.1,
            is_upper_bound: false,
            resident: None,
        }),
        too_close: Vec::new(),
        faster: None,
        smaller: None,
        left_out: Vec::new(),
        n_workloads: 1,
        n_ops: 1000,
    }
}
