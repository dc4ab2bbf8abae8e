//! How long a trace of ten million calls takes to write, to load, and to go through.
//!
//! ```sh
//! cargo run --release -p bench-harness --example load_speed
//! ```

use std::fs::File;
use std::io::BufReader;
use std::time::{Duration, Instant};

use bench_harness::trace::Trace;
use bench_harness::trace::compact::{Frame, Live, Reader};
use bench_harness::workloads::WORKLOADS;

const N_OPS: usize = 10_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    for workload in WORKLOADS.iter().take(2) {
        let path = directory.path().join(workload.name);
        let trace = (workload.generate)(1, N_OPS);
        let write = best_of(1, || Ok(trace.write(&path)?))?;
        drop(trace);
        let load = best_of(5, || load(&path))?;
        let follow = best_of(5, || follow(&path))?;
        let len = std::fs::metadata(&path)?.len() as f64 / N_OPS as f64;
        println!(
            "{}: {N_OPS} calls, {len:.2} bytes each; write {write:.2?}, load {load:.2?}, follow {follow:.2?}",
            workload.name
        );
    }
    Ok(())
}

fn load(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let trace = Trace::load(path)?;
    assert_eq!(trace.ops.len(), N_OPS);
    Ok(())
}

/// Goes through the file and keeps track of what is live, as `cargo xtask trace info` does.
fn follow(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut reader = Reader::new(BufReader::new(File::open(path)?))?;
    let mut live = Live::default();
    let mut frame = Frame::default();
    while reader.read_frame(&mut frame)? {
        for call in &frame.calls {
            live.apply(call)?;
        }
    }
    Ok(())
}

/// The shortest time of `n` runs.
fn best_of(
    n: usize,
    mut run: impl FnMut() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut best = Duration::MAX;
    for _ in 0..n {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}
