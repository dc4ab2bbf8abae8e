//! The chapters: what stands between the tags of each figure is its still picture and its table.

use std::fs;
use std::path::Path;

use crate::Output;
use crate::figure::{Still, still};
use crate::tag::{CLOSE, OPEN, Tag};

const CHAPTERS: &str = "docs/src";

/// Returns the chapters with figures, and the pictures.
pub(crate) fn outputs(root: &Path) -> Result<Vec<Output>, String> {
    let folder = root.join(CHAPTERS);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{CHAPTERS}: {error}"))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    names.sort();
    let mut outputs = Vec::new();
    for name in names {
        let path = format!("{CHAPTERS}/{name}");
        let text =
            fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        let chapter = chapter(&text, &mut outputs).map_err(|why| format!("{path}: {why}"))?;
        outputs.push(Output {
            path,
            text: chapter,
        });
    }
    Ok(outputs)
}

/// Returns the chapter with its figures up to date; adds their pictures to `outputs`.
fn chapter(text: &str, outputs: &mut Vec<Output>) -> Result<String, String> {
    let mut chapter = String::new();
    let mut rest = text;
    while let Some(start) = tag_start(rest) {
        let tag_end = rest[start..]
            .find('\n')
            .map_or(rest.len(), |len| start + len + 1);
        let tag = Tag::read(&rest[start..tag_end])?;
        let id = tag.need("id")?;
        let len = rest[tag_end..]
            .find(CLOSE)
            .ok_or_else(|| format!("figure {id} has no `{}`", CLOSE.trim_end()))?;
        let still = still(&tag).map_err(|why| format!("figure {id}: {why}"))?;
        chapter += &rest[..tag_end];
        chapter += &inner(id, &still);
        chapter += CLOSE;
        outputs.push(Output {
            path: format!("{CHAPTERS}/images/figures/{id}.svg"),
            text: still.svg,
        });
        rest = &rest[tag_end + len + CLOSE.len()..];
    }
    Ok(chapter + rest)
}

/// Returns where the next tag begins: at the beginning of a line, and in no code block.
fn tag_start(text: &str) -> Option<usize> {
    let (mut at, mut in_fence) = (0, false);
    for line in text.split_inclusive('\n') {
        in_fence ^= line.starts_with("```");
        if !in_fence && line.starts_with(OPEN) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn inner(id: &str, still: &Still) -> String {
    let name = still.name.replace(['[', ']'], "");
    let table = still.table.trim_end();
    format!(
        "\n![{name}](images/figures/{id}.svg)\n\n<details><summary>The same as a table</summary>\n\n{table}\n\n</details>\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_filled_and_the_rest_of_the_chapter_stays() {
        let tag = "<heap-lab id=\"x\" stages=\"bump\" heap=\"64\" caption=\"C\" script=\"a = malloc 24\">\n";
        let text = format!("# A\n\n{tag}old\n</heap-lab>\n\nMore.\n");
        let mut outputs = Vec::new();
        let filled = chapter(&text, &mut outputs).unwrap();
        assert!(
            filled.starts_with(&format!("# A\n\n{tag}\n![C. The last")),
            "{filled}"
        );
        assert!(
            filled.contains("| 0 | 24 | block a: used, 24 bytes at 0 |"),
            "{filled}"
        );
        assert!(
            filled.ends_with("</heap-lab>\n\nMore.\n") && !filled.contains("old"),
            "{filled}"
        );
        assert_eq!(outputs[0].path, "docs/src/images/figures/x.svg");
        assert_eq!(chapter(&filled, &mut outputs), Ok(filled));
    }

    #[test]
    fn an_example_in_a_code_block_stays_as_it_is() {
        let text = "```text\n<heap-lab id=\"x\">\n</heap-lab>\n```\n";
        assert_eq!(chapter(text, &mut Vec::new()), Ok(text.to_owned()));
    }

    #[test]
    fn a_figure_with_a_fault_is_named() {
        let tag = "<heap-lab id=\"x\" stages=\"bumb\" caption=\"C\" script=\"a = malloc 24\">\n</heap-lab>\n";
        let fault = chapter(tag, &mut Vec::new()).unwrap_err();
        assert!(
            fault.contains("figure x") && fault.contains("`bumb`"),
            "{fault}"
        );
    }
}
