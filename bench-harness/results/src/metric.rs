//! The figures: what each is called, counts and tells apart. A new one is one entry.

use anyhow::{Result, bail};

use crate::stats::Interval;
use crate::units::{bytes, percent, thousands, three_digits};

/// What is known of a figure.
#[derive(Debug, PartialEq)]
pub struct Metric {
    /// Its name in records, gates and options. One that ends in a dot stands for all that begin so.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Which figure is better.
    pub better: Better,
    /// How two of them are told apart.
    pub policy: Policy,
    /// The part of a figure that is uncertain, beside what its samples show.
    pub tolerance: f64,
    /// What is uncertain of any figure, in its unit.
    pub grain: f64,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of an operation.
    Nanoseconds,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// 2¹⁰ bytes.
    Kibibytes,
    /// 2²⁰ bytes.
    Mebibytes,
    /// A part of one.
    Share,
    /// Of a thousand.
    PerThousand,
    /// A number of anything.
    Count,
}

/// Which figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lesser.
    Less,
    /// The greater.
    More,
}

/// How two figures are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// By the interval of several samples: one alone says nothing.
    Noisy,
    /// By tolerance and grain, and by the interval where there are several samples.
    Exact,
    /// Not at all: it is shown, or its samples are moments of one run.
    Shown,
}

use Better::{Less, More};
use Policy::{Exact, Noisy, Shown};
use Unit::{Bytes, Count, Kibibytes, Mebibytes, Nanoseconds, PerThousand, Seconds, Share};

/// Resident memory comes in pages, and two runs of one allocator differ by four.
const PAGES: f64 = 4.0 * 4096.0;

/// All of them.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    metric("time", Nanoseconds, Less, Noisy, 0.0, 0.0),
    metric("footprint", Bytes, Less, Exact, 0.001, 0.0),
    metric("footprint_ratio", Count, Less, Shown, 0.0, 0.0),
    metric("resident", Bytes, Less, Exact, 0.001, PAGES),
    metric("internal", Share, Less, Shown, 0.0, 0.0),
    metric("external", Share, Less, Shown, 0.0, 0.0),
    metric("page_faults", Count, Less, Shown, 0.0, 0.0),
    metric("latency.", Nanoseconds, Less, Noisy, 0.0, 0.0),
    metric("resident.moments", Bytes, Less, Shown, 0.0, 0.0),
    metric("memory.", Count, Less, Shown, 0.0, 0.0),
    metric("waste.", Bytes, Less, Shown, 0.0, 0.0),
    metric("drain.", Bytes, Less, Exact, 0.05, PAGES),
    metric("drain.returned", Bytes, More, Shown, 0.0, 0.0),
    metric("drain.freed", Bytes, More, Shown, 0.0, 0.0),
    metric("instructions", Count, Less, Exact, 0.002, 0.0),
    metric("branches", Count, Less, Exact, 0.002, 0.0),
    metric("system_calls", Count, Less, Exact, 0.01, 2.0),
    metric("probes", Count, Less, Exact, 0.001, 0.0),
    metric("splits", Count, Less, Exact, 0.001, 0.0),
    metric("merges", Count, Less, Exact, 0.001, 0.0),
    metric("left", Mebibytes, Less, Exact, 0.02, 0.5),
    metric("grown", Kibibytes, Less, Exact, 0.01, 16.0),
    metric("block", Bytes, Less, Exact, 0.002, 0.0),
    metric("failed", PerThousand, Less, Exact, 0.0, 0.0),
    metric("filled", Share, More, Exact, 0.0, 0.0005),
    metric("filled.least", Share, More, Shown, 0.0, 0.0),
    metric("filled.most", Share, More, Shown, 0.0, 0.0),
    metric("needed", Count, Less, Exact, 0.001, 0.0),
    metric("header", Bytes, Less, Shown, 0.0, 0.0),
    metric("wall", Seconds, Less, Noisy, 0.0, 0.0),
    metric("cpu", Seconds, Less, Noisy, 0.0, 0.0),
    metric("peak_rss", Bytes, Less, Exact, 0.001, PAGES),
    metric("faults", Count, Less, Shown, 0.0, 0.0),
    metric("faults.major", Count, Less, Shown, 0.0, 0.0),
    metric("allocations", Count, Less, Exact, 0.0, 0.0),
    metric("resizes", Count, Less, Exact, 0.0, 0.0),
    metric("allocated", Bytes, Less, Exact, 0.0, 0.0),
    metric("peak_live", Bytes, Less, Exact, 0.0, 0.0),
    metric("fragmentation", Count, Less, Exact, 0.005, 0.0),
];

const fn metric(
    name: &'static str,
    unit: Unit,
    better: Better,
    policy: Policy,
    tolerance: f64,
    grain: f64,
) -> Metric {
    Metric {
        name,
        unit,
        better,
        policy,
        tolerance,
        grain,
    }
}

/// The figure called `name`.
///
/// # Errors
///
/// There is none; the message has all that there are.
pub fn find(name: &str) -> Result<&'static Metric> {
    let is_whole = |metric: &&Metric| metric.name == name;
    let is_of = |metric: &&Metric| metric.name.ends_with('.') && name.starts_with(metric.name);
    let found = METRICS.iter().find(is_whole);
    if let Some(metric) = found.or_else(|| METRICS.iter().find(is_of)) {
        return Ok(metric);
    }
    let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    bail!(
        "there is no metric `{name}`; there are {}",
        names.join(", ")
    )
}

impl Metric {
    /// What is uncertain of `figure`, as a part of it.
    pub fn doubt(&self, figure: f64) -> f64 {
        match self.grain {
            0.0 => self.tolerance,
            grain => self.tolerance + grain / figure.abs().max(f64::MIN_POSITIVE),
        }
    }

    /// Where the true ratio of two figures lies that were each found once; `None` if that says nothing of them.
    pub fn interval(&self, ratio: f64) -> Option<Interval> {
        let doubt = 2.0 * self.tolerance;
        let interval = Interval {
            low: ratio * (1.0 - doubt),
            high: ratio * (1.0 + doubt),
        };
        (self.policy == Exact).then_some(interval)
    }

    /// A figure with its unit.
    pub fn text(&self, figure: f64) -> String {
        match self.unit {
            Nanoseconds => format!("{} ns", three_digits(figure)),
            Seconds => format!("{figure:.3} s"),
            Bytes if figure >= 0.0 => bytes(figure.round() as usize),
            Bytes => format!("{figure:.0} B"),
            Kibibytes => format!("{} KiB", three_digits(figure)),
            Mebibytes => format!("{} MiB", three_digits(figure)),
            Share => percent(figure),
            PerThousand => format!("{} ‰", three_digits(figure)),
            Count if figure >= 1000.0 => thousands(figure.round() as usize),
            Count => three_digits(figure),
        }
    }

    /// A figure in a table: of times, the column says the unit. A share has a digit more than in a sentence, since the
    /// best heaps differ by less than a tenth of a per cent.
    pub fn cell(&self, figure: f64) -> String {
        match self.unit {
            Nanoseconds => three_digits(figure),
            Seconds if figure < 1.0 => format!("{} ms", three_digits(figure * 1e3)),
            Bytes if (0.0..1024.0).contains(&figure) => format!("{} B", three_digits(figure)),
            Share => format!("{:.2} %", figure * 100.0),
            _ => self.text(figure),
        }
    }

    /// The unit's sign, for values without it.
    pub fn sign(&self) -> &'static str {
        match self.unit {
            Nanoseconds => "ns",
            Seconds => "s",
            Bytes => "B",
            Kibibytes => "KiB",
            Mebibytes => "MiB",
            Share => "share",
            PerThousand => "per thousand",
            Count => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_its_name_or_by_its_beginning() {
        assert_eq!(find("time").unwrap().unit, Nanoseconds);
        assert_eq!(find("latency.free.p99").unwrap().name, "latency.");
        assert_eq!(find("drain.returned").unwrap().better, More);
        let error = find("tmie").unwrap_err().to_string();
        assert!(
            error.contains("`tmie`") && error.contains("time"),
            "{error}"
        );
    }

    #[test]
    fn a_figure_reads_well_in_its_unit() {
        let text = |name, figure| find(name).unwrap().text(figure);
        assert_eq!(text("time", 4.237), "4.24 ns");
        assert_eq!(text("resident", 8192.0), "8.00 KiB");
        assert_eq!(text("filled", 0.913), "91.3 %");
        assert_eq!(text("faults", 12_345.0), "12,345");
    }

    #[test]
    fn a_page_more_is_a_doubt_of_a_small_figure_and_none_of_a_large_one() {
        let metric = find("resident").unwrap();
        assert!(metric.doubt(100_000.0) > 0.1);
        assert!(metric.doubt(1e9) < 0.0011);
        assert_eq!(find("time").unwrap().doubt(0.0), 0.0);
    }
}
