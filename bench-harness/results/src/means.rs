//! Geometric means over cases: a line for each subject.

use std::collections::{HashMap, HashSet};

use crate::grid::figure;
use crate::group::{Group, groups, subjects};
use crate::stats::geometric;
use crate::units::ratio;
use crate::{Case, Measurement, Role};

/// A column of means.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// Which figure.
    pub metric: &'a str,
    /// The subject by whose figure, of the same run, each is divided; none if it is empty.
    pub over: &'a str,
    /// The cases that it is over.
    pub is_on: &'a dyn Fn(&Case) -> bool,
}

/// The lines of the table, the header first: means of each subject, each with the number of cases that it is of.
/// Who has completed fewer cannot be compared. What has no case at all has no column.
pub fn lines(measurements: &[Measurement], columns: &[Column<'_>]) -> Vec<Vec<String>> {
    let groups = groups(measurements);
    let meant = |column: &Column<'_>| -> Vec<&Group<'_>> {
        let is_meant = |one: &&Group<'_>| one.metric == column.metric && (column.is_on)(one.case);
        groups.iter().filter(is_meant).collect()
    };
    let columns: Vec<(&Column<'_>, Vec<&Group<'_>>)> = columns
        .iter()
        .map(|column| (column, meant(column)))
        .filter(|(_, meant)| !meant.is_empty())
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let titles = columns
        .iter()
        .flat_map(|(column, _)| [column.title.to_string(), "of".to_string()]);
    let header = std::iter::once("geometric mean".to_string()).chain(titles);
    let values = columns.iter().map(|(column, meant)| values(column, meant));
    let values: Vec<HashMap<&str, Vec<f64>>> = values.collect();
    let line = |name: &str| {
        let cells = columns
            .iter()
            .zip(&values)
            .flat_map(|((_, meant), values)| {
                let values = values.get(name).map_or(&[][..], Vec::as_slice);
                let n = format!("{}/{}", values.len(), meant.len());
                [figure(geometric(values), ratio), n]
            });
        std::iter::once(name.to_string()).chain(cells).collect()
    };
    let names = subjects(measurements).into_iter();
    let names = names.filter(|subject| subject.role != Role::Control);
    std::iter::once(header.collect())
        .chain(names.map(|subject| line(&subject.name)))
        .collect()
}

/// The figures of each subject, or what they are over that of `column.over`, one for each case.
fn values<'a>(column: &Column<'_>, groups: &[&Group<'a>]) -> HashMap<&'a str, Vec<f64>> {
    let mut values: HashMap<&str, Vec<f64>> = HashMap::new();
    let mut known = HashSet::new();
    for group in groups {
        let others = group.each.iter();
        let others: Vec<_> = others
            .filter(|one| one.subject.name == column.over)
            .collect();
        known.clear();
        for one in &group.each {
            let name = one.subject.name.as_str();
            if !known.insert(name) {
                continue;
            }
            let other = others.iter().find(|other| other.run == one.run);
            let over = match column.over {
                "" => Some(1.0),
                _ => other
                    .and_then(|other| other.outcome.median())
                    .filter(|over| *over > 0.0),
            };
            if let (Some(median), Some(over)) = (one.outcome.median(), over) {
                values.entry(name).or_default().push(median / over);
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::time;

    #[test]
    fn means_are_of_ratios_within_a_run_and_count_their_cases() {
        let mut measured = vec![
            time("libc", "a", &[4.0]),
            time("stage", "a", &[2.0]),
            time("libc", "b", &[4.0]),
            time("stage", "b", &[8.0]),
            time("libc", "c", &[4.0]),
            time("stage", "c", &[]),
        ];
        let column = |title, is_on| Column {
            title,
            metric: "time",
            over: "libc",
            is_on,
        };
        let columns = [
            column("all", &|_| true),
            column("a", &|case| case.name == "a"),
            column("none", &|_| false),
        ];
        let found = lines(&measured, &columns);
        assert_eq!(found[0], ["geometric mean", "all", "of", "a", "of"]);
        assert_eq!(found[1], ["libc", "1.000", "3/3", "1.000", "1/1"]);
        assert_eq!(found[2], ["stage", "1.000", "2/3", "0.500", "1/1"]);
        // Another run, on a machine that is half as fast.
        for (name, ns) in [("libc", 8.0), ("other", 4.0)] {
            measured.push(Measurement {
                run: 1,
                ..time(name, "a", &[ns])
            });
        }
        assert_eq!(lines(&measured, &columns)[3][1], "0.500");
    }
}
