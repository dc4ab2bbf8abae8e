//! What the values of an option are called and are, for tables and lists.

use clap::ValueEnum;

/// A kind of value that can be chosen on the command line.
pub trait Choice: ValueEnum + 'static {
    /// All of them, in the order of tables.
    fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What it is called on the command line and in tables.
    fn name(&self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_string())
    }

    /// What it is.
    fn about(&self) -> String {
        let value = self.to_possible_value();
        let help = value.and_then(|value| value.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }
}

impl<T: ValueEnum + 'static> Choice for T {}
