//! The pages of the built book: nothing on them leads nowhere.

use xtask_base::Result;
use xtask_base::tree::{self, Tree};

/// What a page shows of an include that mdBook did not fill.
const HOLE: &str = "{{#";

/// Looks at every page of `book`.
///
/// # Errors
///
/// Every link and image that leads nowhere, and every include that is not filled.
pub(crate) fn check(book: &Tree) -> Result {
    let faults: Vec<String> = book
        .ending(".html")
        .flat_map(|(path, page)| faults(book, path, page))
        .collect();
    match faults.len() {
        0 => Ok(()),
        n => Err(format!("{}\nthe book has {n} faults", faults.join("\n"))),
    }
}

fn faults(book: &Tree, path: &str, page: &str) -> Vec<String> {
    let links = ["href", "src"].iter().flat_map(|name| values(page, name));
    let dead = links.filter(|link| !leads_somewhere(book, path, page, link));
    let mut faults: Vec<String> = dead
        .map(|link| format!("{path}: `{link}` leads nowhere"))
        .collect();
    if page.contains(HOLE) {
        faults.push(format!("{path}: `{HOLE}` is not filled"));
    }
    faults
}

/// Other sites are not looked at.
fn leads_somewhere(book: &Tree, path: &str, page: &str, link: &str) -> bool {
    if link.contains("://") || link.starts_with("data:") || link.starts_with("mailto:") {
        return true;
    }
    let (file, id) = link.split_once('#').unwrap_or((link, ""));
    // `#cursor@3` is a moment of the figure `cursor`.
    let id = id.split('@').next().unwrap_or(id);
    let has_id = |page: &str| id.is_empty() || values(page, "id").any(|other| other == id);
    if file.is_empty() {
        return has_id(page);
    }
    let Some(target) = tree::join(tree::parent(path), file) else {
        return false;
    };
    match book.text(&target) {
        Some(page) => has_id(page),
        None => book.bytes(&target).is_some(),
    }
}

/// The values of an attribute in all tags: `<tag name="value">`.
fn values<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!(" {name}=\"");
    let tags = page.split('<').skip(1);
    // The page for what is not found names the site's root as its base, which is no link.
    let tags = tags.filter(|tag| !tag.starts_with("base "));
    tags.filter_map(move |tag| {
        let tag = tag.split('>').next()?;
        let (_, value) = tag.split_once(&start)?;
        value.split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(page: &str) -> Vec<String> {
        let book = Tree::of(&[
            ("a.html", page),
            ("b.html", "<h2 class=\"x\" id=\"part\">Part</h2>"),
            ("images/c.png", "…"),
        ]);
        faults(&book, "a.html", page)
    }

    #[test]
    fn links_and_images_that_lead_nowhere_are_found() {
        for link in ["gone.html", "b.html#gone", "#gone", "../b.html", "images"] {
            let page = format!("<p><a class=\"x\" href=\"{link}\">x</a></p>");
            assert_eq!(
                faults_of(&page),
                [format!("a.html: `{link}` leads nowhere")]
            );
        }
        assert_eq!(faults_of("<img src=\"images/gone.png\" alt=\"\">").len(), 1);
    }

    #[test]
    fn those_that_lead_somewhere_are_not() {
        let page = "<base href=\"/\"><h1 id=\"up\"><a href=\"#up\">A</a></h1> <a href=\"b.html#part\">b</a> <a href=\"#up@3\">up</a> \
                    <a href=\"b.html\">b</a> <img src=\"images/c.png\"> <a href=\"https://example.org/x\">x</a> \
                    <code>&lt;a href=\"gone.html\"&gt;</code>";
        assert_eq!(faults_of(page), [""; 0]);
    }

    #[test]
    fn an_include_that_is_not_filled_is_found() {
        assert_eq!(faults_of("<pre>{{#include a.rs}}</pre>").len(), 1);
    }
}
