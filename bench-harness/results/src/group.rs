//! Measurements by case and figure: what every view folds over.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::{Case, Measurement, Subject, Suite};

/// One figure of all subjects on one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// The case.
    pub case: &'a Case,
    /// Which figure.
    pub metric: &'a str,
    /// The measurements, in the order in which they were made.
    pub each: Vec<&'a Measurement>,
}

/// What a case is called.
type Name<'a> = (Suite, &'a str, &'a BTreeMap<String, String>);

impl Group<'_> {
    /// The measurement of the subject called `name`.
    pub fn of(&self, name: &str) -> Option<&Measurement> {
        self.each
            .iter()
            .find(|one| one.subject.name == name)
            .copied()
    }

    /// The median of the subject called `name`.
    pub fn median(&self, name: &str) -> Option<f64> {
        self.of(name)?.outcome.median()
    }
}

/// What many measurements share, each once by its name, numbered in the order in which it was added.
pub(crate) struct Numbers<'a, T, K> {
    each: Vec<&'a T>,
    by_name: HashMap<K, usize>,
    /// By place in memory, so that no name is looked at twice.
    by_place: HashMap<*const T, usize>,
}

impl<'a, T, K: Eq + Hash> Numbers<'a, T, K> {
    pub(crate) fn new() -> Self {
        Self {
            each: Vec::new(),
            by_name: HashMap::new(),
            by_place: HashMap::new(),
        }
    }

    fn add(&mut self, one: &'a T, name: impl Fn(&'a T) -> K) -> usize {
        let (by_name, each) = (&mut self.by_name, &mut self.each);
        *self.by_place.entry(one).or_insert_with(|| {
            *by_name.entry(name(one)).or_insert_with(|| {
                each.push(one);
                each.len() - 1
            })
        })
    }

    /// Each, in the order of the numbers.
    pub(crate) fn into_each(self) -> Vec<&'a T> {
        self.each
    }
}

/// Cases and their numbers.
pub(crate) type Cases<'a> = Numbers<'a, Case, Name<'a>>;

/// Subjects and their numbers.
pub(crate) type Subjects<'a> = Numbers<'a, Subject, &'a str>;

impl<'a> Cases<'a> {
    /// The number of the case of `one`.
    pub(crate) fn of(&mut self, one: &'a Measurement) -> usize {
        self.add(&one.case, |case| (case.suite, &case.name, &case.params))
    }
}

impl<'a> Subjects<'a> {
    /// The number of the subject of `one`.
    pub(crate) fn of(&mut self, one: &'a Measurement) -> usize {
        self.add(&one.subject, |subject| &subject.name)
    }
}

/// The groups of `measurements`, in the order in which these name cases and figures.
pub fn groups<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places = HashMap::new();
    let mut cases = Cases::new();
    for one in measurements {
        let key = (cases.of(one), one.metric.as_str());
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.each.push(one),
            None => groups.push(Group {
                case: &one.case,
                metric: &one.metric,
                each: vec![one],
            }),
        }
    }
    groups
}

/// Each case of `measurements` with those on it, in the order in which these name cases.
pub fn by_case<'a>(
    measurements: impl IntoIterator<Item = &'a Measurement>,
) -> Vec<(&'a Case, Vec<&'a Measurement>)> {
    let mut each: Vec<(&Case, Vec<&Measurement>)> = Vec::new();
    let mut cases = Cases::new();
    for one in measurements {
        match each.get_mut(cases.of(one)) {
            Some((_, all)) => all.push(one),
            None => each.push((&one.case, vec![one])),
        }
    }
    each
}

/// The subjects of `measurements`, each once, in the order in which these name them.
pub fn subjects<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<&'a Subject> {
    let mut subjects = Subjects::new();
    for one in measurements {
        subjects.of(one);
    }
    subjects.into_each()
}

/// The cases of `measurements`, each once, in the order in which these name them.
pub fn cases<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<&'a Case> {
    let mut cases = Cases::new();
    for one in measurements {
        cases.of(one);
    }
    cases.into_each()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{figure, time};

    #[test]
    fn a_group_is_of_one_case_and_one_figure() {
        let measured = [
            time("libc", "a", &[1.0]),
            figure("branches", "libc", "a", &[7.0]),
            time("talc", "a", &[2.0]),
            time("libc", "b", &[3.0]),
        ];
        let groups = groups(&measured);
        let found: Vec<(&str, &str, usize)> = groups
            .iter()
            .map(|one| (one.case.name.as_str(), one.metric, one.each.len()))
            .collect();
        assert_eq!(
            found,
            [("a", "time", 2), ("a", "branches", 1), ("b", "time", 1)]
        );
        assert_eq!(groups[0].median("talc"), Some(2.0));
        assert_eq!(
            (subjects(&measured).len(), super::cases(&measured).len()),
            (2, 2)
        );
    }
}
