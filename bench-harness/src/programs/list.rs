//! The programs: what each does and needs.

use anyhow::Result;

use super::{Workplace, commands, is_installed};
use crate::output::Choice;
use crate::preload::{Library, Plan};

/// A program that is run on an input of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Program {
    /// Objects, dictionaries and JSON, with Python's own heap turned off.
    Python3,
    /// Tables in memory, joins and indexes.
    Sqlite3,
    /// Hashes, lists and regular expressions.
    Perl,
    /// A large JSON file, grouped and sorted.
    Jq,
    /// Trees and strings under a garbage collector.
    Lua,
    /// The compiler on many classes and containers.
    #[value(name = "g++")]
    Gxx,
    /// The differences of a long history.
    Git,
    /// A large XML file, parsed and written again.
    Xmllint,
    /// Pages of curves.
    Gs,
    /// A server on loopback, under its own benchmark.
    Redis,
    /// Objects, strings and arrays under a garbage collector.
    Ruby,
    /// Arrays, objects and JSON, with PHP's own heap turned off.
    Php,
    /// Fields of records, and arrays of strings.
    Gawk,
    /// Short-lived numbers of some hundred digits.
    Bc,
    /// Symbolic algebra: sums that are expanded and derived.
    Ginsh,
    /// Logic synthesis: a multiplier, rewritten and mapped.
    Abc,
    /// A SAT solver on many easy clauses.
    Cadical,
    /// An SMT solver on a schedule.
    Z3,
    /// Another one on the same schedule.
    Cvc5,
    /// Classes and containers, parsed and checked.
    Cppcheck,
    /// The layout of a graph.
    Dot,
    /// A text, compressed.
    Xz,
    /// A web server on loopback that compresses and puts pages together.
    Nginx,
    /// A C++ program of ours: maps, lists and strings by `new` and sized `delete`.
    Containers,
    /// Another: logic minimization on small vectors.
    Cubes,
    /// Another: bodies that attract each other, by a tree that each step builds anew.
    Bodies,
}

impl Program {
    /// The programs that must be installed, each with the Debian package that it is in.
    pub fn needs(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Python3 => vec![("python3", "python3")],
            Self::Sqlite3 => vec![("sqlite3", "sqlite3")],
            Self::Perl => vec![("perl", "perl")],
            Self::Jq => vec![("jq", "jq")],
            Self::Lua => vec![(lua(), "lua5.4")],
            Self::Gxx | Self::Containers | Self::Cubes | Self::Bodies => vec![("g++", "g++")],
            Self::Git => vec![("git", "git")],
            Self::Xmllint => vec![("xmllint", "libxml2-utils")],
            Self::Gs => vec![("gs", "ghostscript")],
            Self::Redis => ["redis-server", "redis-benchmark", "redis-cli"]
                .map(|program| (program, "redis"))
                .to_vec(),
            Self::Ruby => vec![("ruby", "ruby")],
            Self::Php => vec![("php", "php-cli")],
            Self::Gawk => vec![("gawk", "gawk")],
            Self::Bc => vec![("bc", "bc")],
            Self::Ginsh => vec![("ginsh", "ginac-tools")],
            Self::Abc => vec![("berkeley-abc", "berkeley-abc")],
            Self::Cadical => vec![("cadical", "cadical")],
            Self::Z3 => vec![("z3", "z3")],
            Self::Cvc5 => vec![("cvc5", "cvc5")],
            Self::Cppcheck => vec![("cppcheck", "cppcheck")],
            Self::Dot => vec![("dot", "graphviz")],
            Self::Xz => vec![("xz", "xz-utils")],
            Self::Nginx => vec![("nginx", "nginx-light"), ("ab", "apache2-utils")],
        }
    }

    /// The packages of all that it needs.
    pub fn packages(self) -> String {
        let mut packages: Vec<&str> = self.needs().iter().map(|(_, package)| *package).collect();
        packages.dedup();
        packages.join(", ")
    }

    /// Makes its inputs and says what is to be run.
    ///
    /// # Errors
    ///
    /// An input that cannot be made.
    pub(super) fn plan(self, workplace: &Workplace<'_>, libraries: &[Library]) -> Result<Plan> {
        let words = commands::words_of(self, workplace)?;
        Ok(Plan {
            text: self.name(),
            is_short: workplace.size.is_quick,
            words,
            envs: self.envs(workplace),
            libraries: libraries.to_vec(),
        })
    }

    /// What makes two runs alike, whoever runs them.
    fn envs(self, workplace: &Workplace<'_>) -> Vec<(String, String)> {
        let folder = workplace.folder.display().to_string();
        let mut envs = vec![("LC_ALL", "C".to_string()), ("HOME", folder.clone())];
        match self {
            Self::Python3 => envs.extend([
                ("PYTHONMALLOC", "malloc".to_string()),
                ("PYTHONHASHSEED", "0".to_string()),
            ]),
            Self::Git => envs.push(("GIT_CONFIG_NOSYSTEM", "1".to_string())),
            Self::Php => envs.push(("USE_ZEND_ALLOC", "0".to_string())),
            Self::Redis => envs.push(("TMPDIR", folder)),
            _ => {}
        }
        let owned = envs
            .into_iter()
            .map(|(name, value)| (name.to_string(), value));
        owned.collect()
    }
}

/// Lua's interpreter, by the first of its names that is installed.
pub(super) fn lua() -> &'static str {
    const NAMES: [&str; 3] = ["lua5.4", "lua5.3", "lua"];
    let installed = NAMES.into_iter().find(|name| is_installed(name));
    installed.unwrap_or(NAMES[0])
}
