//! The listings in Markdown are what their sources say now.
//!
//! A listing lies between two comments, so that a page is whole wherever it is read: the first names a
//! file of the workspace and what of it is shown, `<!-- BEGIN include:crates/a/src/b.rs:one,two -->`, the
//! second is `<!-- END include -->`. `cargo xtask tidy --fix` writes what is between.

use std::fs;
use std::ops::Range;
use std::path::Path;

use xtask_base::Result;
use xtask_base::tree::Tree;

use super::{Finding, excerpt};

const BEGIN: &str = "<!-- BEGIN include:";
const BEGIN_ENDS: &str = " -->\n";
const END: &str = "<!-- END include -->\n";

/// mdBook's own way to include: it fills pages of the book alone.
const HOLE: &str = "{{#";

/// A listing of a page.
struct Listing<'a> {
    /// Where it begins, from 1.
    line: usize,
    /// What the first comment names.
    source: &'a str,
    /// The bytes of the page between the comments; the error says why there are none.
    body: Result<Range<usize>>,
}

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let pages = tree.ending(".md");
    pages
        .flat_map(|(path, text)| [holes(path, text), stale(tree, path, text)])
        .flatten()
        .collect()
}

fn holes(path: &str, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.contains(HOLE))
        .map(|(index, _)| {
            let message = format!(
                "`{HOLE}` is filled by mdBook alone: write `{BEGIN}PATH:ANCHOR{}` and `{}`, then run \
                 `cargo xtask tidy --fix`",
                BEGIN_ENDS.trim_end(),
                END.trim_end()
            );
            Finding::new(path, index + 1, message)
        })
        .collect()
}

fn stale(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let message = |listing: &Listing<'_>| {
        let body = match &listing.body {
            Ok(body) => &text[body.clone()],
            Err(message) => return Some(message.clone()),
        };
        match block(tree, listing.source) {
            Err(message) => Some(message),
            Ok(block) if block == body => None,
            Ok(_) => Some(format!(
                "the listing is not what `{}` says now: `cargo xtask tidy --fix` mends it",
                listing.source
            )),
        }
    };
    listings(text)
        .iter()
        .filter_map(|listing| Some(Finding::new(path, listing.line, message(listing)?)))
        .collect()
}

/// Writes every listing anew that is not up to date, and names the pages. What cannot be written,
/// for want of its source, is left to the rule to find.
///
/// # Errors
///
/// A page cannot be written.
pub(super) fn fix(tree: &Tree, root: &Path) -> Result {
    for (path, text) in tree.ending(".md") {
        let fixed = fixed(tree, text);
        if fixed != text {
            fs::write(root.join(path), fixed).map_err(|error| format!("{path}: {error}"))?;
            println!("{path}: its listings are up to date now");
        }
    }
    Ok(())
}

fn fixed(tree: &Tree, text: &str) -> String {
    let mut fixed = String::new();
    let mut done = 0;
    for listing in listings(text) {
        if let (Ok(body), Ok(block)) = (listing.body, block(tree, listing.source)) {
            fixed += &text[done..body.start];
            fixed += &block;
            done = body.end;
        }
    }
    fixed + &text[done..]
}

/// The listings of a page; what a code block shows as an example of one is none.
fn listings(text: &str) -> Vec<Listing<'_>> {
    let mut listings = Vec::new();
    let (mut line_start, mut listing_end) = (0, 0);
    let mut in_fence = false;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let body_start = line_start + line.len();
        if line_start < listing_end {
            // A line of the listing before.
        } else if line.starts_with("```") {
            in_fence = !in_fence;
        } else if !in_fence && let Some(rest) = line.strip_prefix(BEGIN) {
            let body = body(text, body_start);
            listing_end = body.as_ref().map_or(listing_end, |body| body.end);
            listings.push(Listing {
                line: index + 1,
                source: rest.strip_suffix(BEGIN_ENDS).unwrap_or(rest).trim_end(),
                body,
            });
        }
        line_start = body_start;
    }
    listings
}

/// From `start` to the next end mark, if that comes before the next listing.
fn body(text: &str, start: usize) -> Result<Range<usize>> {
    let rest = &text[start..];
    let next = rest.find(BEGIN).unwrap_or(rest.len());
    match rest[..next].find(END) {
        Some(len) => Ok(start..start + len),
        None => Err(format!("the listing has no end: `{}`", END.trim_end())),
    }
}

/// What `source`, a path and anchors, says now, in a code block.
fn block(tree: &Tree, source: &str) -> Result<String> {
    let (path, anchors) = source
        .split_once(':')
        .ok_or_else(|| format!("`{source}` names no anchor: PATH:ANCHOR is needed"))?;
    let text = tree
        .text(path)
        .ok_or_else(|| format!("the included file `{path}` does not exist"))?;
    let excerpts = anchors.split(',').map(|anchor| {
        excerpt::between(text, anchor).ok_or_else(|| format!("`{path}` has no anchor `{anchor}`"))
    });
    let excerpts = excerpts.collect::<Result<Vec<_>>>()?;
    let language = match excerpts.iter().all(|excerpt| excerpt.is_of_docs) {
        true => "text",
        false => path.rsplit('.').next().map_or("", language),
    };
    let texts: Vec<_> = excerpts.into_iter().map(|excerpt| excerpt.text).collect();
    Ok(format!("```{language}\n{}```\n", texts.join("\n")))
}

/// What code blocks call the language of files that end so.
fn language(ending: &str) -> &str {
    match ending {
        "rs" => "rust",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! ```text\n// ANCHOR: picture\n//!   ├─┤\n// ANCHOR_END: picture\n//! ```\n\
        impl A {\n    // ANCHOR: f\n    fn f() {}\n    // ANCHOR_END: f\n\n\
        \x20   // ANCHOR: g\n    fn g() {\n    }\n    // ANCHOR_END: g\n}\n// ANCHOR: open\n";

    fn tree(page: &str) -> Tree {
        Tree::of(&[("docs/src/a.md", page), ("crates/x/src/lib.rs", SOURCE)])
    }

    /// A page with one listing.
    fn page(source: &str, body: &str) -> String {
        format!(
            "# A\n\n<!-- BEGIN include:{source} -->\n{body}<!-- END include -->\n\nAnd so on.\n"
        )
    }

    fn fixed_page(source: &str, body: &str) -> String {
        let page = page(source, body);
        fixed(&tree(&page), &page)
    }

    #[test]
    fn a_stale_listing_is_found_with_the_command_that_mends_it() {
        let findings = find(&tree(&page(
            "crates/x/src/lib.rs:f",
            "```rust\nfn old() {}\n```\n",
        )));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 3);
        assert!(findings[0].message.contains("cargo xtask tidy --fix"));
    }

    #[test]
    fn a_fixed_listing_is_what_the_source_says_in_a_block_of_its_language() {
        let code = fixed_page("crates/x/src/lib.rs:f,g", "```rust\nfn old() {}\n```\n");
        let body = "```rust\nfn f() {}\n\nfn g() {\n}\n```\n";
        assert_eq!(code, page("crates/x/src/lib.rs:f,g", body));
        assert_eq!(find(&tree(&code)), []);
        let picture = fixed_page("crates/x/src/lib.rs:picture", "");
        assert_eq!(
            picture,
            page("crates/x/src/lib.rs:picture", "```text\n├─┤\n```\n")
        );
        assert_eq!(find(&tree(&picture)), []);
    }

    #[test]
    fn several_listings_of_a_page_are_fixed_and_the_rest_of_it_stays() {
        let one = page("crates/x/src/lib.rs:f", "");
        let both = format!("{one}{one}");
        let fixed_one = fixed_page("crates/x/src/lib.rs:f", "");
        assert_eq!(
            fixed(&tree(&both), &both),
            format!("{fixed_one}{fixed_one}")
        );
    }

    #[test]
    fn a_listing_without_file_anchor_or_end_is_found_and_left_as_it_is() {
        for source in [
            "crates/x/src/gone.rs:f",
            "crates/x/src/lib.rs:gone",
            "crates/x/src/lib.rs:open",
            "crates/x/src/lib.rs",
        ] {
            let page = page(source, "old\n");
            assert_eq!(find(&tree(&page)).len(), 1, "{source}");
            assert_eq!(fixed(&tree(&page), &page), page);
        }
        let open = "<!-- BEGIN include:crates/x/src/lib.rs:f -->\n";
        let whole = fixed_page("crates/x/src/lib.rs:f", "");
        let page = format!("{open}{whole}");
        let findings = find(&tree(&page));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("no end"), "{findings:?}");
        assert_eq!(fixed(&tree(&page), &page), page);
    }

    #[test]
    fn an_example_in_a_code_block_is_left_as_it_is() {
        let example = format!("```text\n{}```\n", page("crates/x/src/lib.rs:f", ""));
        let page = format!("{example}{}", fixed_page("crates/x/src/lib.rs:f", ""));
        assert_eq!(find(&tree(&page)), []);
        assert_eq!(fixed(&tree(&page), &page), page);
    }

    #[test]
    fn what_only_mdbook_fills_is_found() {
        let page = "```rust\n{{#include ../../crates/x/src/lib.rs:f}}\n```\n";
        let findings = find(&tree(page));
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].message.contains("BEGIN include:"),
            "{findings:?}"
        );
    }
}
