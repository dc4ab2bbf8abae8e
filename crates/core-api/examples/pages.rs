//! When memory becomes memory: page faults and resident bytes.
//!
//! ```text
//! cargo run --release -p malloc-ladder-core-api --example pages
//! ```

use std::fs;
use std::hint::black_box;
use std::time::Instant;

const LEN: usize = 256 << 20;

fn main() {
    let Some(page) = page_size() else {
        println!("This program reads /proc/self, which only Linux has.");
        return;
    };
    let huge = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    println!(
        "a page is {page} bytes; huge pages: {}",
        huge.as_deref().unwrap_or("none").trim()
    );
    println!(
        "{:36} {:>8} {:>9} {:>13}",
        "", "ms", "faults", "KiB resident"
    );

    let mut memory = Vec::new();
    step("allocate 256 MiB of zeros", || memory = vec![0_u8; LEN]);
    step("read a byte of each 16th page", || {
        assert!(memory.iter().step_by(16 * page).all(|&byte| byte == 0));
    });
    step("write a byte of each 16th page", || {
        touch(&mut memory, 16 * page);
    });
    step("write a byte of each page", || touch(&mut memory, page));
    step("write a byte of each page again", || {
        touch(&mut memory, page);
    });
    step("write all bytes", || memory.fill(1));
    step("free", || drop(memory));
}

fn touch(memory: &mut [u8], stride: usize) {
    for byte in black_box(memory).iter_mut().step_by(stride) {
        *byte += 1;
    }
}

/// Prints how long a step takes, how often the kernel is asked for a page, and what the process
/// then has.
fn step(what: &str, action: impl FnOnce()) {
    let (faults, resident) = usage();
    let start = Instant::now();
    action();
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let (faults_after, resident_after) = usage();
    println!(
        "{what:36} {ms:8.2} {:9} {:+13}",
        faults_after - faults,
        resident_after - resident
    );
}

/// Minor faults since the start, and resident KiB.
fn usage() -> (i64, i64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in parentheses; minor faults are the tenth.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let faults = fields.split_whitespace().nth(7).map(str::parse);
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let rss = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = rss.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    (faults.and_then(Result::ok).unwrap_or(0), kib.unwrap_or(0))
}

/// What the kernel told the process at its start, under the key 6 (`AT_PAGESZ`).
fn page_size() -> Option<usize> {
    let words = fs::read("/proc/self/auxv").ok()?;
    let mut words = words
        .chunks_exact(size_of::<usize>())
        .map(|bytes| usize::from_ne_bytes(bytes.try_into().expect("a word's bytes")));
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        if key == 6 {
            return Some(value);
        }
    }
    None
}
