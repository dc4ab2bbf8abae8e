//! Tables of TOML: manifests, and what commands have as data.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Result;

pub(crate) fn parse<'a>(path: &str, text: &'a str) -> Result<DeTable<'a>> {
    let table = DeTable::parse(text).map_err(|error| format!("{path}: {error}"))?;
    Ok(table.into_inner())
}

/// The text under `key`.
pub(crate) fn text<'a>(table: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

/// The list of texts under `key`.
pub(crate) fn texts(table: &DeTable<'_>, key: &str) -> Option<Vec<String>> {
    let values = table.get(key)?.get_ref().as_array()?.iter();
    values
        .map(|value| value.get_ref().as_str().map(str::to_owned))
        .collect()
}

/// The table under `key`.
pub(crate) fn table<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    table.get(key)?.get_ref().as_table()
}

/// The name of the package that a manifest describes.
pub(crate) fn package_name(manifest: &str) -> Option<String> {
    let manifest = parse("", manifest).ok()?;
    Some(text(table(&manifest, "package")?, "name")?.to_owned())
}

/// The tables of the list under `key`.
pub(crate) fn tables<'a, 'i>(
    table: &'a DeTable<'i>,
    key: &str,
) -> impl Iterator<Item = &'a DeTable<'i>> {
    let values = table.get(key).map(Spanned::get_ref);
    let values = values.and_then(DeValue::as_array).into_iter().flatten();
    values.filter_map(|value| value.get_ref().as_table())
}
