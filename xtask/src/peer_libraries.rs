//! Peers as libraries to be preloaded: built from the sources that their packages carry, as upstream
//! builds its shared library, C++'s operators included.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask_base::Result;
use xtask_base::process::{self, cargo, output, succeed};
use xtask_base::tools::{CC, CMAKE, CXX, Tool};

use crate::c_peers;

/// A peer and where its sources are.
struct PeerLibrary {
    /// What it is called in tables, and after `--preload`.
    name: &'static str,
    /// The package that carries the sources.
    package: &'static str,
    /// Their folder in it.
    sources: &'static str,
    recipe: Recipe,
    /// Whether `--peers all` leaves it out, since what is measured are its checks.
    is_hardened: bool,
}

/// How a library is built.
#[derive(Clone, Copy)]
enum Recipe {
    /// mimalloc, with more definitions.
    Mimalloc(&'static [&'static str]),
    /// A target of snmalloc's build.
    Snmalloc(&'static str),
    HardenedMalloc,
}

/// The second version of mimalloc has the symbols of the third, which is compiled in, so that it takes
/// part as a library wherever peers in C do.
const MIMALLOC_V2: &str = "mimalloc-v2";

const fn mimalloc(name: &'static str, sources: &'static str) -> PeerLibrary {
    PeerLibrary {
        name,
        package: "libmimalloc-sys",
        sources,
        recipe: Recipe::Mimalloc(&[]),
        is_hardened: false,
    }
}

const fn snmalloc(name: &'static str, target: &'static str, is_hardened: bool) -> PeerLibrary {
    PeerLibrary {
        name,
        package: "snmalloc-sys",
        sources: "upstream",
        recipe: Recipe::Snmalloc(target),
        is_hardened,
    }
}

const LIBRARIES: &[PeerLibrary] = &[
    mimalloc(MIMALLOC_V2, "c_src/mimalloc/v2"),
    mimalloc("mimalloc.so", "c_src/mimalloc/v3"),
    snmalloc("snmalloc.so", "snmallocshim", false),
    PeerLibrary {
        // As upstream's `-DMI_SECURE=ON`.
        recipe: Recipe::Mimalloc(&["-DMI_SECURE=4"]),
        is_hardened: true,
        ..mimalloc("mimalloc-secure", "c_src/mimalloc/v3")
    },
    // With the client's mistakes checked.
    snmalloc("snmalloc-checks", "snmallocshim-checks", true),
    PeerLibrary {
        name: "hardened_malloc",
        package: "hardened-malloc-sys",
        sources: "vendor/hardened-malloc",
        recipe: Recipe::HardenedMalloc,
        is_hardened: true,
    },
];

impl PeerLibrary {
    /// The first tool of its build that is not there.
    fn missing(&self) -> Option<&'static Tool> {
        let tools: &[&Tool] = match self.recipe {
            Recipe::Mimalloc(_) => &[&CC],
            Recipe::Snmalloc(_) => &[&CXX, &CMAKE],
            Recipe::HardenedMalloc => &[&CC, &CXX],
        };
        tools.iter().find(|tool| !tool.is_here()).copied()
    }

    /// Builds it in a folder of its own; its path, which names the version.
    fn build(&self) -> Result<PathBuf> {
        let sources = package_folder(self.package)?.join(self.sources);
        let folder = process::target_folder(Path::new("peers").join(self.name))?;
        let name = self.name.trim_end_matches(".so").trim_end_matches("-v2");
        match self.recipe {
            Recipe::Mimalloc(flags) => build_mimalloc(&sources, &folder, name, flags),
            Recipe::Snmalloc(target) => build_snmalloc(&sources, &folder, name, target),
            Recipe::HardenedMalloc => build_hardened_malloc(&sources, &folder),
        }
    }

    /// Builds it: `NAME=PATH`.
    fn built(&self) -> Result<String> {
        Ok(format!("{}={}", self.name, self.build()?.display()))
    }
}

/// Whether `--preload` takes this name without a path.
pub(crate) fn is_known(name: &str) -> bool {
    LIBRARIES.iter().any(|library| library.name == name)
}

/// Whether the arguments of `bench` ask for all peers.
pub(crate) fn asks_for_all(args: &[String]) -> bool {
    args.iter().any(|arg| arg == "--peers=all")
        || args.windows(2).any(|pair| pair == ["--peers", "all"])
}

/// The arguments of `bench` with a path for each library that `--preload` only names, and with those
/// that `--peers all` stands for. `is_preloading`: the run compares what is preloaded.
///
/// # Errors
///
/// A library that was named cannot be built here, or a build failed although its tools are there.
pub(crate) fn with_paths(args: &[String], is_preloading: bool) -> Result<Vec<String>> {
    let (mut args, named) = replaced(args, |library| match library.missing() {
        None => library.built(),
        Some(tool) => Err(format!("{}: {}", library.name, tool.needed())),
    })?;
    if asks_for_all(&args) {
        let is_new =
            |library: &&PeerLibrary| !named.contains(&library.name) && library.missing().is_none();
        for library in all(is_preloading).filter(is_new) {
            args.extend(["--preload".to_owned(), library.built()?]);
        }
    }
    Ok(args)
}

/// The libraries that `--peers all` stands for.
fn all(is_preloading: bool) -> impl Iterator<Item = &'static PeerLibrary> {
    let is_meant = move |library: &&PeerLibrary| {
        !library.is_hardened && (is_preloading || library.name == MIMALLOC_V2)
    };
    LIBRARIES.iter().filter(is_meant)
}

/// A sentence for each library that `--peers all` stands for and that cannot be built here.
pub(crate) fn left_out(is_preloading: bool) -> Vec<String> {
    let missing = |library: &PeerLibrary| {
        let tool = library.missing()?;
        Some(format!(
            "{}: left out, since {}",
            library.name,
            tool.needed()
        ))
    };
    all(is_preloading).filter_map(missing).collect()
}

/// `args` with what `value` makes of each library that `--preload` names, and the names of those.
fn replaced(
    args: &[String],
    value: impl Fn(&PeerLibrary) -> Result<String>,
) -> Result<(Vec<String>, Vec<&'static str>)> {
    let (mut replaced, mut named) = (Vec::new(), Vec::new());
    let mut is_value = false;
    for arg in args {
        let joined = arg.strip_prefix("--preload=");
        if arg.starts_with("--") {
            is_value = arg == "--preload";
        }
        let name = joined.or(is_value.then_some(arg));
        let Some(library) = LIBRARIES.iter().find(|library| Some(library.name) == name) else {
            replaced.push(arg.clone());
            continue;
        };
        let option = joined.map_or("", |_| "--preload=");
        replaced.push(format!("{option}{}", value(library)?));
        named.push(library.name);
    }
    Ok((replaced, named))
}

/// The names of those whose checks are measured.
pub(crate) fn hardened() -> impl Iterator<Item = &'static str> {
    let hardened = LIBRARIES.iter().filter(|library| library.is_hardened);
    hardened.map(|library| library.name)
}

/// Builds the library that is called `name`.
///
/// # Errors
///
/// There is none, a tool is missing, or the build failed.
pub(crate) fn build(name: &str) -> Result<PathBuf> {
    let library = LIBRARIES.iter().find(|library| library.name == name);
    let library = library.ok_or_else(|| format!("there is no library `{name}`"))?;
    match library.missing() {
        None => library.build(),
        Some(tool) => Err(tool.needed()),
    }
}

/// Where cargo keeps the package that the peers' lock file names.
fn package_folder(package: &str) -> Result<PathBuf> {
    let metadata = output(cargo(&["metadata", "--format-version", "1"]).args([
        "--all-features",
        "--manifest-path",
        c_peers::MANIFEST,
    ]))?;
    let manifest = manifest_of(&metadata, package).map(PathBuf::from);
    let folder = manifest.and_then(|path| Some(path.parent()?.to_owned()));
    folder.ok_or_else(|| format!("cargo does not say where {package} is"))
}

/// The manifest of the package, whose folder has its name and version.
fn manifest_of<'a>(metadata: &'a str, package: &str) -> Option<&'a str> {
    let is_of = |path: &&str| {
        let folder = path
            .rsplit('/')
            .nth(1)
            .and_then(|folder| folder.strip_prefix(package));
        folder.is_some_and(|rest| rest.starts_with('-'))
    };
    let paths = metadata.split("\"manifest_path\":\"").skip(1);
    paths.filter_map(|rest| rest.split('"').next()).find(is_of)
}

/// mimalloc without a build system, because its package lacks a part of upstream's: one file includes
/// all others, and the flags are those of upstream's shared library.
fn build_mimalloc(sources: &Path, folder: &Path, name: &str, flags: &[&str]) -> Result<PathBuf> {
    let text = process::read(&sources.join("include/mimalloc.h"))?;
    let version = mimalloc_version(&text).ok_or("mimalloc.h does not say its version")?;
    let library = folder.join(format!("lib{name}-{version}.so"));
    let mut cc = Command::new(CC.program());
    cc.args(["-std=gnu11", "-O3", "-fPIC", "-fvisibility=hidden"]);
    cc.args(["-ftls-model=initial-exec", "-fno-builtin-malloc"]);
    cc.args(["-DNDEBUG", "-DMI_BUILD_RELEASE", "-DMI_MALLOC_OVERRIDE"]);
    cc.args(flags);
    cc.args(["-DMI_SHARED_LIB", "-DMI_SHARED_LIB_EXPORT", "-I"]);
    cc.arg(sources.join("include"))
        .arg("-I")
        .arg(sources.join("src"));
    cc.arg(sources.join("src/static.c")).args(["-shared", "-o"]);
    succeed(cc.arg(&library).args(["-lpthread", "-latomic"]))?;
    Ok(library)
}

/// `3.3.2` of 30302.
fn mimalloc_version(header: &str) -> Option<String> {
    let (_, rest) = header.split_once("#define MI_MALLOC_VERSION")?;
    let number: u32 = rest.split_whitespace().next()?.parse().ok()?;
    Some(format!(
        "{}.{}.{}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    ))
}

/// snmalloc by its own build. Naming a linker keeps it from looking for lld, whose absence would make
/// it find that the compiler can do nothing.
fn build_snmalloc(sources: &Path, folder: &Path, name: &str, target: &str) -> Result<PathBuf> {
    let version = sources
        .parent()
        .and_then(|package| package.file_name()?.to_str()?.rsplit('-').next())
        .ok_or("the package of snmalloc has no version in its folder")?;
    let mut configure = Command::new(CMAKE.program());
    configure.arg("-S").arg(sources).arg("-B").arg(folder);
    configure.args(["-DCMAKE_BUILD_TYPE=Release", "-DSNMALLOC_LINKER_FLAVOUR=ld"]);
    configure.args([
        "-DSNMALLOC_BUILD_TESTING=OFF",
        "-DSNMALLOC_STATIC_LIBRARY=OFF",
    ]);
    output(&mut configure)?;
    let mut build = Command::new(CMAKE.program());
    build.arg("--build").arg(folder);
    output(build.args(["--target", target]))?;
    let library = folder.join(format!("lib{name}-{version}.so"));
    fs::copy(folder.join(format!("lib{target}.so")), &library)
        .map_err(|error| format!("{}: {error}", library.display()))?;
    Ok(library)
}

/// hardened_malloc in its default configuration, which the package keeps beside the sources, with the flags
/// of upstream's makefile.
fn build_hardened_malloc(sources: &Path, folder: &Path) -> Result<PathBuf> {
    let package = sources.ancestors().nth(2).ok_or("no package")?;
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    let version = name.rsplit('-').next().unwrap_or_default();
    let config = process::read(&package.join("config-default.conf"))?;
    let lines = config.lines().map(str::trim);
    let settings = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let defines: Vec<String> = settings.map(|line| format!("-D{line}")).collect();
    let shared = ["-O3", "-fPIC", "-fvisibility=hidden", "-D_GNU_SOURCE", "-w"];
    // What C23 has as keywords, for compilers that do not.
    const C: &str = "-std=gnu2x";
    let includes = ["include", "third_party", "."].map(|part| sources.join(part));
    let mut objects = Vec::new();
    for (tool, standard, file) in [
        (&CC, C, "chacha.c"),
        (&CC, C, "h_malloc.c"),
        (&CC, C, "memory.c"),
        (&CC, C, "pages.c"),
        (&CC, C, "random.c"),
        (&CC, C, "util.c"),
        (&CXX, "-std=c++17", "new.cc"),
    ] {
        let object = folder.join(file).with_extension("o");
        let mut compile = Command::new(tool.program());
        compile.arg(standard).args(shared).args(&defines);
        if standard == C {
            compile.args(["-include", "stdalign.h", "-include", "stdbool.h"]);
        }
        for include in &includes {
            compile.arg("-I").arg(include);
        }
        compile.arg("-c").arg(sources.join(file));
        succeed(compile.arg("-o").arg(&object))?;
        objects.push(object);
    }
    let library = folder.join(format!("libhardened_malloc-{version}.so"));
    let mut link = Command::new(CXX.program());
    link.args(["-shared", "-o"]).arg(&library).args(&objects);
    succeed(link.arg("-lpthread"))?;
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced_line(line: &str) -> (String, Vec<&'static str>) {
        let args = xtask_base::options::args(line);
        let value = |library: &PeerLibrary| Ok(format!("{}=built", library.name));
        let (args, named) = replaced(&args, value).unwrap();
        (args.join(" "), named)
    }

    #[test]
    fn a_library_is_built_where_its_name_stands_for_a_path() {
        let (line, named) =
            replaced_line("bench --preload je=x.so snmalloc.so --stage mimalloc-v2");
        assert_eq!(
            line,
            "bench --preload je=x.so snmalloc.so=built --stage mimalloc-v2"
        );
        assert_eq!(named, ["snmalloc.so"]);
        let (line, _) = replaced_line("bench --preload=mimalloc.so --global pair");
        assert_eq!(line, "bench --preload=mimalloc.so=built --global pair");
    }

    #[test]
    fn a_package_is_found_by_its_name_and_no_other() {
        let metadata = r#"{"manifest_path":"/r/mimalloc-1.0/Cargo.toml","x":1},{"manifest_path":"/r/libmimalloc-sys-0.1.49/Cargo.toml"}"#;
        let found = manifest_of(metadata, "libmimalloc-sys");
        assert_eq!(found, Some("/r/libmimalloc-sys-0.1.49/Cargo.toml"));
        assert_eq!(manifest_of(metadata, "mimalloc-sys"), None);
    }

    #[test]
    fn the_version_is_that_of_the_header() {
        let header = "#define MI_MALLOC_VERSION 30302   // major + 2 digits minor\n";
        assert_eq!(mimalloc_version(header).as_deref(), Some("3.3.2"));
        assert_eq!(mimalloc_version("#define MI_OTHER 1"), None);
    }
}
