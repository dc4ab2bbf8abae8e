//! Every relative link in Markdown leads to a file, and to a heading if it names one; every chapter is
//! in the summary.

use xtask_base::Result;
use xtask_base::tree::{self, Tree};

use super::Finding;
use super::prose;

const SUMMARY: &str = "docs/src/SUMMARY.md";

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = dead_links(tree);
    findings.extend(unlisted_chapters(tree));
    findings
}

fn dead_links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in prose::lines(tree).filter(|line| line.path.ends_with(".md")) {
        for target in targets(line.text).filter(|target| is_ours(line.path, target)) {
            if let Err(message) = follow(tree, line.path, target) {
                findings.push(line.finding(message));
            }
        }
    }
    findings
}

/// Looks for the file and the heading that a link on the page `from` leads to.
fn follow(tree: &Tree, from: &str, target: &str) -> Result {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => Some(from.to_owned()),
        file => tree::join(tree::parent(from), file),
    };
    let Some(path) = path.filter(|path| tree.has(path)) else {
        return Err(format!("the link to `{target}` leads nowhere"));
    };
    let is_heading = || headings(tree, &path).iter().any(|name| name == heading);
    let is_there = heading.is_empty() || is_heading() || is_figure(tree, &path, heading);
    match is_there || !path.ends_with(".md") {
        true => Ok(()),
        false => Err(format!("`{path}` has no heading `#{heading}`")),
    }
}

/// Whether a page has the figure of a link such as `#cursor@3`, which names a moment of the figure `cursor`.
fn is_figure(tree: &Tree, path: &str, moment: &str) -> bool {
    let Some((id, index)) = moment.split_once('@') else {
        return false;
    };
    let tag = format!("<heap-lab id=\"{id}\"");
    let has_tag = |text: &str| text.lines().any(|line| line.starts_with(&tag));
    index.parse::<usize>().is_ok() && tree.text(path).is_some_and(has_tag)
}

/// What links call the headings of a page, on code hosts and in the book.
fn headings(tree: &Tree, path: &str) -> Vec<String> {
    let text = tree.text(path).unwrap_or_default();
    let mut headings: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for title in prose::of_page(path, text).filter_map(|line| title(line.text)) {
        let name = name(title);
        headings.push(match names.iter().filter(|other| **other == name).count() {
            0 => name.clone(),
            n_same => format!("{name}-{n_same}"),
        });
        names.push(name);
    }
    headings
}

/// The text of a heading: `## Text`.
fn title(line: &str) -> Option<&str> {
    let text = line.strip_prefix('#')?.trim_start_matches('#');
    text.strip_prefix(' ').map(str::trim)
}

/// In small letters, with a dash for each space and without other punctuation.
fn name(title: &str) -> String {
    let kept = title.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || "-_".contains(c) => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

fn unlisted_chapters(tree: &Tree) -> Vec<Finding> {
    let summary = tree.text(SUMMARY).unwrap_or_default();
    let listed: Vec<&str> = summary.lines().flat_map(targets).collect();
    tree.ending(".md")
        .filter_map(|(path, _)| Some((path, path.strip_prefix("docs/src/")?)))
        .filter(|(path, name)| *path != SUMMARY && !listed.contains(name))
        .map(|(path, _)| Finding::new(path, 0, "the chapter is not in SUMMARY.md"))
        .collect()
}

/// What the line links to: `[text](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// Links to other sites are not ours to check, nor are items of Rust docs, which rustdoc checks.
fn is_ours(from: &str, target: &str) -> bool {
    let foreign = target.contains("://") || target.starts_with("mailto:");
    let item = from.starts_with("crates/") && !target.contains(['.', '/', '#']);
    !foreign && !target.contains("::") && !item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let tree = Tree::of(&[("a.md", "[x](gone.md) [y](../up.md)\n")]);
        assert_eq!(find(&tree).len(), 2);
    }

    #[test]
    fn a_heading_that_is_not_there_is_found() {
        let page = "# Up\n\n```\n# not this\n```\n[x](#down) [y](b.md#up) [z](#not-this)\n";
        let findings = find(&Tree::of(&[("a.md", page), ("b.md", "# Down\n")]));
        let messages: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
        assert_eq!(
            messages,
            [
                "`a.md` has no heading `#down`",
                "`b.md` has no heading `#up`",
                "`a.md` has no heading `#not-this`"
            ]
        );
    }

    #[test]
    fn links_that_lead_somewhere_are_not() {
        let text = "# Here: `malloc(24)`\n[x](docs/b.md#part-1) [y](https://example.org/z.md) [z](#here-malloc24) \
                    [l](LICENSE) [r](x.rs#L1)\n";
        let tree = Tree::of(&[
            ("a.md", text),
            ("docs/b.md", "## Part\n\n## Part\n"),
            ("LICENSE", ""),
            ("x.rs", ""),
            ("crates/c/README.md", "[`w`](crate::W) [`W`](W)\n"),
        ]);
        assert_eq!(find(&tree), []);
    }

    #[test]
    fn links_to_a_moment_of_a_figure_need_the_figure() {
        let page =
            "<heap-lab id=\"x\" heap=\"64\">\n</heap-lab>\n[a](#x@3) [b](#y@3) [c](#x@end)\n";
        assert_eq!(find(&Tree::of(&[("a.md", page)])).len(), 2);
    }

    #[test]
    fn a_chapter_outside_the_summary_is_found() {
        let tree = Tree::of(&[
            (SUMMARY, "- [A](a.md)\n"),
            ("docs/src/a.md", ""),
            ("docs/src/b.md", ""),
        ]);
        let paths: Vec<_> = find(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(paths, ["docs/src/b.md"]);
    }
}
