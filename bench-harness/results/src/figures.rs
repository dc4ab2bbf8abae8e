//! Figures in full: a line for each case and figure with a column for each subject, or a line for each subject with
//! a column for each figure.

use crate::grid::figure;
use crate::group::{cases, groups, subjects};
use crate::metric::{self, Metric, Policy};
use crate::units::three_digits;
use crate::{Case, Measurement, Outcome, Subject};

/// A line for each figure of each case, a column for each subject; the header first. Where all is of one case, the case
/// is not in the lines.
pub fn by_case(measurements: &[Measurement]) -> Vec<Vec<String>> {
    let names: Vec<&str> = subjects(measurements)
        .iter()
        .map(|subject| subject.name.as_str())
        .collect();
    let has_cases = cases(measurements).len() > 1;
    let mut header: Vec<String> = Vec::new();
    header.extend(has_cases.then(|| "case".to_string()));
    header.push("figure".to_string());
    header.extend(names.iter().map(ToString::to_string));
    let mut lines = vec![header];
    for group in groups(measurements) {
        let mut line: Vec<String> = Vec::new();
        line.extend(has_cases.then(|| group.case.to_string()));
        line.push(title(group.metric));
        let mut each = std::collections::HashMap::new();
        for one in &group.each {
            each.entry(one.subject.name.as_str()).or_insert(one);
        }
        line.extend(names.iter().map(|name| match each.get(name) {
            None => figure(None, three_digits),
            Some(one) => cell(one),
        }));
        lines.push(line);
    }
    lines
}

/// A line for each subject on each case, a column for each of `metrics`, and one that says why there is no figure;
/// the header first, and the case as in [`by_case`].
pub fn by_subject(measurements: &[Measurement], metrics: &[&str]) -> Vec<Vec<String>> {
    let has_cases = cases(measurements).len() > 1;
    let mut header: Vec<String> = Vec::new();
    header.extend(has_cases.then(|| "case".to_string()));
    header.push("allocator".to_string());
    header.extend(metrics.iter().map(|name| title(name)));
    header.push("notes".to_string());
    let mut rows: Vec<(&Case, &Subject, Vec<String>, &str)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for one in measurements {
        let (case, name) = (&one.case, one.subject.name.as_str());
        let key = (case.suite, case.name.as_str(), &case.params, name);
        let place = *places.entry(key).or_insert(rows.len());
        if place == rows.len() {
            let none = vec![figure(None, three_digits); metrics.len()];
            rows.push((case, &one.subject, none, ""));
        }
        let Some(column) = metrics.iter().position(|metric| *metric == one.metric) else {
            continue;
        };
        let (_, _, cells, why) = &mut rows[place];
        if let (Some(median), Ok(metric)) = (one.outcome.median(), metric::find(&one.metric)) {
            cells[column] = metric.cell(median) + &spread(metric, one.outcome.samples());
        } else if why.is_empty() {
            *why = one.outcome.why();
        }
    }
    let line = |(case, subject, cells, why): (&Case, &Subject, Vec<String>, &str)| {
        let mut line: Vec<String> = Vec::new();
        line.extend(has_cases.then(|| case.to_string()));
        line.push(subject.name.clone());
        line.extend(cells);
        line.push(why.to_string());
        line
    };
    let lines = rows.into_iter().map(line);
    std::iter::once(header).chain(lines).collect()
}

/// From the least to the most of what differs from process to process.
fn spread(metric: &Metric, samples: &[f64]) -> String {
    let end = |pick: fn(f64, f64) -> f64| samples.iter().copied().reduce(pick);
    match (end(f64::min), end(f64::max)) {
        (Some(least), Some(most)) if samples.len() > 1 && metric.policy == Policy::Noisy => {
            format!(" ({} – {})", metric.cell(least), metric.cell(most))
        }
        _ => String::new(),
    }
}

/// The name of a figure above cells that do not say their unit.
fn title(name: &str) -> String {
    match metric::find(name).map(|metric| metric.sign()) {
        Ok("ns") => format!("{name}, ns"),
        _ => name.to_string(),
    }
}

/// The median, or in a word why there is none.
fn cell(one: &Measurement) -> String {
    let text =
        |value| metric::find(&one.metric).map_or_else(|_| three_digits(value), |of| of.cell(value));
    match &one.outcome {
        Outcome::Failed(_) => "failed".to_string(),
        Outcome::NotApplicable(why) => first_words(why).to_string(),
        outcome => figure(outcome.median(), text),
    }
}

/// The beginning of a reason, as long as it says one thing.
pub(crate) fn first_words(why: &str) -> &str {
    let end = why.find([':', '(']).or(why.find(" after"));
    why[..end.unwrap_or(why.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{figure, time};

    fn measured() -> Vec<Measurement> {
        let mut gone = time("talc", "b", &[]);
        gone.outcome = Outcome::Failed("crashed".to_string());
        let mut held = figure("grown", "talc", "b", &[]);
        held.outcome = Outcome::NotApplicable("0.50: it held memory before".to_string());
        vec![
            time("libc", "a", &[3.0]),
            time("talc", "a", &[30.0]),
            gone,
            figure("grown", "libc", "b", &[1024.0]),
            held,
        ]
    }

    #[test]
    fn a_case_has_a_line_for_each_figure_and_says_what_failed() {
        let lines = by_case(&measured());
        assert_eq!(lines[0], ["case", "figure", "libc", "talc"]);
        assert_eq!(lines[1], ["a", "time, ns", "3.00", "30.0"]);
        assert_eq!(lines[2], ["b", "time, ns", "–", "failed"]);
        assert_eq!(lines[3], ["b", "grown", "1,024 KiB", "0.50"]);
        assert_eq!(by_case(&measured()[..2])[1], ["time, ns", "3.00", "30.0"]);
    }

    #[test]
    fn a_subject_has_a_column_for_each_figure_and_the_case_if_there_are_several() {
        let lines = by_subject(&measured(), &["time", "grown"]);
        assert_eq!(
            lines[0],
            ["case", "allocator", "time, ns", "grown", "notes"]
        );
        assert_eq!(lines[1], ["a", "libc", "3.00", "–", ""]);
        assert_eq!(lines[3], ["b", "talc", "–", "–", "crashed"]);
        let one = by_subject(&measured()[..2], &["time"]);
        assert_eq!(one[2], ["talc", "30.0", ""]);
        let often = by_subject(&[time("libc", "a", &[3.0, 1.0, 2.0])], &["time"]);
        assert_eq!(often[1], ["libc", "2.00 (1.00 – 3.00)", ""]);
    }
}
