//! Programs that a command runs and that may be missing.

use crate::process::{command, works};

/// A program and the Debian packages that it takes.
pub struct Tool {
    /// The names that it goes by; one of them is enough.
    names: &'static [&'static str],
    packages: &'static str,
}

const fn tool(names: &'static [&'static str], packages: &'static str) -> Tool {
    Tool { names, packages }
}

/// A C compiler.
pub const CC: Tool = tool(&["cc"], "gcc");
/// It builds jemalloc.
pub const MAKE: Tool = tool(&["make"], "make");
/// A C++ compiler.
pub const CXX: Tool = tool(&["c++"], "g++");
/// It builds snmalloc.
pub const CMAKE: Tool = tool(&["cmake"], "cmake");
/// It runs scripts.
pub const NODE: Tool = tool(&["node"], "nodejs");
/// It installs scripts.
pub const NPM: Tool = tool(&["npm"], "npm");
/// It emulates a microcontroller.
pub const QEMU: Tool = tool(&["qemu-system-arm"], "qemu-system-arm");
/// It shows pages; a font comes with it.
pub const CHROMIUM: Tool = tool(
    &["chromium", "chromium-browser", "google-chrome"],
    "chromium fonts-dejavu-core",
);

impl Tool {
    /// The name that it goes by on most machines.
    pub const fn program(&self) -> &'static str {
        self.names[0]
    }

    /// The name that it goes by here, if it is installed.
    pub fn here(&self) -> Option<&'static str> {
        let mut names = self.names.iter().copied();
        names.find(|name| works(command(name).arg("--version")))
    }

    /// Whether it is installed.
    pub fn is_here(&self) -> bool {
        self.here().is_some()
    }

    /// Why what needs it cannot be built.
    pub fn needed(&self) -> String {
        let (program, packages) = (self.program(), self.packages);
        format!("its build needs `{program}` (apt-get install {packages})")
    }
}

/// How to install those of the tools that are not here; `None` if all are. A package that is here is not named: apt refuses
/// all of them where one comes from elsewhere.
pub fn missing(tools: &[&Tool]) -> Option<String> {
    missing_of(tools, Tool::is_here)
}

fn missing_of(tools: &[&Tool], is_here: impl Fn(&Tool) -> bool) -> Option<String> {
    let missing: Vec<&Tool> = tools
        .iter()
        .copied()
        .filter(|tool| !is_here(tool))
        .collect();
    let packages: Vec<&str> = missing.iter().map(|tool| tool.packages).collect();
    (!missing.is_empty()).then(|| format!("apt-get install -y {}", packages.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_to_be_installed() {
        let tools = [&NODE, &NPM, &CHROMIUM];
        let but_for =
            |here: &'static [&str]| missing_of(&tools, |tool| here.contains(&tool.program()));
        assert_eq!(but_for(&["node", "npm", "chromium"]), None);
        assert_eq!(
            but_for(&["node", "npm"]).as_deref(),
            Some("apt-get install -y chromium fonts-dejavu-core")
        );
        assert_eq!(
            but_for(&["chromium"]).as_deref(),
            Some("apt-get install -y nodejs npm")
        );
    }
}
