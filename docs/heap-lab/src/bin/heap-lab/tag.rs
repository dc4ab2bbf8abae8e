//! The tag of a figure in a chapter: `<heap-lab id="cursor" stages="bump" heap="256" script="a = malloc 24">`.

use std::collections::BTreeMap;
use std::str::FromStr;

pub(crate) const OPEN: &str = "<heap-lab ";
pub(crate) const CLOSE: &str = "</heap-lab>\n";

/// The attributes of a tag.
pub(crate) struct Tag(BTreeMap<String, String>);

impl Tag {
    /// Reads a line that is a tag.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let inner = line
            .trim_end()
            .strip_prefix(OPEN)
            .and_then(|rest| rest.strip_suffix('>'));
        let mut rest = inner
            .ok_or_else(|| format!("the tag is not alone on its line: {line}"))?
            .trim();
        let mut attributes = BTreeMap::new();
        while !rest.is_empty() {
            let broken = || format!("an attribute is NAME=\"VALUE\": {rest}");
            let (name, after) = rest.split_once("=\"").ok_or_else(broken)?;
            let (value, after) = after.split_once('"').ok_or_else(broken)?;
            attributes.insert(
                name.trim().to_owned(),
                value.replace("&lt;", "<").replace("&amp;", "&"),
            );
            rest = after.trim_start();
        }
        Ok(Self(attributes))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn need(&self, name: &str) -> Result<&str, String> {
        self.get(name)
            .ok_or_else(|| format!("a figure needs the attribute `{name}`"))
    }

    /// Returns a number, or `default` if the tag does not have it.
    pub(crate) fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, String> {
        match self.get(name) {
            Some(text) => text
                .parse()
                .map_err(|_| format!("{name}=\"{text}\" is no number")),
            None => Ok(default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_its_attributes() {
        let tag = Tag::read("<heap-lab id=\"x\" heap=\"256\" caption=\"a &lt; b\">\n").unwrap();
        assert_eq!(
            (tag.need("id"), tag.get("caption")),
            (Ok("x"), Some("a < b"))
        );
        assert_eq!(
            (tag.number("heap", 0), tag.number("at", 7)),
            (Ok(256), Ok(7))
        );
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for line in [
            "<heap-lab id=\"x\"> and more",
            "<heap-lab id=x>",
            "<heap-lab id=\"x>",
        ] {
            assert!(Tag::read(line).is_err(), "{line}");
        }
    }
}
