//! The nearest known name to one that is not known.

/// The candidate at the smallest edit distance, if it is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let measured = candidates
        .into_iter()
        .map(|candidate| (strsim::levenshtein(name, candidate), candidate));
    let near = measured.filter(|&(distance, candidate)| distance <= candidate.len().div_ceil(2));
    near.min().map(|(_, candidate)| candidate)
}

/// What to say about an unknown name: the nearest, or `otherwise`.
pub(crate) fn hint<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_slip_finds_its_word_and_nonsense_finds_none() {
        let words = ["bench", "record", "check"];
        assert_eq!(nearest("recrod", words), Some("record"));
        assert_eq!(hint("chek", words, "no"), "did you mean `check`?");
        assert_eq!(hint("supercalifragilistic", words, "no"), "no");
    }
}
