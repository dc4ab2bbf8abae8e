//! The arms of a program: what it ran under, with its times and peaks.

use crate::metric::{self, Metric};
use crate::ratio::Ratio;
use crate::{Case, Measurement, Outcome, Results, Role, Subject};

/// A program that uses so much more CPU time than time on the wall has several threads.
const THREADED: f64 = 1.2;

/// A program under everything that it ran under.
pub(super) struct Arms<'a> {
    /// The C library's own malloc first.
    pub(super) each: Vec<Arm<'a>>,
    clock: Clock,
}

/// The program under one of them.
pub(super) struct Arm<'a> {
    pub(super) subject: &'a Subject,
    measurements: Vec<&'a Measurement>,
}

/// By what clock arms are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// CPU time, which others on the machine do not change as much.
    Cpu,
    /// The clock on the wall, since threads wait for each other.
    Wall,
}

impl Clock {
    /// The figure that it gives.
    fn metric(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wall => "wall",
        }
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU time",
            Self::Wall => "time on the wall",
        }
    }
}

impl<'a> Arms<'a> {
    /// Those of `case`; `None` if libc has no figure on it.
    pub(super) fn of(results: &'a Results, case: &Case) -> Option<Self> {
        let mut each: Vec<Arm<'_>> = Vec::new();
        for one in results
            .measurements
            .iter()
            .filter(|one| one.case.is_called_as(case))
        {
            match each
                .iter_mut()
                .find(|arm| arm.subject.name == one.subject.name)
            {
                Some(arm) => arm.measurements.push(one),
                None => each.push(Arm {
                    subject: &one.subject,
                    measurements: vec![one],
                }),
            }
        }
        let first = each.iter().position(|arm| arm.is_libc())?;
        each.swap(0, first);
        let libc = &each[0];
        let (cpu, wall) = (libc.median("cpu")?, libc.median("wall")?);
        let clock = if cpu > THREADED * wall {
            Clock::Wall
        } else {
            Clock::Cpu
        };
        Some(Self { each, clock })
    }

    /// libc as it comes.
    pub(super) fn libc(&self) -> &Arm<'a> {
        &self.each[0]
    }

    /// libc once more, if it was.
    pub(super) fn control(&self) -> Option<&Arm<'a>> {
        self.each
            .iter()
            .find(|arm| arm.subject.role == Role::Control)
    }

    /// By which clock they are compared.
    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    /// The time of one over that of another.
    pub(super) fn time(&self, new: &Arm<'_>, old: &Arm<'_>) -> Option<Ratio> {
        over(new, old, self.clock.metric())
    }

    /// The peak of one over that of another.
    pub(super) fn peak(&self, new: &Arm<'_>, old: &Arm<'_>) -> Option<Ratio> {
        over(new, old, "peak_rss")
    }

    /// Time and peak of one over those of another, multiplied.
    pub(super) fn cost(&self, new: &Arm<'_>, old: &Arm<'_>) -> Option<Ratio> {
        Some(self.time(new, old)?.times(self.peak(new, old)?))
    }
}

impl Arm<'_> {
    fn is_libc(&self) -> bool {
        self.subject.role == Role::Baseline && self.subject.setting.is_empty()
    }

    fn outcome(&self, metric: &str) -> Option<&Outcome> {
        let mut each = self.measurements.iter();
        each.find(|one| one.metric == metric)
            .map(|one| &one.outcome)
    }

    /// The median of a figure.
    pub(super) fn median(&self, metric: &str) -> Option<f64> {
        self.outcome(metric)?.median()
    }

    /// How often it ran to its end.
    pub(super) fn n_runs(&self) -> usize {
        self.outcome("cpu")
            .map_or(0, |outcome| outcome.samples().len())
    }

    /// Why it has no figures; empty if it has.
    pub(super) fn why(&self) -> &str {
        self.outcome("cpu").map_or("", Outcome::why)
    }
}

fn over(new: &Arm<'_>, old: &Arm<'_>, metric: &str) -> Option<Ratio> {
    let known: &Metric = metric::find(metric).ok()?;
    let (new, old) = (new.outcome(metric)?, old.outcome(metric)?);
    Ratio::of(new.samples(), old.samples(), known)
}
