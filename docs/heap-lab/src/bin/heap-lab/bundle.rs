//! The scripts that a page loads: the modules as one classic script, and the WebAssembly as text.
//!
//! A page that is opened from disk may load neither a module nor a `.wasm` file, so both are in classic scripts.

use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateEncoder;

use crate::Output;

/// The modules, each after those that it imports.
const MODULES: &[&str] = &[
    "dom",
    "module",
    "machine",
    "player",
    "canvas",
    "table",
    "adversary",
    "link",
    "recorded",
    "file",
    "controls",
    "drag",
    "tray",
    "heap",
    "simple",
    "threads",
    "element",
];

pub(crate) fn script(root: &Path) -> Result<Output, String> {
    let mut text =
        "// Made by `cargo xtask figures` from docs/heap-lab/js.\n(() => {\n\"use strict\";\nconst modules = {};\n"
            .to_owned();
    for name in MODULES {
        let path = root
            .join("docs/heap-lab/js")
            .join(name)
            .with_extension("js");
        let source =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text += &plain(name, &source);
    }
    text += "})();\n";
    Ok(Output {
        path: "docs/heap-lab/page/heap-lab.js".to_owned(),
        text,
    })
}

/// Returns a module as a function of its own, whose exports are a field of `modules`.
///
/// An import is a line `import { a, b as c } from "./name.js";`, and an export begins a line.
fn plain(name: &str, source: &str) -> String {
    let mut text = format!("modules.{name} = (() => {{\n");
    let mut exports = Vec::new();
    for line in source.lines() {
        let declared = line.strip_prefix("export ");
        exports.extend(declared.and_then(declared_name));
        text += &imported(line).unwrap_or_else(|| declared.unwrap_or(line).to_owned());
        text.push('\n');
    }
    let exports = exports.join(", ");
    text + &format!("return {{ {exports} }};\n}})();\n")
}

fn imported(line: &str) -> Option<String> {
    let (names, from) = line.strip_prefix("import ")?.split_once(" from \"./")?;
    let from = from.strip_suffix(".js\";")?;
    Some(format!(
        "const {} = modules.{from};",
        names.replace(" as ", ": ")
    ))
}

fn declared_name(declaration: &str) -> Option<&str> {
    let kinds = ["const ", "function ", "async function ", "class "];
    let rest = kinds
        .iter()
        .find_map(|kind| declaration.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
}

/// Returns the script with the WebAssembly module; its first line has the fingerprint of the sources.
pub(crate) fn module(bytes: &[u8], fingerprint: &str) -> Output {
    let mut packed = Vec::new();
    let read = DeflateEncoder::new(bytes, Compression::best()).read_to_end(&mut packed);
    read.expect("bytes in memory are read without an error");
    let text = STANDARD.encode(packed);
    Output {
        path: "docs/heap-lab/page/module.js".to_owned(),
        text: format!(
            "// Made by `cargo xtask figures` from sources with the fingerprint {fingerprint}.\nglobalThis.HEAP_LAB_MODULE = \"{text}\";\ndispatchEvent(new Event(\"heap-lab-module\"));\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_module_keeps_its_names_to_itself_and_passes_its_exports_on() {
        let source = "import { a, b as c } from \"./x.js\";\nconst own = a;\nexport const d = c;\nexport async function e() {}\n";
        let expected = "modules.y = (() => {\nconst { a, b: c } = modules.x;\nconst own = a;\nconst d = c;\nasync function e() {}\n\
                        return { d, e };\n})();\n";
        assert_eq!(plain("y", source), expected);
    }
}
