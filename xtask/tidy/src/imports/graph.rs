//! The files of one crate, and which of them each one imports.

use std::collections::{BTreeMap, BTreeSet};

use xtask_base::tree::Tree;

use super::source::{Path, Source};

/// A file of a crate.
#[derive(Debug)]
pub(super) struct File {
    /// From the crate's sources.
    path: String,
    source: Source,
}

impl File {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The folder in the crate's sources, or the file itself if it is in none.
    pub(super) fn place(&self) -> &str {
        match self.path.split_once('/') {
            Some((folder, _)) => folder,
            None => self.path.trim_end_matches(".rs"),
        }
    }

    /// Whether this is a file or a folder on the path.
    pub(super) fn is_in(&self, name: &str) -> bool {
        let path = self.path.trim_end_matches(".rs");
        path.split('/').any(|part| part == name)
    }

    pub(super) fn lines(&self) -> usize {
        self.source.lines
    }
}

/// The files of a crate, by their modules.
#[derive(Debug)]
pub(super) struct Crate {
    dir: String,
    lib: String,
    files: BTreeMap<Path, File>,
}

impl Crate {
    pub(super) fn read(tree: &Tree, name: &str) -> Self {
        let dir = format!("crates/{name}/src/");
        let sources = tree
            .ending(".rs")
            .filter(|(path, _)| path.starts_with(&dir));
        let file = |(path, text): (&str, &str)| {
            let path = path[dir.len()..].to_owned();
            let source = Source::read(text);
            (module(&path), File { path, source })
        };
        let mut files: BTreeMap<Path, File> = sources.map(file).collect();
        let tests = files.iter().flat_map(|(module, file)| {
            let names = file.source.tests.iter();
            names.map(|name| [module, &[name.clone()][..]].concat())
        });
        for module in tests.collect::<Vec<_>>() {
            files.remove(&module);
        }
        let lib = tree.text(&format!("{dir}lib.rs")).unwrap_or_default();
        Self {
            lib: lib.to_owned(),
            dir,
            files,
        }
    }

    /// The directory of the sources, with its last `/`.
    pub(super) fn dir(&self) -> &str {
        &self.dir
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// The folders that `lib.rs` lists under the heading `Folders`, the highest first.
    pub(super) fn folders(&self) -> Vec<&str> {
        let docs = self.lib.lines().filter_map(|line| line.strip_prefix("//!"));
        let section = docs
            .map(str::trim)
            .skip_while(|line| *line != "# Folders")
            .skip(1)
            .take_while(|line| !line.starts_with('#'));
        section
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect()
    }

    /// Each import once, as the file that imports and the one that is imported.
    pub(super) fn imports(&self) -> impl Iterator<Item = (&File, &File)> {
        self.files.iter().flat_map(move |(module, file)| {
            let mut found = BTreeSet::new();
            for import in &file.source.imports {
                self.resolve(&absolute(module, import), 0, &mut found);
            }
            found.remove(module);
            found.into_iter().map(move |to| (file, &self.files[&to]))
        })
    }

    /// Finds the files in which a path ends, through what modules re-export.
    fn resolve(&self, path: &[String], n_steps: usize, found: &mut BTreeSet<Path>) {
        const MOST_STEPS: usize = 8;
        let len = (0..=path.len())
            .rev()
            .find(|&len| self.files.contains_key(&path[..len]));
        let Some(len) = len.filter(|_| n_steps < MOST_STEPS) else {
            return;
        };
        let (module, rest) = path.split_at(len);
        let exports = &self.files[module].source.exports;
        let name = rest.first().map_or("", String::as_str);
        let mut is_own = true;
        for (_, from) in exports.iter().filter(|(export, _)| export == name) {
            self.resolve(
                &[absolute(module, from), rest[1..].to_vec()].concat(),
                n_steps + 1,
                found,
            );
            is_own = false;
        }
        if is_own && !name.is_empty() {
            for (_, from) in exports.iter().filter(|(export, _)| export == "*") {
                self.resolve(&absolute(module, from), n_steps + 1, found);
            }
        }
        if is_own {
            found.insert(module.to_vec());
        }
    }

    /// One circle among the files or folders, as `node` names them; the first node again at the end.
    pub(super) fn circle(&self, node: fn(&File) -> &str) -> Option<Vec<&str>> {
        let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in self.imports().filter(|(from, to)| node(from) != node(to)) {
            imports.entry(node(from)).or_default().insert(node(to));
        }
        let mut done = BTreeSet::new();
        let starts: Vec<&str> = imports.keys().copied().collect();
        starts
            .into_iter()
            .find_map(|start| search(&imports, start, &mut Vec::new(), &mut done))
    }
}

/// Follows the imports from `node` until they come back to a node on the way.
fn search<'a>(
    imports: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    node: &'a str,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(at) = way.iter().position(|passed| *passed == node) {
        return Some(way[at..].iter().copied().chain([node]).collect());
    }
    if !done.insert(node) {
        return None;
    }
    way.push(node);
    let next = imports.get(node).into_iter().flatten();
    let circle = next
        .into_iter()
        .find_map(|to| search(imports, to, way, done));
    way.pop();
    circle
}

/// The module of a file, by its path from the crate's sources.
fn module(path: &str) -> Path {
    let mut parts: Path = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

/// A path from the crate's root, without `self`.
fn absolute(module: &[String], path: &[String]) -> Path {
    let mut base = module.to_vec();
    for part in path {
        match part.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => drop(base.pop()),
            part => base.push(part.to_owned()),
        }
    }
    base
}
