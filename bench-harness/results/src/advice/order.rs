//! Whether a program does what the replay of its trace foretold.

use super::words::list;
use crate::metric;
use crate::ratio::Ratio;
use crate::{Case, Outcome, Results, Role};

/// Says whether the subjects that replayed `trace` and that `program` ran under come in the same order, as far as
/// both can tell them apart; empty if there are not two such subjects.
pub fn agreement(results: &Results, trace: &Case, program: &Case) -> String {
    let names = names(results, trace, program);
    let mut apart = 0;
    let mut against = Vec::new();
    for (index, one) in names.iter().enumerate() {
        for other in &names[..index] {
            let foretold = order(results, trace, one, other, ["time", "resident"]);
            let found = order(results, program, one, other, ["cpu", "peak_rss"]);
            let (Some(foretold), Some(found)) = (foretold, found) else {
                continue;
            };
            apart += 1;
            if foretold != found {
                let (better, worse) = if found { (one, other) } else { (other, one) };
                against.push(format!("{better} before {worse}"));
            }
        }
    }
    let against: Vec<&str> = against.iter().map(String::as_str).collect();
    match (names.len(), apart) {
        (0 | 1, _) => String::new(),
        (n, 0) => format!("Replay and program tell no two of {n} apart.\n"),
        (n, pairs) if against.is_empty() => format!(
            "The replay foretold the order of the program's own runs: of {n} allocators, {pairs} pairs are apart \
             in both, all the same way round.\n"
        ),
        (_, pairs) => format!(
            "The program does not do what the replay of its trace foretold, in {} of {pairs} pairs: it has {}. \
             Believe the program.\n",
            against.len(),
            list(&against)
        ),
    }
}

/// The subjects with a time on both, without the control, which is libc once more.
fn names<'a>(results: &'a Results, trace: &Case, program: &Case) -> Vec<&'a str> {
    let on = |case: &Case, metric: &str| -> Vec<&'a str> {
        let each = results.measurements.iter();
        let of_case = each.filter(|one| one.case.is_called_as(case) && one.metric == metric);
        let has_figure = of_case
            .filter(|one| one.subject.role != Role::Control && !one.outcome.samples().is_empty());
        has_figure.map(|one| one.subject.name.as_str()).collect()
    };
    let ran = on(program, "cpu");
    let replayed = on(trace, "time").into_iter();
    replayed.filter(|name| ran.contains(name)).collect()
}

/// Whether `one` is better than `other` in the product of `metrics`; `None` within noise.
fn order(
    results: &Results,
    case: &Case,
    one: &str,
    other: &str,
    metrics: [&str; 2],
) -> Option<bool> {
    let outcome = |name: &str, metric: &str| -> Option<&Outcome> {
        let mut each = results.measurements.iter();
        let found = each.find(|found| {
            found.subject.name == name && found.metric == metric && found.case.is_called_as(case)
        });
        found.map(|found| &found.outcome)
    };
    let over = |metric: &str| {
        let (one, other) = (outcome(one, metric)?, outcome(other, metric)?);
        let known = metric::find(metric).ok()?;
        let ratio = Ratio::of(one.samples(), other.samples(), known)?;
        // A figure that is found once has the precision of the search for it.
        let exact = Ratio {
            interval: ratio.interval.or(known.interval(ratio.value)),
            ..ratio
        };
        Some(exact)
    };
    let [time, memory] = metrics;
    let cost = over(time)?.times(over(memory)?);
    match (cost.is_less(), cost.is_more()) {
        (false, false) => None,
        (is_less, _) => Some(is_less),
    }
}
