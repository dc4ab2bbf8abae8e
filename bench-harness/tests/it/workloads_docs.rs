//! The chapter on workloads has a row for each, with the stage that it exposes.

use bench_harness::closed_loop::Challenge;
use bench_harness::select::workspace;
use bench_harness::workloads::{THREADED, WORKLOADS};

#[test]
fn every_workload_has_its_row() {
    let chapter = std::fs::read_to_string(workspace().join("docs/src/workloads.md")).unwrap();
    let single = WORKLOADS.iter().map(|w| (w.name, w.exposes));
    let threaded = THREADED.iter().map(|w| (w.name, w.exposes));
    for (name, exposes) in single.chain(threaded) {
        let named = format!("`{name}`");
        let is_row = |line: &&str| {
            let columns: Vec<&str> = line.split('|').collect();
            columns.len() == 6 && columns[1].contains(&named)
        };
        let row = chapter.lines().find(is_row);
        let row = row.unwrap_or_else(|| panic!("{name} has no row"));
        let suffers = row.split('|').nth(4).unwrap().trim_start();
        assert!(suffers.starts_with(&format!("`{exposes}`:")), "{row}");
    }
    for challenge in Challenge::all(1) {
        assert!(chapter.contains(&format!("`{}`", challenge.name())));
    }
}
