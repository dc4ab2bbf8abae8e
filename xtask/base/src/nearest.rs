//! The nearest known name to one that is not known.

use crate::Result;

/// The candidate at the smallest edit distance, if it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let measured = candidates
        .into_iter()
        .map(|candidate| (strsim::levenshtein(name, candidate), candidate));
    let near = measured.filter(|&(distance, candidate)| distance <= candidate.len().div_ceil(2));
    near.min().map(|(_, candidate)| candidate)
}

/// The item that is called `name`.
///
/// # Errors
///
/// There is none. The message is `unknown` and the nearest name or, if none is near, `otherwise`.
pub fn find<'a, T>(
    name: &str,
    items: &'a [T],
    name_of: impl Fn(&'a T) -> &'a str,
    unknown: &str,
    otherwise: &str,
) -> Result<&'a T> {
    let found = items.iter().find(|item| name_of(item) == name);
    found.ok_or_else(|| match nearest(name, items.iter().map(name_of)) {
        Some(near) => format!("{unknown}: did you mean `{near}`?"),
        None => format!("{unknown}: {otherwise}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_slip_finds_its_word_and_nonsense_finds_none() {
        let words = ["bench", "record", "check"];
        assert_eq!(nearest("recrod", words), Some("record"));
        let find = |name| find(name, &words, |word| word, "there is none", "look");
        assert_eq!(find("check"), Ok(&"check"));
        assert_eq!(
            find("chek").unwrap_err(),
            "there is none: did you mean `check`?"
        );
        assert_eq!(
            find("supercalifragilistic").unwrap_err(),
            "there is none: look"
        );
    }
}
