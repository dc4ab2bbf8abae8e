//! What `--help` says about the commands.

use toml::de::DeTable;

use crate::{Result, data, listing, nearest};

/// The pages.
const TEXT: &str = include_str!("../help.toml");

/// What is said of one command.
pub(crate) struct Page {
    pub(crate) name: String,
    args: String,
    about: String,
    details: String,
}

pub(crate) fn pages() -> Vec<Page> {
    let text = data::parse("help.toml", TEXT).expect("the tests read it as well");
    let page = |table: &DeTable<'_>| {
        let text = |key| data::text(table, key).unwrap_or_default().to_owned();
        Page {
            name: text("name"),
            args: text("args"),
            about: text("about"),
            details: text("details"),
        }
    };
    data::tables(&text, "commands").map(page).collect()
}

/// Whether the arguments ask for help; what comes after `--` is another program's.
pub(crate) fn is_wanted(args: &[String]) -> bool {
    let mut ours = args.iter().take_while(|arg| *arg != "--");
    ours.any(|arg| arg == "-h" || arg == "--help")
}

/// `help`: the list of the commands, or the page of one.
pub(crate) fn run(args: &[String]) -> Result {
    match args {
        [] => overview(),
        [name] if ["help", "-h", "--help"].contains(&&**name) => overview(),
        [name] => print(name),
        _ => Err("usage: cargo xtask help [COMMAND]".to_owned()),
    }
}

/// Prints the page of a command.
///
/// # Errors
///
/// There is none of that name.
pub(crate) fn print(name: &str) -> Result {
    let page = pages().into_iter().find(|page| page.name == name);
    let Page {
        name,
        args,
        about,
        details,
    } = page.ok_or_else(|| unknown(name))?;
    listing::print([format!("cargo xtask {name} {args}\n\n{about}\n\n{details}")])
}

/// What to say of a command that there is not.
pub(crate) fn unknown(name: &str) -> String {
    let pages = pages();
    let known = pages.iter().map(|page| &*page.name);
    let hint = match nearest::nearest(name, known) {
        Some(near) => format!("did you mean `cargo xtask {near}`?"),
        None => "`cargo xtask --help` lists them".to_owned(),
    };
    format!("there is no command `{name}`: {hint}")
}

fn overview() -> Result {
    let lines = pages()
        .into_iter()
        .map(|Page { name, about, .. }| format!("  {name:<14}{about}"));
    let head = "usage: cargo xtask COMMAND\n".to_owned();
    let more = "\n`cargo xtask help COMMAND` says more.".to_owned();
    listing::print([head].into_iter().chain(lines).chain([more]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::args;

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        assert!(unknown("bnech").contains("cargo xtask bench"));
        assert!(unknown("chekc").contains("cargo xtask check"));
        assert!(unknown("zzzzzzzz").contains("--help"));
    }

    #[test]
    fn what_comes_after_the_dashes_asks_another_program_for_help() {
        let is_wanted = |line| is_wanted(&args(line));
        assert!(is_wanted("--help -- ls"));
        assert!(!is_wanted("-- ls --help"));
    }
}
