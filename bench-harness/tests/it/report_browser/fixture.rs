//! A report made up for tests, with every detail in every row: nothing here was measured.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_harness::allocators::Need;
use bench_harness::job::Footprint;
use bench_harness::machine;
use bench_harness::preload::{CommandReport, CommandRow, Exit, Spread};
use bench_harness::report::{
    Counts, Detail, Drain, Facts, HeapLog, Kind, Latency, MemoryOverTime, Moment, Remarks, Report,
    Row, Time, Waste, WorkloadReport,
};
use bench_results::{Case, Family, Linkage, Measurement, Outcome, Role, Subject, Suite};
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Operations of each workload; all are in the logs.
const N_OPS: usize = 3000;

/// So many workloads with so many rows each.
pub(crate) fn report(n_workloads: usize, n_allocators: usize) -> Report {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    // A heap takes longer to make up than all the rest of a row: the same on every workload.
    let heaps: Vec<HeapLog> = (0..n_allocators)
        .map(|which| FirstFit::run(&mut rng, which).log(which))
        .collect();
    let workloads = (0..n_workloads).map(|index| workload(&mut rng, index, &heaps));
    let report = Report {
        command: "made up for a test".to_string(),
        machine: machine::here(),
        versions: vec![("talc".to_string(), "5.0.0".to_string())],
        builds: Default::default(),
        seed: 7,
        reps: 5,
        seconds: 1.0,
        interrupted: false,
        workloads: workloads.collect(),
        means: Vec::new(),
        answers: Vec::new(),
        contest: None,
        measurements: [curve("stage-2", 9.0), curve("null", 4.0), row_of_pairs()].concat(),
        commands: vec![command()],
    };
    Report {
        answers: Vec::new(),
        ..report.summarised()
    }
}

fn measured(name: &str, linkage: Linkage, case: Case, nanos: f64) -> Measurement {
    let role = match name {
        "libc" => Role::Baseline,
        name if name.starts_with("stage") => Role::Stage,
        _ => Role::Control,
    };
    Measurement {
        run: 0,
        subject: Subject::new(name, role, Family::Process, linkage).into(),
        case: case.into(),
        metric: "time".to_string(),
        outcome: Outcome::Samples(vec![nanos; 3]),
    }
}

fn row_of_pairs() -> Vec<Measurement> {
    let case = || Case::new(Suite::Kernel, "pair").with("threads", 1);
    [
        ("stage-6", Linkage::Linked, 2.0),
        ("libc", Linkage::Linked, 9.0),
        ("stage-6.so", Linkage::Preloaded, 3.0),
    ]
    .map(|(name, linkage, nanos)| measured(name, linkage, case(), nanos))
    .to_vec()
}

fn command() -> CommandReport {
    let row = |name: &str, seconds| CommandRow {
        allocator: name.to_string(),
        library: (name != "libc").then(|| format!("{name}.so")),
        broken: false,
        exit: Some(Exit::Status(0)),
        wall: Spread::of(vec![seconds]),
        cpu: Spread::of(vec![seconds]),
        peak_rss: Spread::of(vec![1e7]),
        minor_faults: Spread::of(vec![100.0]),
        major_faults: Spread::of(vec![0.0]),
        notes: Vec::new(),
        runs: Vec::new(),
    };
    CommandReport {
        command: "sort words".to_string(),
        is_short: false,
        rows: vec![row("libc", 1.0), row("other", 0.9)],
    }
}

fn curve(name: &str, nanos: f64) -> Vec<Measurement> {
    [100, 10_000, 1_000_000]
        .map(|n| {
            let case = Case::new(Suite::Kernel, "live").with("n", n);
            measured(name, Linkage::Linked, case, nanos * f64::from(n).powf(0.1))
        })
        .to_vec()
}

fn workload(rng: &mut ChaCha8Rng, index: usize, heaps: &[HeapLog]) -> WorkloadReport {
    WorkloadReport {
        name: format!("workload-{index}"),
        fingerprint: Some(index as u32),
        n_ops: N_OPS,
        facts: Facts {
            about: "What does it cost to be made up for a test?".to_string(),
            peak_live: 60_000,
            room: 1 << 20,
            loop_ns: Some(1.2),
            harness_ns: Some(2.5),
            is_threaded: false,
            frees_nothing: false,
        },
        rows: heaps
            .iter()
            .enumerate()
            .map(|(which, heap)| row(rng, which, heap.clone()))
            .collect(),
    }
}

fn row(rng: &mut ChaCha8Rng, which: usize, heap: HeapLog) -> Row {
    let name = match which {
        3 => "libc".to_string(),
        0..3 => format!("stage-{which}"),
        _ => format!("peer-{which}"),
    };
    let typical = 8.0 * 1.35_f64.powi(which as i32 % 9) * (0.8 + unit(rng) * 0.4);
    let times: Vec<f64> = (0..5).map(|_| typical * (0.95 + unit(rng) * 0.2)).collect();
    let ratio = 1.05 + (9 - which % 9) as f64 * 0.12 * (0.7 + unit(rng));
    let has_failed = which == 7 && unit(rng) < 0.3;
    Row {
        allocator: name,
        version: Some("1.2.3".to_string()),
        is_stage: which < 3,
        is_preloaded: false,
        need: Some([Need::Arena, Need::Fixed, Need::Process, Need::Process][which % 4]),
        time: (!has_failed).then(|| time(&times)),
        times,
        baseline_ns: None,
        page_faults: None,
        footprint: Footprint {
            bytes: Some((60_000.0 * ratio) as usize),
            is_upper_bound: which == 5,
            internal: Some(0.08),
            external: Some(0.4),
        },
        footprint_ratio: Some(ratio),
        remarks: Remarks {
            broken: false,
            is_failure: false,
            notes: match has_failed {
                true => vec!["too slow: 1,000 of 3,000 operations in 0.4 s".to_string()],
                false => Vec::new(),
            },
            detail: Detail {
                latency: latency(typical),
                clock_grain: Some(12.0),
                memory: Some(memory(rng, ratio)),
                drain: Some(drain(which)),
                ..counted(typical, heap)
            },
        },
    }
}

fn counted(typical: f64, layout: HeapLog) -> Detail {
    let counts = Counts {
        instructions: Some(typical * 4.0),
        system_calls: Some(12),
        probes: Some(1.5),
        ..Counts::default()
    };
    Detail {
        counts: Some(counts),
        layout: Some(layout),
        ..Detail::default()
    }
}

fn unit(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(rng.next_u32()) / f64::from(u32::MAX)
}

fn time(times: &[f64]) -> Time {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    Time {
        median: sorted[sorted.len() / 2],
        min: sorted[0],
        max: sorted[sorted.len() - 1],
        n_runs: sorted.len(),
    }
}

fn latency(typical: f64) -> Vec<Latency> {
    let classes = [
        None,
        Some(64),
        Some(256),
        Some(1024),
        Some(4096),
        Some(65_536),
    ];
    let kinds = [Kind::Allocate, Kind::Resize, Kind::Free];
    let pairs = kinds
        .iter()
        .flat_map(|kind| classes.map(|class| (*kind, class)));
    pairs
        .map(|(kind, size_up_to)| Latency {
            kind,
            size_up_to,
            n: 1000,
            p50: typical,
            p90: typical * 1.5,
            p99: typical * 4.0,
            p99_9: typical * 11.0,
            p99_99: typical * 60.0,
            max: typical * 900.0,
        })
        .collect()
}

fn memory(rng: &mut ChaCha8Rng, ratio: f64) -> MemoryOverTime {
    let mut footprint = 0.0_f64;
    let moments = (0..=200).map(|index| {
        let phase = f64::from(index) / 200.0 * 3.0;
        let live = 60_000.0 * (0.3 + 0.7 * (phase * std::f64::consts::PI).sin().abs());
        footprint = footprint.max(live * (ratio + unit(rng) * 0.03));
        Moment {
            op: index as usize * N_OPS / 200,
            live: live as usize,
            footprint: footprint as usize,
            resident: Some((footprint as usize).next_multiple_of(4096)),
            waste: Some(Waste {
                header: (live * 0.05) as usize,
                padding: (live * 0.02 * unit(rng)) as usize,
                rounding: (live * 0.04) as usize,
                slack: (live * 0.03 * phase / 3.0) as usize,
            }),
            external: Some(1.0 - 1.0 / (1.0 + phase * ratio)),
        }
    });
    MemoryOverTime {
        moments: moments.collect(),
        f1: ratio * 1.4,
        f2: ratio,
        f3: ratio * 1.8,
        f4: ratio,
    }
}

fn drain(which: usize) -> Drain {
    let before = 400_000;
    Drain {
        before,
        at_once: before / (1 + which % 3),
        after_100ms: before / (1 + which % 4),
        after_1s: before / (1 + which % 5),
        after_5s: Some(before / (1 + which % 6)),
    }
}

/// A first fit that only keeps account, and what it did.
struct FirstFit {
    /// By slot, offset and size of a used block.
    live: Vec<Option<(usize, usize)>>,
    /// The same, by address.
    used: Vec<(usize, usize)>,
    len: usize,
    encoded: Vec<u8>,
    columns: Vec<Vec<(usize, usize)>>,
}

const ROWS: usize = 64;
const COLUMNS: usize = 256;

impl FirstFit {
    fn run(rng: &mut ChaCha8Rng, which: usize) -> Self {
        let mut heap = Self {
            live: vec![None; 300],
            used: Vec::new(),
            len: 0,
            encoded: Vec::new(),
            columns: Vec::new(),
        };
        for op in 0..N_OPS {
            heap.step(rng, which);
            if (op + 1) * COLUMNS / N_OPS > heap.columns.len() {
                heap.columns.push(heap.used.clone());
            }
        }
        heap
    }

    fn step(&mut self, rng: &mut ChaCha8Rng, which: usize) {
        let slot = rng.next_u32() as usize % self.live.len();
        if let Some(block) = self.live[slot].take() {
            let index = self.used.binary_search(&block).expect("it is used");
            self.used.remove(index);
            if unit(rng) < 0.8 {
                self.number(slot << 1 | 1);
                return;
            }
        }
        let size = 16 + (unit(rng).powi(4) * 2000.0) as usize + which * 8;
        let (index, offset) = self.hole(size);
        self.live[slot] = Some((offset, size));
        self.used.insert(index, (offset, size));
        self.len = self.len.max(offset + size);
        for number in [slot << 1, offset, size] {
            self.number(number);
        }
    }

    /// The lowest address at which `size` bytes are free, and how many blocks lie before it.
    fn hole(&self, size: usize) -> (usize, usize) {
        let mut end = 0;
        for (index, (offset, len)) in self.used.iter().enumerate() {
            if offset - end >= size {
                return (index, end);
            }
            end = offset + len;
        }
        (self.used.len(), end)
    }

    fn number(&mut self, mut number: usize) {
        while number > 127 {
            self.encoded.push((number & 127 | 128) as u8);
            number >>= 7;
        }
        self.encoded.push(number as u8);
    }

    /// The second allocator's heap is in two pieces.
    fn log(&self, which: usize) -> HeapLog {
        let mut offsets = self.used.iter().map(|(offset, _)| *offset);
        let middle = offsets.find(|offset| *offset >= self.len / 3);
        let second = middle.filter(|_| which == 1);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.encoded).unwrap();
        HeapLog {
            heap: self.len,
            ranges: [Some(0), second].into_iter().flatten().collect(),
            n_ops: N_OPS,
            heat: STANDARD.encode(self.heat()),
            rows: ROWS,
            columns: COLUMNS,
            log: STANDARD.encode(encoder.finish().unwrap()),
        }
    }

    fn heat(&self) -> Vec<u8> {
        let mut used = vec![0; ROWS * COLUMNS];
        let row_len = self.len.div_ceil(ROWS);
        for (column, blocks) in self.columns.iter().enumerate() {
            for &(offset, size) in blocks {
                let (mut from, end) = (offset, offset + size);
                while from < end {
                    let row = from / row_len;
                    let to = end.min((row + 1) * row_len);
                    used[row * COLUMNS + column] += to - from;
                    from = to;
                }
            }
        }
        let shade = |used: usize| (used * 255 / row_len) as u8;
        used.into_iter().map(shade).collect()
    }
}

/// Blocks and their bytes after the last operation, as a reader of the log should find them.
pub(crate) fn end_of(log: &HeapLog) -> (usize, usize) {
    let mut raw = Vec::new();
    let mut decoder = flate2::write::DeflateDecoder::new(&mut raw);
    decoder
        .write_all(&STANDARD.decode(&log.log).unwrap())
        .unwrap();
    decoder.finish().unwrap();
    let mut numbers = raw.into_iter();
    let mut live = std::collections::HashMap::new();
    while let Some(word) = number(&mut numbers) {
        match word & 1 {
            1 => live.remove(&(word >> 1)),
            _ => {
                number(&mut numbers).unwrap();
                live.insert(word >> 1, number(&mut numbers).unwrap())
            }
        };
    }
    (live.len(), live.values().sum())
}

fn number(bytes: &mut impl Iterator<Item = u8>) -> Option<usize> {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes.next()?;
        number |= usize::from(byte & 127) << shift;
        if byte < 128 {
            break;
        }
    }
    Some(number)
}
