//! The page of results in a browser: drawn whole, without an error, for keyboard and screen reader.

mod fixture;
mod variants;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use bench_harness::report::html::page;
use bench_harness::report::records::Records;
use bench_results::cmp::Comparison;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// The program of one of these names that is on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// Twenty allocators on twenty workloads.
static LARGE: LazyLock<String> = LazyLock::new(|| page(&fixture::report(20, 20), None).unwrap());

#[test]
fn a_large_report_is_small_enough() {
    assert!(LARGE.len() <= 5_000_000, "{} bytes", LARGE.len());
    assert!(LARGE.contains("data-encoding=\"deflate\""));
}

#[test]
fn the_page_is_drawn_and_usable_in_a_browser() {
    let (Some(node), Some(chromium)) = (program(&["node"]), program(CHROMIUM)) else {
        // Past the capture of test output: a skipped test says so.
        let note = "skipped: the page is tested where node and Chromium are installed \
                    (apt-get install -y nodejs chromium fonts-dejavu-core)";
        writeln!(io::stderr(), "{note}").unwrap();
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).unwrap();
    let small = fixture::report(4, 12);
    let earlier = fixture::report(3, 11);
    let [new, old] = [&small, &earlier].map(|report| {
        let mut records = Records::default();
        report
            .workloads
            .iter()
            .for_each(|one| records.workload(one));
        records.0
    });
    let comparison = Comparison::of(&new, &old, "earlier", &[]).unwrap();
    let small_page = page(&small, Some(&comparison)).unwrap();
    let first = small.workloads[0].rows[0]
        .remarks
        .detail
        .layout
        .as_ref()
        .unwrap();
    let (n_blocks, _) = fixture::end_of(first);
    let [outlier, crowd, answered] = [variants::outlier(), variants::crowd(), variants::answered()]
        .map(|one| page(&one, None).unwrap());
    let pages = [
        ("small", &small_page),
        ("large", &*LARGE),
        ("outlier", &outlier),
        ("crowd", &crowd),
        ("answered", &answered),
    ];
    for (name, page) in pages {
        let file = folder.join(name).with_extension("html");
        fs::write(&file, page).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/report_browser/check.mjs");
    let output = Command::new(node)
        .arg(script)
        .arg(chromium)
        .arg(&folder)
        .arg(format!("{n_blocks} blocks used"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("all checks passed"), "{said}\n{errors}");
}
