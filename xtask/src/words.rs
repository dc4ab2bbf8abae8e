//! Words of each chapter of the book: what a reader reads, without code, tables, and the stills of figures.

use xtask_base::Result;
use xtask_base::process::root;
use xtask_base::tree::Tree;

const CHAPTERS: &str = "docs/src";

/// What begins and ends a part that is not counted, each at the beginning of a line.
const SKIPPED: &[(&str, &str)] = &[
    ("```", "```"),
    ("<heap-lab ", "</heap-lab>"),
    ("<!-- BEGIN", "<!-- END"),
];

/// Prints a line for each chapter, in the order of the summary.
pub(crate) fn print() -> Result {
    let tree = Tree::read(&root())?;
    let summary = tree
        .text(&format!("{CHAPTERS}/SUMMARY.md"))
        .ok_or("there is no summary")?;
    let names = summary
        .split("](")
        .skip(1)
        .filter_map(|link| link.split(')').next());
    let mut sum = 0;
    for name in names {
        let chapter = tree.text(&format!("{CHAPTERS}/{name}")).unwrap_or_default();
        let n = count(chapter);
        sum += n;
        println!("{n:>7}  {name}");
    }
    println!("{sum:>7}  words");
    Ok(())
}

/// The words of a text: what has a letter or a digit.
fn count(text: &str) -> usize {
    let mut end = None;
    let mut n = 0;
    for line in text.lines().map(str::trim_start) {
        match end {
            Some(mark) if line.starts_with(mark) => end = None,
            Some(_) => {}
            None => match SKIPPED.iter().find(|(begin, _)| line.starts_with(begin)) {
                Some((_, mark)) => end = Some(*mark),
                None if line.starts_with('|') || line.starts_with('<') => {}
                None => n += words(line),
            },
        }
    }
    n
}

fn words(line: &str) -> usize {
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    line.split_whitespace().filter(is_word).count()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn what_is_read_is_counted_and_code_tables_and_stills_are_not() {
        let text = "# A heap\n\nTwo words — here:\n\n```rust\nlet x = 1;\n```\n| a | b |\n<heap-lab id=\"x\">\nmany\n</heap-lab>\n\nand `code`.\n";
        assert_eq!(count(text), 2 + 3 + 2);
    }
}
