//! The answer in words.

use super::Figures;
use super::contenders::{Contender, Contenders};
use super::ranking::Ranking;
use crate::allocators::{self, BASELINE, Category, Need};
use crate::report::units::{nanos, thousands, three_digits};
use bench_results::advice::words::{list, with_interval};

/// A recording of fewer operations says little about the program.
const FEW_OPS: usize = 10_000;

/// Of a time whose interval ends at more than this many times its beginning, nobody knows what it is.
const MOST_NOISE: f64 = 4.0;

/// An arena that needs more than this over the peak of live bytes would have needed to reuse memory.
const REUSE_MATTERS: f64 = 1.1;

/// The sentence for these contenders.
pub(super) fn of(contenders: &Contenders<'_>, ranking: &Ranking<'_>) -> String {
    let mut clauses = vec![match ranking.pick {
        Some(pick) => picked(contenders, ranking, pick),
        None => "no allocator completed the work; --time-limit gives them more time".to_string(),
    }];
    if let Some(faster) = ranking.faster {
        clauses.push(format!(
            "faster with more memory: {}",
            brief(contenders, faster)
        ));
    }
    if let Some(faster) = ranking.perhaps_faster {
        clauses.push(format!(
            "faster with more memory in most runs, but not beyond noise: {}",
            brief(contenders, faster)
        ));
    }
    if let Some(smaller) = ranking.smaller {
        clauses.push(format!(
            "slower with less memory: {}",
            brief(contenders, smaller)
        ));
    }
    if !contenders.left_out.is_empty() && ranking.pick.is_some() {
        clauses.push(format!(
            "{} did not complete all of it",
            list(&contenders.left_out)
        ));
    }
    clauses.extend(doubts(contenders, ranking));
    format!("{}: {}.", subject(contenders), clauses.join("; "))
}

/// What the allocator is for, and how many workloads the figures are of.
fn subject(contenders: &Contenders<'_>) -> String {
    let n = contenders.workloads.len();
    let whose = if contenders.n_all == 1 { "this" } else { "a" };
    let need = match contenders.need {
        Need::Process => format!("As {whose} program's malloc"),
        Need::Fixed if is_threaded(contenders) => "For a fixed heap behind a lock".to_string(),
        Need::Fixed => "For a fixed heap".to_string(),
        Need::Arena => "For an arena".to_string(),
    };
    match contenders.n_all {
        1 => need,
        all if all == n => format!("{need}, over {n} workloads"),
        all => format!("{need}, over {n} of {all} workloads"),
    }
}

fn picked(contenders: &Contenders<'_>, ranking: &Ranking<'_>, pick: &Contender<'_>) -> String {
    let near: Vec<&str> = ranking.too_close.iter().map(|near| near.name).collect();
    let is_close = match near.len() {
        0 => String::new(),
        1 => format!("; {} is too close to tell", near[0]),
        _ => format!("; {} are too close to tell", list(&near)),
    };
    if contenders.need == Need::Process && pick.name == BASELINE {
        return format!(
            "keep libc, which nothing beats beyond noise in time times memory{is_close}"
        );
    }
    let figures = contenders.figures(pick);
    let interval = figures.time.and_then(|time| time.interval);
    let doubt = match interval.is_some_and(|of| of.high > MOST_NOISE * of.low) {
        true => "the runs differ too much to tell; in the median, ",
        false => "",
    };
    format!("{doubt}{}{is_close}", full(contenders, &figures))
}

/// An allocator with its figures, each with what it is of.
fn full(contenders: &Contenders<'_>, figures: &Figures) -> String {
    let name = &figures.allocator;
    let clock = if is_threaded(contenders) {
        "wall-clock time"
    } else {
        "time"
    };
    let time = match figures.time {
        Some(time) => format!("{} of libc's {clock}", with_interval(time)),
        None => format!("{} ns a call", nanos(figures.ns)),
    };
    let peaks = peaks(figures);
    match (contenders.need, figures.resident) {
        (Need::Process, Some(resident)) => format!(
            "{name}, {time} at {} of its resident memory",
            three_digits(resident.value)
        ),
        (Need::Process, None) => format!("{name}, {time}, resident memory {peaks}"),
        (Need::Fixed, _) => format!("{name}, {time} in a heap of {peaks}"),
        (Need::Arena, _) if figures.footprint_ratio > REUSE_MATTERS => {
            format!(
                "{name}, {time}; an arena reuses nothing until all is freed, so it needs {peaks}"
            )
        }
        (Need::Arena, _) => format!("{name}, {time} in {peaks}"),
    }
}

/// An allocator with its figures, for a reader who knows what they are of.
fn brief(contenders: &Contenders<'_>, contender: &Contender<'_>) -> String {
    let figures = contenders.figures(contender);
    let memory = match figures.resident {
        Some(resident) => three_digits(resident.value),
        None => format!(
            "{}{}",
            at_most(&figures),
            three_digits(figures.footprint_ratio)
        ),
    };
    let time = match figures.time {
        Some(time) => with_interval(time),
        None => format!("{} ns", nanos(figures.ns)),
    };
    format!("{}, {time} at {memory}", figures.allocator)
}

fn peaks(figures: &Figures) -> String {
    let times = three_digits(figures.footprint_ratio);
    format!("{}{times} times the peak of live bytes", at_most(figures))
}

fn at_most(figures: &Figures) -> &'static str {
    if figures.is_upper_bound {
        "at most "
    } else {
        ""
    }
}

/// What keeps the answer from being sure or complete.
fn doubts(contenders: &Contenders<'_>, ranking: &Ranking<'_>) -> Vec<String> {
    let mut doubts = Vec::new();
    if ranking.has_few_times {
        doubts.push("too few repetitions to know the noise (--reps 5)".to_string());
    }
    let n_ops = contenders.n_ops();
    if n_ops < FEW_OPS && ranking.pick.is_some() {
        doubts.push(format!(
            "only {} calls: a longer recording would be surer",
            thousands(n_ops)
        ));
    }
    if contenders.need != Need::Process {
        return doubts;
    }
    if contenders.libc.is_none() && !contenders.left_out.contains(&BASELINE) {
        doubts.push("libc was not measured (--stage libc …)".to_string());
    }
    if !has_peer_in_c(contenders) {
        doubts.push("mimalloc, jemalloc and snmalloc were not measured (--peers all)".to_string());
    }
    doubts
}

/// Whether an allocator in C beside libc, or one that is preloaded, is among the contenders.
fn has_peer_in_c(contenders: &Contenders<'_>) -> bool {
    let ranked = contenders.ranked.iter().map(|contender| contender.name);
    let mut names = ranked.chain(contenders.left_out.iter().copied());
    names.any(|name| allocators::find(name).is_none_or(|entry| entry.category == Category::CGlobal))
}

fn is_threaded(contenders: &Contenders<'_>) -> bool {
    let mut workloads = contenders.workloads.iter();
    !contenders.workloads.is_empty() && workloads.all(|workload| workload.facts.is_threaded)
}
