//! Inputs that are generated: the same in every run.

use std::fmt::Write as _;

/// `n` records as JSON.
pub(super) fn json(n: usize) -> String {
    let records = (0..n).map(|i| {
        let values: Vec<String> = (0..i % 9 + 1)
            .map(|k| ((i * 31 + k * 7) % 1000).to_string())
            .collect();
        format!(
            "{{\"name\": \"{}\", \"group\": {}, \"values\": [{}], \"note\": \"{}\"}}",
            word(i),
            i % 97,
            values.join(", "),
            "x".repeat(i * 13 % 60),
        )
    });
    format!("[{}]\n", records.collect::<Vec<_>>().join(",\n"))
}

/// `n` elements as XML, each with attributes and children.
pub(super) fn xml(n: usize) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<list>");
    for i in 0..n {
        let (name, note) = (word(i), "y".repeat(i * 17 % 50));
        let _ = write!(
            text,
            "<item id=\"i{i}\" name=\"{name}\"><price>{}</price><note>{note}</note></item>",
            i % 1000
        );
    }
    text + "</list>\n"
}

/// A C++ program with `n` classes and as many functions over containers of them.
pub(super) fn cpp(n: usize) -> String {
    let mut text = String::from(
        "#include <algorithm>\n#include <map>\n#include <string>\n#include <vector>\n",
    );
    for i in 0..n {
        let _ = write!(
            text,
            "struct S{i} {{ int a; std::string b; std::vector<int> c; bool operator<(const S{i} &o) const {{ return a < o.a; }} }};\n\
             int f{i}(int n) {{\n\
             \x20 std::map<std::string, S{i}> m;\n\
             \x20 std::vector<S{i}> v;\n\
             \x20 for (int k = 0; k < n; k++) {{\n\
             \x20   S{i} s{{k * {i}, std::to_string(k), {{k, k + 1, {i}}}}};\n\
             \x20   m[s.b] = s;\n\
             \x20   v.push_back(s);\n\
             \x20 }}\n\
             \x20 std::sort(v.begin(), v.end());\n\
             \x20 int sum = 0;\n\
             \x20 for (auto &p : m) sum += p.second.c[0] + v[p.second.a % v.size()].a;\n\
             \x20 return sum;\n\
             }}\n",
        );
    }
    text
}

/// A history of `n` commits for `git fast-import`: each changes some lines of some of 40 files.
pub(super) fn history(n: usize) -> String {
    let mut text = String::new();
    for i in 0..n {
        let message = format!("change {i}\n\n{}", word(i));
        let _ = write!(
            text,
            "commit refs/heads/main\ncommitter A <a@b.c> {} +0000\ndata {}\n{message}\n",
            1_000_000_000 + i * 3600,
            message.len(),
        );
        for k in 0..3 {
            let file = (i * 7 + k * 11) % 40;
            let lines = (0..200).map(|line| match (line + i) % 23 {
                0 => format!("{} {line} changed in {i}\n", word(line * i)),
                _ => format!("{} {line} of {file}\n", word(line * 37 + file)),
            });
            let content: String = lines.collect();
            let _ = write!(
                text,
                "M 644 inline d{}/f{file}.txt\ndata {}\n{content}\n",
                file % 5,
                content.len()
            );
        }
    }
    text + "done\n"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_json() {
        let read: serde_json::Value = serde_json::from_str(&json(200)).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 200);
        assert_eq!(read[7]["values"].as_array().unwrap().len(), 8);
    }

    #[test]
    fn data_in_a_history_are_as_long_as_they_say() {
        let history = history(3);
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
