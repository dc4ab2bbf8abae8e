//! The exercises in a browser: each right answer is right, and each wrong one gets its reason.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use exercises::chapters;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// The browser that is on the path.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = CHROMIUM
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// A page with all exercises, which answers them by itself.
fn page() -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(package.join(path)).expect("a file of this package");
    let mut page = "<!doctype html><meta charset=\"utf-8\"><body>".to_owned();
    for exercise in chapters().into_iter().flat_map(|chapter| chapter.exercises) {
        let name = exercise.name;
        page += &format!("<heap-exercise name=\"{name}\"><details></details></heap-exercise>");
    }
    for script in ["page/data.js", "page/heap-exercise.js", "tests/check.js"] {
        page += &format!("<script>{}</script>", read(script));
    }
    page
}

#[test]
fn every_answer_gets_its_verdict() {
    let Some(chromium) = chromium() else {
        // Past the capture of test output: a skipped test says so.
        let note = "skipped: the exercises are tested where Chromium is installed (apt-get install -y chromium)";
        writeln!(io::stderr(), "{note}").expect("standard error is open");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises");
    fs::create_dir_all(&folder).expect("a folder for the test");
    let file = folder.join("page.html");
    fs::write(&file, page()).expect("the page is written");
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout);
    let said = dom.rsplit("</script>").next().unwrap_or_default();
    let n: usize = chapters()
        .iter()
        .map(|chapter| chapter.exercises.len())
        .sum();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(&format!("all {n} exercises were answered")),
        "{said}\n{errors}"
    );
}
