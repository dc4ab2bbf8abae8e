//! The rows of the matrix: each is one run of a program that makes one mistake, or asks one question.

use serde::Deserialize;

const TEXT: &str = include_str!("../../../defences/rows.toml");

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
    /// Of the program's argument, what it does, and of what kind the row is, if it is not a mistake of the first program.
    #[derive(Deserialize)]
    struct Text {
        rows: Vec<Vec<String>>,
    }
    let Text { rows } = toml::from_str(TEXT).expect("the tests read it as well");
    let row = |values: Vec<String>| {
        let (program, kind) = match values.get(2).map(String::as_str) {
            None => ("defences", Kind::Mistake),
            Some("answer") => ("defences", Kind::Answer),
            Some("compared") => ("defences", Kind::Unpredictable),
            Some(_) => ("operators", Kind::Mistake),
        };
        let [name, what] = [0, 1].map(|index| values[index].clone());
        Row {
            program,
            name,
            what,
            kind,
        }
    };
    rows.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_its_program_and_the_other_way_round() {
        let c = include_str!("../../../defences/defences.c");
        let operators = include_str!("../../../defences/operators.cc");
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
