//! Language runtimes whose own heaps hide a program's objects from the recorder.

use std::path::Path;

use super::image::{Image, name};

/// A runtime, and how to recognise it.
#[derive(Debug)]
pub(super) struct Runtime {
    /// The names of its programs; digits, dots and dashes may follow.
    programs: &'static [&'static str],
    /// The starts of its libraries' names.
    libraries: &'static [&'static str],
    /// What a trace of it contains, and what it does not.
    pub(super) seen: &'static str,
    /// The variable and the value that make it take each object from the C library.
    pub(super) variable: Option<(&'static str, &'static str)>,
}

const GO: Runtime = Runtime {
    programs: &[],
    libraries: &[],
    seen: "Go keeps its objects in a heap of its own: the trace has only the blocks of code in C",
    variable: None,
};

const RUNTIMES: &[Runtime] = &[
    Runtime {
        programs: &["python"],
        libraries: &["libpython"],
        seen: "Python takes objects of up to 512 bytes from pools of its own: the trace has the larger \
               ones",
        variable: Some(("PYTHONMALLOC", "malloc")),
    },
    Runtime {
        programs: &["pypy"],
        libraries: &["libpypy"],
        seen: "PyPy keeps its objects in a heap of its own: the trace has only the blocks of code in C",
        variable: None,
    },
    Runtime {
        programs: &["php", "php-cgi", "php-fpm"],
        libraries: &["libphp"],
        seen: "PHP cuts its objects from chunks that it maps itself: the trace has few of them",
        variable: Some(("USE_ZEND_ALLOC", "0")),
    },
    Runtime {
        programs: &["ruby", "irb"],
        libraries: &["libruby"],
        seen: "Ruby keeps its objects in pages of its own: the trace has those pages, and the contents \
               of long strings and arrays",
        variable: None,
    },
    Runtime {
        programs: &["node", "nodejs", "deno"],
        libraries: &["libnode"],
        seen: "V8 keeps JavaScript's objects in a heap of its own: the trace has only the blocks of code in C++",
        variable: None,
    },
    Runtime {
        programs: &["java"],
        libraries: &["libjvm"],
        seen: "The virtual machine keeps Java's objects in a heap of its own: the trace has only the blocks \
               of its code in C++",
        variable: None,
    },
    Runtime {
        programs: &["beam", "beam.smp"],
        libraries: &[],
        seen: "Erlang's allocators cut their blocks from carriers: the trace has the carriers",
        variable: Some(("ERL_FLAGS", "+Mea min")),
    },
    Runtime {
        programs: &["dotnet"],
        libraries: &["libcoreclr"],
        seen: ".NET keeps its objects in a heap of its own: the trace has only the blocks of its code in C++",
        variable: None,
    },
];

/// Returns the runtime of the program whose file is at `path`.
pub(super) fn of(path: &Path) -> Option<&'static Runtime> {
    let program = name(path.as_os_str());
    let is_called =
        |runtime: &&Runtime| runtime.programs.iter().any(|word| is_named(&program, word));
    if let Some(runtime) = RUNTIMES.iter().find(is_called) {
        return Some(runtime);
    }
    let image = Image::read(path)?;
    if image.is_go {
        return Some(&GO);
    }
    let needs = |begin: &str| {
        image
            .needed
            .iter()
            .any(|library| library.starts_with(begin))
    };
    RUNTIMES
        .iter()
        .find(|runtime| runtime.libraries.iter().any(|begin| needs(begin)))
}

/// Returns true if `program` is `word`, perhaps with a version.
fn is_named(program: &str, word: &str) -> bool {
    let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || ".-".contains(c));
    program.strip_prefix(word).is_some_and(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_known_by_its_programs_name_with_any_version() {
        let variable = |path: &str| of(Path::new(path)).map(|runtime| runtime.variable);
        let python = Some(Some(("PYTHONMALLOC", "malloc")));
        assert_eq!(variable("/usr/bin/python3.11"), python);
        assert_eq!(variable("python"), python);
        assert_eq!(
            variable("/usr/bin/php8.2"),
            Some(Some(("USE_ZEND_ALLOC", "0")))
        );
        assert_eq!(
            variable("/lib/erlang/bin/beam.smp"),
            Some(Some(("ERL_FLAGS", "+Mea min")))
        );
        assert_eq!(variable("/usr/bin/node"), Some(None));
        assert_eq!(variable("/usr/bin/pythonize"), None);
        assert_eq!(variable("/usr/bin/javac-wrapper"), None);
    }
}
