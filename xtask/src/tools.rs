//! Programs that a build runs and that may be missing.

use crate::process::{command, works};

/// A program and the Debian package that it is in.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    package: &'static str,
}

const fn tool(program: &'static str, package: &'static str) -> Tool {
    Tool { program, package }
}

pub(crate) const CC: Tool = tool("cc", "gcc");
pub(crate) const MAKE: Tool = tool("make", "make");
pub(crate) const CXX: Tool = tool("c++", "g++");
pub(crate) const CMAKE: Tool = tool("cmake", "cmake");

impl Tool {
    pub(crate) fn is_here(&self) -> bool {
        works(command(self.program).arg("--version"))
    }

    /// Why what needs it cannot be built.
    pub(crate) fn needed(&self) -> String {
        let Self { program, package } = self;
        format!("its build needs `{program}` (apt-get install {package})")
    }
}
