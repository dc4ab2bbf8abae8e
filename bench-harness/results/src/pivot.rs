//! Figures by subject and case: a line for each subject, a column for each case.

use std::collections::HashMap;

use crate::figures::first_words;
use crate::grid::figure;
use crate::group::{Cases, Subjects};
use crate::stats::geometric;
use crate::units::{ratio, three_digits};
use crate::{Case, Measurement, Outcome, Role, Subject};

/// A table without its looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Pivot<'a> {
    /// What each column is called.
    pub header: Vec<String>,
    /// The cells of each subject, its name first.
    pub lines: Vec<Vec<String>>,
    subjects: Vec<&'a Subject>,
    cases: Vec<&'a Case>,
    /// By figure, and in it by the numbers of case and subject.
    outcomes: HashMap<&'a str, Vec<Vec<Option<&'a Outcome>>>>,
}

impl<'a> Pivot<'a> {
    /// The figures called `metrics` of all `measurements`, in the order in which these name subjects and cases;
    /// `corner` stands above the subjects.
    pub fn new(corner: &str, measurements: &'a [Measurement], metrics: &[&str]) -> Self {
        let (mut subjects, mut cases) = (Subjects::new(), Cases::new());
        let mut outcomes: HashMap<&str, Vec<Vec<Option<&Outcome>>>> = HashMap::new();
        for one in measurements {
            let on_cases = outcomes.entry(&one.metric).or_default();
            let on_case = at(on_cases, cases.of(one));
            at(on_case, subjects.of(one)).get_or_insert(&one.outcome);
        }
        let mut pivot = Self {
            header: vec![corner.to_string()],
            lines: Vec::new(),
            subjects: subjects.into_each(),
            cases: cases.into_each(),
            outcomes,
        };
        let labels = pivot.labels();
        pivot.header.extend(labels);
        let line = |(subject, known): (usize, &&Subject)| {
            let cells = (0..pivot.cases.len()).map(|case| pivot.cell(subject, case, metrics));
            std::iter::once(known.name.clone()).chain(cells).collect()
        };
        pivot.lines = pivot.subjects.iter().enumerate().map(line).collect();
        pivot
    }

    /// The same with three columns more: on how many cases there is a figure, and what it is over that of the
    /// best peer, on average and at worst.
    pub fn beside_best_peer(mut self, metric: &str) -> Self {
        let titles = ["completes", "/ best peer", "worst"];
        self.header.extend(titles.map(str::to_string));
        let is_peer = |subject: &usize| self.subjects[*subject].role == Role::Peer;
        let peers: Vec<usize> = (0..self.subjects.len()).filter(is_peer).collect();
        let best = |case: usize| {
            let figures = peers.iter();
            let figures = figures.filter_map(|peer| self.median(*peer, case, metric));
            figures.reduce(f64::min)
        };
        let best: Vec<Option<f64>> = (0..self.cases.len()).map(best).collect();
        let summary = |subject| self.summary(subject, metric, &best);
        let summaries: Vec<[String; 3]> = (0..self.subjects.len()).map(summary).collect();
        for (line, summary) in self.lines.iter_mut().zip(summaries) {
            line.extend(summary);
        }
        self
    }

    /// The three columns for `subject`, with the `best` peer's figure on each case.
    fn summary(&self, subject: usize, metric: &str, best: &[Option<f64>]) -> [String; 3] {
        let figures = best.iter().enumerate();
        let figures =
            figures.filter_map(|(case, best)| Some((self.median(subject, case, metric)?, *best)));
        let figures: Vec<(f64, Option<f64>)> = figures.collect();
        let over = figures
            .iter()
            .filter_map(|(own, best)| Some(own / (*best)?));
        let over: Vec<f64> = over.collect();
        let worst = over.iter().copied().reduce(f64::max);
        [
            format!("{} of {}", figures.len(), self.cases.len()),
            figure(geometric(&over), ratio),
            figure(worst, ratio),
        ]
    }

    fn median(&self, subject: usize, case: usize, metric: &str) -> Option<f64> {
        self.find(subject, case, metric)?.median()
    }

    /// What tells each case from the others: its name, unless all have it, and parameters that differ.
    fn labels(&self) -> Vec<String> {
        let Some(first) = self.cases.first() else {
            return Vec::new();
        };
        let all = |is_same: &dyn Fn(&Case) -> bool| self.cases.iter().all(|case| is_same(case));
        let has_name = !all(&|case| case.name == first.name) || self.cases.len() == 1;
        let is_shared =
            |(name, value): &(&String, &String)| all(&|case| case.params.get(*name) == Some(value));
        let shared: Vec<&String> = first
            .params
            .iter()
            .filter(is_shared)
            .map(|(name, _)| name)
            .collect();
        let label = |case: &&Case| {
            let params = case.params.iter();
            let params = params.filter(|(name, _)| !shared.contains(name));
            let name = has_name.then(|| case.name.clone());
            let words = name
                .into_iter()
                .chain(params.map(|(_, value)| value.clone()));
            words.collect::<Vec<_>>().join(" ")
        };
        self.cases.iter().map(label).collect()
    }

    /// The figures, or in a word why there are none.
    fn cell(&self, subject: usize, case: usize, metrics: &[&str]) -> String {
        let outcomes = metrics
            .iter()
            .map(|metric| self.find(subject, case, metric));
        let outcomes: Vec<Option<&Outcome>> = outcomes.collect();
        let has_figure =
            |outcome: &Option<&Outcome>| outcome.is_some_and(|outcome| outcome.median().is_some());
        let why = outcomes.iter().flatten().map(|outcome| outcome.why());
        let why = why.reduce(|one, other| if one.is_empty() { other } else { one });
        if !outcomes.iter().any(has_figure)
            && let Some(why) = why.filter(|why| !why.is_empty())
        {
            return first_words(why).to_string();
        }
        // What is left beside a loop may be nothing, and a little less.
        let text = |value: f64| three_digits(value.abs());
        let figures = outcomes
            .iter()
            .map(|outcome| figure(outcome.and_then(Outcome::median), text));
        figures.collect::<Vec<_>>().join(" · ")
    }

    fn find(&self, subject: usize, case: usize, metric: &str) -> Option<&Outcome> {
        *self.outcomes.get(metric)?.get(case)?.get(subject)?
    }
}

/// The element at `index` of a list that is made long enough for it.
fn at<T: Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize_with(index + 1, T::default);
    }
    &mut list[index]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{figure, time};

    #[test]
    fn a_subject_is_a_line_and_is_compared_with_the_best_peer_that_completes() {
        let mut fails = time("fast", "a", &[]);
        fails.outcome = Outcome::Stopped("out of memory after 50.0 %".to_string());
        let measured = [
            time("stage", "a", &[6.0]),
            time("stage-2", "a", &[1.0]),
            time("talc", "a", &[4.0]),
            time("slow", "a", &[8.0]),
            fails,
        ];
        let pivot = Pivot::new("ns/op", &measured, &["time"]).beside_best_peer("time");
        assert_eq!(
            pivot.header,
            ["ns/op", "a", "completes", "/ best peer", "worst"]
        );
        assert_eq!(
            pivot.lines[0],
            ["stage", "6.00", "1 of 1", "1.500", "1.500"]
        );
        assert_eq!(
            pivot.lines[4],
            ["fast", "out of memory", "0 of 1", "–", "–"]
        );
    }

    #[test]
    fn a_column_is_called_by_what_tells_it_from_the_others() {
        let on = |name: &str, heap: &str, block: &str| {
            let mut one = time("stage", name, &[1.0]);
            let case = Arc::unwrap_or_clone(one.case);
            one.case = case.with("heap", heap).with("block", block).into();
            one
        };
        let header = |measured: &[Measurement]| Pivot::new("", measured, &["time"]).header;
        assert_eq!(
            header(&[on("a", "2", "8"), on("b", "2", "8")]),
            ["", "a", "b"]
        );
        assert_eq!(
            header(&[on("a", "2", "8"), on("a", "2", "16")]),
            ["", "8", "16"]
        );
    }

    #[test]
    fn several_figures_share_a_cell() {
        let measured = [
            time("stage", "a", &[1.0]),
            figure("branches", "stage", "a", &[-0.0]),
        ];
        let pivot = Pivot::new("", &measured, &["instructions", "branches", "time"]);
        assert_eq!(pivot.lines[0][1], "– · 0.00 · 1.00");
    }
}
