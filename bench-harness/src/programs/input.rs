//! Inputs that are generated: the same in every run. They are written piece by piece, because what this
//! process holds at most is the least that a command's peak can be.

use std::io::{self, Write};

/// Writes `n` records as JSON.
pub(super) fn json(to: &mut impl Write, n: usize) -> io::Result<()> {
    for i in 0..n {
        let values: Vec<String> = (0..i % 9 + 1)
            .map(|k| ((i * 31 + k * 7) % 1000).to_string())
            .collect();
        writeln!(
            to,
            "{}{{\"name\": \"{}\", \"group\": {}, \"values\": [{}], \"note\": \"{}\"}}",
            if i == 0 { '[' } else { ',' },
            word(i),
            i % 97,
            values.join(", "),
            "x".repeat(i * 13 % 60),
        )?;
    }
    writeln!(to, "]")
}

/// Writes `n` elements as XML, each with attributes and children.
pub(super) fn xml(to: &mut impl Write, n: usize) -> io::Result<()> {
    write!(to, "<?xml version=\"1.0\"?>\n<list>")?;
    for i in 0..n {
        let (name, note) = (word(i), "y".repeat(i * 17 % 50));
        write!(
            to,
            "<item id=\"i{i}\" name=\"{name}\"><price>{}</price><note>{note}</note></item>",
            i % 1000
        )?;
    }
    writeln!(to, "</list>")
}

/// Writes a page of `n` lines that a server has to put together.
pub(super) fn includes(to: &mut impl Write, n: usize) -> io::Result<()> {
    (0..n).try_for_each(|i| {
        let name = i % 20;
        writeln!(
            to,
            "<p>{i} <!--# set var=\"v{name}\" value=\"{}\" --><!--# echo var=\"v{name}\" --></p>",
            word(i)
        )
    })
}

/// Writes a C++ program with `n` classes and as many functions over containers of them.
pub(super) fn cpp(to: &mut impl Write, n: usize) -> io::Result<()> {
    for header in ["algorithm", "map", "string", "vector"] {
        writeln!(to, "#include <{header}>")?;
    }
    let function = include_str!("inputs/classes.cpp");
    (0..n).try_for_each(|i| write!(to, "{}", function.replace("{i}", &i.to_string())))
}

/// Writes a history of `n` commits for `git fast-import`: each changes lines in three of 40 files.
pub(super) fn history(to: &mut impl Write, n: usize) -> io::Result<()> {
    for i in 0..n {
        let message = format!("change {i}\n\n{}", word(i));
        let (second, len) = (1_000_000_000 + i * 3600, message.len());
        writeln!(
            to,
            "commit refs/heads/main\ncommitter A <a@b.c> {second} +0000"
        )?;
        writeln!(to, "data {len}\n{message}")?;
        for k in 0..3 {
            let file = (i * 7 + k * 11) % 40;
            let content = content(file, i);
            writeln!(to, "M 644 inline d{}/f{file}.txt", file % 5)?;
            writeln!(to, "data {}\n{content}", content.len())?;
        }
    }
    writeln!(to, "done")
}

/// A file's 200 lines, of which the commit decides some.
fn content(file: usize, commit: usize) -> String {
    let lines = (0..200).map(|line| match (line + commit) % 23 {
        0 => format!("{} {line} changed in {commit}\n", word(line * commit)),
        _ => format!("{} {line} of {file}\n", word(line * 37 + file)),
    });
    lines.collect()
}

/// A word of four to eight letters that `n` decides.
fn word(n: usize) -> String {
    let mut state = n as u32;
    let letters = (0..4 + n % 5).map(|_| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        char::from(b'a' + (state >> 16) as u8 % 26)
    });
    letters.collect()
}

/// What `write` writes.
#[cfg(test)]
pub(super) fn text(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_json() {
        let read: serde_json::Value = serde_json::from_str(&text(|to| json(to, 200))).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 200);
        assert_eq!(read[7]["values"].as_array().unwrap().len(), 8);
    }

    #[test]
    fn every_element_of_the_xml_ends() {
        let xml = text(|to| xml(to, 50));
        assert_eq!(xml.matches("<item ").count(), 50);
        assert_eq!(xml.matches("</item>").count(), 50);
        assert!(xml.ends_with("</list>\n"));
    }

    #[test]
    fn data_in_a_history_are_as_long_as_they_say() {
        let history = text(|to| history(to, 3));
        let mut rest = history.as_str();
        let mut n = 0;
        while let Some((_, after)) = rest.split_once("data ") {
            let (length, content) = after.split_once('\n').unwrap();
            let length: usize = length.parse().unwrap();
            assert_eq!(content.as_bytes()[length], b'\n');
            rest = &content[length..];
            n += 1;
        }
        assert_eq!(n, 3 * 4);
    }
}
