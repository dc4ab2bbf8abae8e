//! Results made up for tests.

use crate::{
    Case, Environment, Family, Linkage, Machine, Measurement, Outcome, Results, Role, Subject,
    Suite,
};

/// A run on no machine.
pub(crate) fn environment() -> Environment {
    let word = || "x".to_string();
    Environment {
        schema: crate::lines::SCHEMA,
        run: 0,
        id: 1,
        command: "cargo xtask bench".to_string(),
        machine: Machine {
            cpu: word(),
            n_cpus: 2,
            kernel: word(),
            huge_pages: word(),
            libc: word(),
            rustc: word(),
            profile: word(),
        },
        versions: Vec::new(),
        builds: Default::default(),
        seed: 1,
        reps: 5,
        contest: None,
        seconds: Some(1.0),
    }
}

/// One run with these measurements.
pub(crate) fn results(measurements: Vec<Measurement>) -> Results {
    Results {
        runs: vec![environment()],
        measurements,
        ..Results::default()
    }
}

/// A figure of an allocator on a trace: `coalescing` and what begins with `stage` are stages, `libc` is the
/// baseline.
pub(crate) fn figure(metric: &str, name: &str, case: &str, samples: &[f64]) -> Measurement {
    let role = match name {
        "libc" => Role::Baseline,
        name if name.starts_with("stage") => Role::Stage,
        _ => Role::Peer,
    };
    let mut case = Case::new(Suite::Trace, case);
    (case.fingerprint, case.n_ops) = (Some(1), Some(1000));
    Measurement {
        run: 0,
        subject: Subject::new(name, role, Family::Process, Linkage::Linked).into(),
        case: case.into(),
        metric: metric.to_string(),
        outcome: Outcome::Samples(samples.to_vec()),
    }
}

/// Times of an allocator on a trace.
pub(crate) fn time(name: &str, case: &str, samples: &[f64]) -> Measurement {
    figure("time", name, case, samples)
}
