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
    "file",
    "controls",
    "heap",
    "simple",
    "element",
];

pub(crate) fn script(root: &Path) -> Result<Output, String> {
    let mut text =
        "// Made by `cargo xtask figures` from docs/heap-lab/js.\n(() => {\n\"use strict\";\n"
            .to_owned();
    for name in MODULES {
        let path = root
            .join("docs/heap-lab/js")
            .join(name)
            .with_extension("js");
        let source =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text += &plain(&source);
    }
    text += "})();\n";
    Ok(Output {
        path: "docs/heap-lab/page/heap-lab.js".to_owned(),
        text,
    })
}

/// Returns a module's lines without imports and with plain declarations in place of exports.
fn plain(source: &str) -> String {
    let lines = source.lines().filter(|line| !line.starts_with("import "));
    let lines = lines.map(|line| line.strip_prefix("export ").unwrap_or(line));
    lines.map(|line| format!("{line}\n")).collect()
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
            "// Made by `cargo xtask figures` from sources with the fingerprint {fingerprint}.\nglobalThis.HEAP_LAB_MODULE = \"{text}\";\n"
        ),
    }
}
