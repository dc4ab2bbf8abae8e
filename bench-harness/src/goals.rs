//! What the stages are to reach: `gates.toml`, for the tables and the book.

use std::sync::LazyLock;

use bench_results::gate::{self, Gate};
use bench_results::{Measurement, Results};

static GATES: LazyLock<Vec<Gate>> = LazyLock::new(|| {
    // A test parses the file, which is part of this program.
    gate::parse(include_str!("../gates.toml")).unwrap_or_default()
});

/// The goals of `set` as a list in Markdown: which of them are reached by what was measured. Empty if it has
/// nothing that any is about.
pub(crate) fn list(set: &str, measurements: &[Measurement]) -> String {
    let results = Results {
        measurements: measurements.to_vec(),
        ..Results::default()
    };
    gate::goals(&GATES, set, &results)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators;
    use crate::global::Row;
    use crate::output::Choice;

    #[test]
    fn the_goals_are_of_allocators_and_rows_that_there_are() {
        let gates = gate::parse(include_str!("../gates.toml")).unwrap();
        let is_known = |name: &String| {
            let name = name.strip_suffix(".so").unwrap_or(name);
            allocators::find(name).is_some() || name.starts_with("hardened")
        };
        for gate in &gates {
            let others = gate.rivals.iter().chain(&gate.not_rivals);
            let unknown: Vec<&String> = others
                .chain([&gate.subject])
                .filter(|name| !is_known(name))
                .collect();
            assert!(unknown.is_empty(), "{unknown:?}");
            let rows: Vec<String> = Row::all().iter().map(|row| row.name()).collect();
            let is_of_rows = gate.set.starts_with("global");
            assert!(
                !is_of_rows || gate.on.iter().all(|name| rows.contains(name)),
                "{gate:?}"
            );
        }
    }
}
