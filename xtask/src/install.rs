//! `install`: the preload library where a C program's build finds it.

use std::fs;
use std::path::{Path, PathBuf};

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process;

use crate::preload;

const HEADER: &str = "crates/preload/include/malloc_ladder.h";

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let prefix = options
        .value("--prefix")?
        .ok_or("`--prefix DIR` is needed: the directory to install under")?;
    let stage = options.value("--stage")?;
    let verbose = options.flag("-v") | options.flag("--verbose");
    options.finish()?;
    let stage = preload::stage(stage.as_deref())?;
    let library = preload::build(stage, verbose)?;
    let prefix = absolute(&prefix)?;
    let lib = prefix.join("lib");
    install(&lib.join("libmalloc_ladder.so"), &read(&library)?)?;
    let object = preload::object_beside(&library);
    install(&lib.join("malloc_ladder.o"), &read(&object)?)?;
    install(
        &prefix.join("include/malloc_ladder.h"),
        &read(&process::root().join(HEADER))?,
    )?;
    let description = pkg_config(&prefix, stage);
    install(
        &lib.join("pkgconfig/malloc_ladder.pc"),
        description.as_bytes(),
    )
}

fn absolute(prefix: &str) -> Result<PathBuf> {
    std::path::absolute(prefix).map_err(|error| format!("{prefix}: {error}"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Writes the file anew: a program that runs on an old one keeps it.
fn install(path: &Path, bytes: &[u8]) -> Result {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let new = path.with_extension("new");
        fs::write(&new, bytes)?;
        fs::rename(&new, path)
    };
    write().map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

fn pkg_config(prefix: &Path, stage: &str) -> String {
    format!(
        "prefix={}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
         Name: malloc_ladder\nDescription: C's malloc family on {stage}\nVersion: {}\n\
         Libs: -L${{libdir}} -Wl,-rpath,${{libdir}} -Wl,--no-as-needed -lmalloc_ladder -Wl,--as-needed\n\
         Cflags: -I${{includedir}}\n",
        prefix.display(),
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let dir = std::env::temp_dir().join(format!("xtask-install-{}", std::process::id()));
        let file = dir.join("lib/libx.so");
        install(&file, b"old").unwrap();
        install(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.join("lib")).unwrap().count(), 1);
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_description_names_the_places() {
        let text = pkg_config(Path::new("/opt/x"), "bump");
        assert!(text.starts_with("prefix=/opt/x\n"));
        assert!(text.contains("on bump\n"));
        assert!(text.contains("-lmalloc_ladder"));
    }
}
