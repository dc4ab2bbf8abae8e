//! Rust text told apart into code, comments and literals.
//!
//! Just enough of the lexical grammar for the rules of tidy: nested block comments, raw strings,
//! and the difference between a lifetime and a character.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Code,
    Comment,
    Literal,
}

/// `text` with everything blanked that is not of `kind`; lines and columns stay where they are.
pub(crate) fn only(kind: Kind, text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (len, found) = next(rest);
        let (token, after) = rest.split_at(len);
        if found == kind {
            kept += token;
        } else {
            kept.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' }));
        }
        rest = after;
    }
    kept
}

/// Length in bytes and kind of the token at the start of `rest`, which is not empty.
fn next(rest: &str) -> (usize, Kind) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Kind::Comment);
    }
    if let Some(len) = raw_string(rest) {
        return (len, Kind::Literal);
    }
    let first = rest.chars().next().expect("not empty");
    match first {
        '"' => (quoted(rest, '"'), Kind::Literal),
        '\'' if is_char(rest) => (quoted(rest, '\''), Kind::Literal),
        c if is_word(c) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), Kind::Code),
        c => (c.len_utf8(), Kind::Code),
    }
}

pub(crate) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of the raw string that `rest` starts with, if it does.
fn raw_string(rest: &str) -> Option<usize> {
    let start = ["r", "br", "cr"].into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix).unwrap_or_default();
        after.trim_start_matches('#').starts_with('"')
    })?;
    let after = &rest[start.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let open = start.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(
        rest[open..]
            .find(&close)
            .map_or(rest.len(), |at| open + at + close.len()),
    )
}

/// Length of the literal that `rest` starts with, up to and with its closing quote.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A quote starts a character, not a lifetime, if it is escaped or closed one character later.
fn is_char(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_are_told_apart() {
        let text = "let a = \"// no\"; // yes \"quote\n/* b /* c */ d */ let e: &'a u8 = '\"';";
        assert_eq!(
            only(Kind::Code, text)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            "let a = ; let e: &'a u8 = ;"
        );
        assert_eq!(
            only(Kind::Comment, text).trim(),
            "// yes \"quote\n/* b /* c */ d */"
        );
        assert_eq!(
            only(Kind::Literal, text)
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["\"//", "no\"", "'\"'"]
        );
    }

    #[test]
    fn raw_strings_and_escapes_end_where_rust_ends_them() {
        let text = r####"r#"a " // b"# c "d\"e" f '\'' g"####;
        assert_eq!(
            only(Kind::Code, text)
                .split_whitespace()
                .collect::<String>(),
            "cfg"
        );
    }

    #[test]
    fn lines_stay_where_they_are() {
        let text = "a\n/* b\nc */\n\"d\ne\"\nf\n";
        let code = only(Kind::Code, text);
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(code.lines().nth(5), Some("f"));
    }

    #[test]
    fn unfinished_text_is_no_trouble() {
        for text in ["\"a", "/* b", "r#\"c", "'", "'\\", "é'"] {
            assert_eq!(only(Kind::Code, text).chars().count(), text.chars().count());
        }
    }
}
