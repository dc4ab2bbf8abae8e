//! How long each view takes on a million records: `cargo run --release -p bench-results --example large`. The records
//! are left in the file that is named as an argument.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use bench_results::cmp::Comparison;
use bench_results::gate::parse;
use bench_results::grid::drawn;
use bench_results::group::groups;
use bench_results::means::{self, Column};
use bench_results::pivot::Pivot;
use bench_results::standings::{Pick, Standing};
use bench_results::{
    Case, Environment, Family, Linkage, Machine, Measurement, Outcome, Results, Role, Subject,
    Suite, figures, lines, values,
};

const N_SUBJECTS: usize = 50;
const N_CASES: usize = 20_000;

const GATE: &str = "[[gate]]\nsubject = \"stage-0\"\nmetric = \"time\"\nover = \"best\"\nstat = \"geomean\"\nat_most = 9.0";

fn main() -> anyhow::Result<()> {
    let results = results();
    let n = results.measurements.len();
    println!("{n} records: {N_SUBJECTS} subjects on {N_CASES} cases");
    let path = std::env::temp_dir().join(format!("large-{}.jsonl", std::process::id()));
    timed("write", || lines::append(&path, &results))?;
    let (read, _) = timed("read", || lines::read(&path))?;
    match std::env::args().nth(1) {
        Some(kept) => fs::rename(&path, kept)?,
        None => fs::remove_file(&path)?,
    }
    let all = &read.measurements;
    timed("values", || values::lines(&read).map(drop))?;
    timed("figures", || drop(drawn(&figures::by_case(all))));
    timed("pivot", || {
        drop(Pivot::new("ns", all, &["time"]).beside_best_peer("time"))
    });
    timed("standings", || {
        groups(all)
            .iter()
            .filter_map(|group| Standing::of(group, Pick::Best))
            .count()
    });
    let column = Column {
        title: "time",
        metric: "time",
        over: "libc",
        is_on: &|_| true,
    };
    timed("means", || drop(means::lines(all, &[column])));
    timed("compare", || {
        Comparison::of(&read, &results, "before", &[]).map(drop)
    })?;
    let gates = parse(GATE)?;
    timed("gate", || gates[0].judge(&read).is_ok());
    Ok(())
}

/// Does `work`, and prints how long it took: on the wall, and of the processor, which other work on the machine does not
/// change as much.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let done = work();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!("{what:10} {wall:6.2} s, {cpu:6.2} s of CPU in the program");
    done
}

/// Seconds of the processor that this program has taken outside of the kernel; 0 where there is no `/proc`.
fn cpu_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let user = fields
        .split_whitespace()
        .nth(11)
        .and_then(|ticks| ticks.parse::<f64>().ok());
    user.unwrap_or_default() / TICKS
}

fn results() -> Results {
    let word = || "x".to_string();
    let subjects = (0..N_SUBJECTS).map(|index| Arc::new(subject(index)));
    let subjects: Vec<Arc<Subject>> = subjects.collect();
    let measurements = (0..N_CASES).flat_map(|case| {
        let mut one =
            Case::new(Suite::Trace, &format!("trace-{}", case / 4)).with("heap", case % 4);
        one.fingerprint = Some(case as u32);
        let one = Arc::new(one);
        let times = move |index: usize| {
            let ns = 5.0 + (case * 31 + index * 17) as f64 % 97.0;
            Outcome::Samples(vec![ns, ns * 1.01, ns * 0.99])
        };
        let each = subjects.iter().enumerate();
        let each = each.map(move |(index, subject)| Measurement {
            run: 0,
            subject: Arc::clone(subject),
            case: Arc::clone(&one),
            metric: "time".to_string(),
            outcome: times(index),
        });
        each.collect::<Vec<_>>()
    });
    Results {
        measurements: measurements.collect(),
        runs: vec![Environment {
            schema: lines::SCHEMA,
            run: 0,
            id: 1,
            command: word(),
            machine: Machine {
                cpu: word(),
                n_cpus: 1,
                kernel: word(),
                huge_pages: word(),
                libc: word(),
                rustc: word(),
                profile: word(),
            },
            versions: Vec::new(),
            builds: Default::default(),
            seed: 1,
            reps: 3,
            contest: None,
            seconds: Some(1.0),
        }],
        attachments: Vec::new(),
    }
}

fn subject(index: usize) -> Subject {
    let (name, role) = match index {
        0 => ("libc".to_string(), Role::Baseline),
        1..10 => (format!("stage-{}", index - 1), Role::Stage),
        _ => (format!("peer-{index}"), Role::Peer),
    };
    Subject::new(&name, role, Family::Process, Linkage::Linked)
}
