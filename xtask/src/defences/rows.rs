//! The rows of the matrix: each is one run of a program that makes one mistake, or asks one question.

use crate::data;

const TEXT: &str = include_str!("../../../bench-harness/defences/rows.toml");

/// What a row's cells say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where the mistake was stopped.
    Mistake,
    /// What the program found out.
    Answer,
    /// Whether runs of the program differ.
    Unpredictable,
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// `defences` or `operators`.
    pub(super) program: &'static str,
    /// The program's argument.
    pub(super) name: String,
    pub(super) what: String,
    pub(super) kind: Kind,
}

pub(super) fn rows() -> Vec<Row> {
    let text = data::parse("rows.toml", TEXT).expect("the tests read it as well");
    let rows = text.get("rows").and_then(|rows| rows.get_ref().as_array());
    let row = |values: Vec<&str>| {
        let (program, kind) = match values.get(2) {
            None => ("defences", Kind::Mistake),
            Some(&"answer") => ("defences", Kind::Answer),
            Some(&"compared") => ("defences", Kind::Unpredictable),
            Some(_) => ("operators", Kind::Mistake),
        };
        let [name, what] = [values[0], values[1]].map(str::to_owned);
        Row {
            program,
            name,
            what,
            kind,
        }
    };
    let rows = rows.into_iter().flatten();
    let rows = rows.filter_map(|values| values.get_ref().as_array());
    rows.map(|values| {
        row(values
            .iter()
            .filter_map(|value| value.get_ref().as_str())
            .collect())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_its_program_and_the_other_way_round() {
        let c = include_str!("../../../bench-harness/defences/defences.c");
        let operators = include_str!("../../../bench-harness/defences/operators.cc");
        let rows = rows();
        for Row { program, name, .. } in &rows {
            let source = if *program == "operators" {
                operators
            } else {
                c
            };
            assert!(source.contains(&format!("{{\"{name}\", ")), "{name}");
        }
        let n_entries = |source: &str| source.matches("    {\"").count();
        assert_eq!(n_entries(c) + n_entries(operators), rows.len());
    }
}
