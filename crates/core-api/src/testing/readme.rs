//! The tables of a README, for tests that measure what they say.

use std::vec::Vec;

/// Returns the text of the row called `name` in a Markdown table, from its second cell on.
///
/// # Panics
///
/// If no table has the row.
pub fn readme_row<'a>(readme: &'a str, name: &str) -> &'a str {
    let row = |line: &'a str| {
        let row = line.strip_prefix("| ")?.strip_prefix(name)?;
        row.strip_prefix(" |")
    };
    let found = readme.lines().find_map(row);
    found.unwrap_or_else(|| panic!("no table has a row {name:?}"))
}

/// Returns the numbers in that row, in order. A word with letters in it is none.
///
/// # Panics
///
/// If no table has the row.
pub fn readme_numbers(readme: &str, name: &str) -> Vec<usize> {
    readme_row(readme, name)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str =
        "# x\n\n| | |\n|---|---|\n| header | 8 bytes |\n| smallest block | 16, or `u64` and 24 |\n";

    #[test]
    fn a_row_is_found_by_its_whole_name() {
        assert_eq!(readme_row(README, "header"), " 8 bytes |");
        assert_eq!(readme_numbers(README, "smallest block"), [16, 24]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "slow: it prints a backtrace")]
    #[should_panic(expected = "no table has a row \"smallest\"")]
    fn a_row_that_is_missing_is_an_error() {
        readme_numbers(README, "smallest");
    }
}
