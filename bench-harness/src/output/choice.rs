//! What the values of an option are called and are, for tables and lists.

use clap::ValueEnum;

/// What a value is called on the command line.
pub(crate) fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_string())
}

/// What a value is.
pub(crate) fn about(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    let help = value.and_then(|value| value.get_help().map(ToString::to_string));
    help.unwrap_or_default()
}
