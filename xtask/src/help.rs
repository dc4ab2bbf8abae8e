//! What `--help` says about the commands: their pages, in `xtask/help`.

use xtask_base::{Result, listing, nearest};

use crate::COMMANDS;

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
    let command = COMMANDS.iter().find(|command| command.name == name);
    let command = command.ok_or_else(|| unknown(name))?;
    listing::print([command.page.trim_end()])
}

/// What to say of a command that there is not.
pub(crate) fn unknown(name: &str) -> String {
    let known = COMMANDS.iter().map(|command| command.name);
    let hint = match nearest::nearest(name, known) {
        Some(near) => format!("did you mean `cargo xtask {near}`?"),
        None => "`cargo xtask --help` lists them".to_owned(),
    };
    format!("there is no command `{name}`: {hint}")
}

fn overview() -> Result {
    let about = |page: &'static str| page.lines().nth(2).unwrap_or_default();
    let lines = COMMANDS
        .iter()
        .map(|command| format!("  {:<14}{}", command.name, about(command.page)));
    let head = "usage: cargo xtask COMMAND\n".to_owned();
    let more = "\n`cargo xtask help COMMAND` says more.".to_owned();
    listing::print([head].into_iter().chain(lines).chain([more]))
}

#[cfg(test)]
mod tests {
    use xtask_base::options::args;

    use super::*;

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

    #[test]
    fn a_page_is_the_usage_a_line_and_more() {
        for command in COMMANDS {
            let lines: Vec<&str> = command.page.lines().collect();
            let usage = lines[0].strip_prefix(&format!("cargo xtask {}", command.name));
            assert!(usage.is_some_and(|args| args.is_empty() || args.starts_with(' ')));
            assert!(lines[1].is_empty() && !lines[2].is_empty());
        }
    }

    #[test]
    fn every_page_is_a_command_s() {
        let folder = xtask_base::process::root().join("xtask/help");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), COMMANDS.len());
    }
}
