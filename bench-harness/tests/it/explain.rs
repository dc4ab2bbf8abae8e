//! `explain`: what resident bytes are for adds up, and who keeps free bytes is named.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::harness_with_small_pages;

/// A program that fills pages with blocks of several sizes and frees most of the small ones.
fn recording() -> String {
    const N: usize = 24_000;
    let size = |id: usize| [24, 700, 56, 250][id % 4] + id % 13;
    let mut text = format!("20000\n{N}\n{}\n1\n", N + N / 4);
    for id in 0..N {
        writeln!(text, "a {id} {}", size(id)).unwrap();
    }
    for id in (1..N).step_by(4) {
        writeln!(text, "f {id}").unwrap();
    }
    text
}

#[test]
fn the_parts_add_up_to_resident_memory_and_free_bytes_have_keepers() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (trace, page) = (folder.join("explained.rep"), folder.join("explained.html"));
    fs::write(&trace, recording()).unwrap();
    let mut harness = harness_with_small_pages();
    harness.arg("explain").arg(&trace).arg("-o").arg(&page);
    harness.args([
        "--moments",
        "4",
        "--stage",
        "coalescing",
        "mmap-backed",
        "thread-cached",
    ]);
    let output = harness.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let shares: Vec<f64> = text
        .lines()
        .filter_map(|line| {
            line.split_once(" % explained")?
                .0
                .rsplit(' ')
                .next()?
                .parse()
                .ok()
        })
        .collect();
    assert!(shares.len() >= 12, "{text}");
    assert!(
        shares.iter().all(|share| (98.0..=102.0).contains(share)),
        "{text}"
    );
    assert!(
        text.contains("who keeps free bytes") && text.contains("blocks of "),
        "{text}"
    );
    assert!(
        fs::read_to_string(page)
            .unwrap()
            .contains("free in partly used pages")
    );
}
