//! Measurements by case and figure: what every view folds over.

use std::collections::{BTreeMap, HashMap, HashSet};

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

fn name(case: &Case) -> Name<'_> {
    (case.suite, &case.name, &case.params)
}

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

/// The groups of `measurements`, in the order in which these name cases and figures.
pub fn groups<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places = HashMap::new();
    for one in measurements {
        let key = (name(&one.case), one.metric.as_str());
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

/// The subjects of `measurements`, each once, in the order in which these name them.
pub fn subjects<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<&'a Subject> {
    let mut known = HashSet::new();
    let subjects = measurements.into_iter().map(|one| &one.subject);
    subjects
        .filter(|subject| known.insert(subject.name.as_str()))
        .collect()
}

/// The cases of `measurements`, each once, in the order in which these name them.
pub fn cases<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<&'a Case> {
    let mut known = HashSet::new();
    let cases = measurements.into_iter().map(|one| &one.case);
    cases.filter(|case| known.insert(name(case))).collect()
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
