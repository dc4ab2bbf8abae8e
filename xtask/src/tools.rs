//! Programs that a build runs and that may be missing.

use crate::process::{command, works};

/// A program and the Debian package that it is in.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    package: &'static str,
}

pub(crate) const CC: Tool = Tool {
    program: "cc",
    package: "gcc",
};
pub(crate) const MAKE: Tool = Tool {
    program: "make",
    package: "make",
};
pub(crate) const CXX: Tool = Tool {
    program: "c++",
    package: "g++",
};
pub(crate) const CMAKE: Tool = Tool {
    program: "cmake",
    package: "cmake",
};

impl Tool {
    pub(crate) fn is_here(&self) -> bool {
        works(command(self.program).arg("--version"))
    }

    /// Why what needs it cannot be built.
    pub(crate) fn needed(&self) -> String {
        format!(
            "its build needs `{}` (apt-get install {})",
            self.program, self.package
        )
    }
}
