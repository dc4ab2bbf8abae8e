//! What the manifest of a package says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Manifest {
    package: Option<Package>,
    #[serde(flatten)]
    always: Dependencies,
    target: BTreeMap<String, Dependencies>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Dependencies {
    dependencies: BTreeMap<String, Dependency>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Table {
        #[serde(default)]
        optional: bool,
    },
    Version(IgnoredAny),
}

impl Manifest {
    /// What is no manifest says nothing: cargo says what is wrong with it.
    pub(super) fn read(text: &str) -> Self {
        toml::from_str(text).unwrap_or_default()
    }

    /// The package's name, unless there is only a workspace.
    pub(super) fn name(&self) -> Option<&str> {
        Some(&self.package.as_ref()?.name)
    }

    /// The names under `dependencies`, of every target, that are not optional.
    pub(super) fn dependencies(&self) -> BTreeSet<String> {
        let lists = [&self.always].into_iter().chain(self.target.values());
        let all = lists.flat_map(|list| &list.dependencies);
        let always = all.filter(|(_, it)| !matches!(it, Dependency::Table { optional: true }));
        always.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_those_that_are_always_there() {
        let manifest = "[package]\nname = \"b\"\n[dependencies]\na.workspace = true\n\
                        later = { version = \"1\", optional = true }\n\
                        [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dev-dependencies]\nd = \"1\"\n";
        let manifest = Manifest::read(manifest);
        assert_eq!(manifest.name(), Some("b"));
        assert!(manifest.dependencies().iter().eq(["a", "libc"]));
    }
}
