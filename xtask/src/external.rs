//! The book's links to other sites: whether they answer.

use std::path::Path;
use std::time::Duration;

use xtask_base::Result;
use xtask_base::process::{self, command};
use xtask_base::tools::{NODE, NPM, missing};

use crate::npm::Package;

/// Asks for each link, follows redirections and tries again where that helps.
const LINKINATOR: Package = Package {
    name: "linkinator@7",
    folder: "linkinator",
    script: "linkinator/build/src/cli.js",
};

const LIMIT: Duration = Duration::from_secs(600);

/// A link, a page that has it, and what the site said.
struct Link<'a> {
    url: &'a str,
    page: &'a str,
    answer: Answer,
}

enum Answer {
    Found,
    /// It answered with an error.
    Refused(u16),
    /// There was no answer: no such site, or no network.
    None,
}

/// Asks for every link of `book` to another site.
///
/// # Errors
///
/// Every link that was not found. Links without an answer are said to be such: without a network, that is all of them.
pub(crate) fn check(book: &Path) -> Result {
    let Some(script) = LINKINATOR.script() else {
        let how = missing(&[&NODE, &NPM]).unwrap_or("npm could not install linkinator".to_owned());
        return Err(format!("links need node, npm and a network: {how}"));
    };
    let mut node = command("node");
    // It serves the folder that it starts in.
    node.current_dir(book).arg(script).arg("*.html");
    node.args(["--format", "csv", "--timeout", "20000", "--retry"]);
    let (_, said) = process::logged(&mut node, "links", LIMIT)?;
    let answers = answers(&said);
    let faults: Vec<String> = answers.iter().filter_map(Link::fault).collect();
    println!("{} links lead to other sites", answers.len());
    match faults.len() {
        0 if answers.is_empty() => Err(format!("no link was tried:\n{said}")),
        0 => Ok(()),
        n => {
            let has_answered = |link: &Link| !matches!(link.answer, Answer::None);
            let last = match answers.iter().any(has_answered) {
                true => format!("{n} of them did not answer, or were not found"),
                false => "no site answered, so no link was checked: is there a network?".to_owned(),
            };
            Err(format!("{}\n{last}", faults.join("\n")))
        }
    }
}

/// Reads lines of `URL,STATUS,STATE,PAGE,DETAILS`, one for each link; those within the book are left out.
fn answers(said: &str) -> Vec<Link<'_>> {
    let links = said.lines().filter_map(Link::read);
    // The page for printing has all links once more.
    links.filter(|link| link.page != "print.html").collect()
}

impl<'a> Link<'a> {
    /// Reads a line. A comma in an address has it in quotation marks.
    fn read(line: &'a str) -> Option<Self> {
        let (url, rest) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\",")?,
            None => line.split_once(',')?,
        };
        let mut cells = rest.split(',');
        let (status, state, page) = (cells.next()?, cells.next()?, cells.next()?);
        let answer = match (state, status.parse().ok()?) {
            ("OK", _) => Answer::Found,
            ("BROKEN", 0) => Answer::None,
            ("BROKEN", status) => Answer::Refused(status),
            _ => return None,
        };
        url.contains("://").then_some(Self { url, page, answer })
    }

    /// Says what is wrong with it, if anything is.
    fn fault(&self) -> Option<String> {
        let Self { url, page, answer } = self;
        match answer {
            Answer::Found => None,
            Answer::Refused(status) => Some(format!("{page}: {url}: {status}")),
            Answer::None => Some(format!("{page}: {url}: unreachable from here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "url,status,state,parent,failureDetails\n\
        a.html,200,OK,,[]\n\
        gone.html,404,BROKEN,a.html,x\n\
        https://a.example/x,200,OK,a.html,\n\
        \"https://b.example/x,y\",404,BROKEN,b.html,\n\
        https://c.example/,0,BROKEN,b.html,\n";

    #[test]
    fn links_to_other_sites_are_told_apart_by_their_answers() {
        let answers = answers(SAID);
        let urls: Vec<&str> = answers.iter().map(|link| link.url).collect();
        assert_eq!(
            urls,
            [
                "https://a.example/x",
                "https://b.example/x,y",
                "https://c.example/"
            ]
        );
        let faults: Vec<String> = answers.iter().filter_map(Link::fault).collect();
        assert_eq!(
            faults,
            [
                "b.html: https://b.example/x,y: 404",
                "b.html: https://c.example/: unreachable from here"
            ]
        );
    }
}
