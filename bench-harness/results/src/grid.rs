//! Tables: cells in lines, for the terminal and in Markdown.

use std::fmt::Display;
use std::ops::Range;

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, presets,
};

/// Printed where there is no figure.
const NO_FIGURE: &str = "–";

/// A table with `header`, for the terminal. Colours go to terminals only, and not where `NO_COLOR` is set.
pub fn new_table<S: Display>(header: &[S]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        table.force_no_tty();
    }
    table
}

/// Has the figures of these columns end in one line.
pub fn align_right(table: &mut Table, columns: Range<usize>) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// A figure as `text`, or a dash.
pub fn figure<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| NO_FIGURE.to_string(), text)
}

/// A table for the terminal whose first column is text and whose others are figures.
pub fn terminal(header: &[String], lines: &[Vec<String>]) -> Table {
    let mut table = new_table(header);
    for line in lines {
        table.add_row(line.iter().map(|text| painted(text)));
    }
    align_right(&mut table, 1..1 + n_figures(header));
    table
}

/// How many columns behind the first have figures: notes are text.
fn n_figures(header: &[String]) -> usize {
    let is_text = header.last().is_some_and(|last| last == "notes");
    header.len().saturating_sub(1 + usize::from(is_text))
}

/// A verdict in its colour, and any other text as it is.
fn painted(text: &str) -> Cell {
    match text {
        "lost" | "failed" => Cell::new(text).fg(Color::Red),
        "best" => Cell::new(text).add_attribute(Attribute::Bold),
        _ => Cell::new(text),
    }
}

/// How a table is written, from its lines, the header first.
pub type Draw = fn(&[Vec<String>]) -> String;

/// For the terminal.
pub fn drawn(lines: &[Vec<String>]) -> String {
    match lines.split_first() {
        Some((header, lines)) => format!("{}\n", terminal(header, lines)),
        None => String::new(),
    }
}

/// In Markdown.
pub fn in_markdown(lines: &[Vec<String>]) -> String {
    match lines.split_first() {
        Some((header, lines)) => markdown(header, lines),
        None => String::new(),
    }
}

/// The same in Markdown, which the presets of comfy-table cannot align to the right.
pub fn markdown(header: &[String], lines: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let n_figures = n_figures(header);
    let n_texts = header.len().saturating_sub(n_figures);
    let rule = match n_texts {
        2.. => format!("|---{}|---|\n", "|--:".repeat(n_figures)),
        _ => format!("|---{}|\n", "|--:".repeat(n_figures)),
    };
    let lines = lines.iter().map(|cells| line(cells));
    line(header) + &rule + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_to_the_right_and_a_bar_ends_no_cell() {
        let header = ["a".to_string(), "b".to_string()];
        let lines = [vec![
            "x|y".to_string(),
            figure(None, |n: f64| n.to_string()),
        ]];
        let text = markdown(&header, &lines);
        assert_eq!(text, "| a | b |\n|---|--:|\n| x\\|y | – |\n");
        assert!(terminal(&header, &lines).to_string().contains("x|y"));
        let header = ["a", "b", "notes"].map(str::to_string);
        assert!(markdown(&header, &[]).ends_with("|---|--:|---|\n"));
    }
}
