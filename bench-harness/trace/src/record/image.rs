//! Reads a program's file to find out how the program allocates.

use std::ffi::{CString, OsStr};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use object::read::elf::{Dyn as _, ElfFile64, ProgramHeader as _};
use object::{Endianness, Object as _, ObjectSymbol as _, ReadCache, elf};

/// The reason why a preloaded recorder sees no call of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    Static,
    Musl,
    OtherWidth,
    Privileged,
    OwnMalloc,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static => "it is statically linked, so no recorder can be preloaded into it",
            Self::Musl => "it is linked with musl, but the recorder is linked with the GNU C library",
            Self::OtherWidth => "its word size is not the recorder's",
            Self::Privileged => {
                "it is setuid, setgid or has capabilities, so the dynamic linker preloads nothing into \
                 it; record a copy that is not"
            }
            Self::OwnMalloc => "it defines a `malloc` of its own, so it does not call the C library's",
        })
    }
}

/// The facts about a program from its ELF file.
#[derive(Debug, Default)]
pub(super) struct Image {
    interpreter: Option<String>,
    defines_malloc: bool,
    /// True if it takes blocks from C++'s `new`.
    pub(super) calls_new: bool,
    /// The libraries that it needs.
    pub(super) needed: Vec<String>,
    /// True if Go's linker made it.
    pub(super) is_go: bool,
}

impl Image {
    /// Reads the ELF file at `path`; `None` for a script or a program with another word size.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let cache = ReadCache::new(File::open(path).ok()?);
        let file = ElfFile64::<Endianness, _>::parse(&cache).ok()?;
        let (endian, data) = (file.endian(), file.data());
        let headers = file.elf_program_headers();
        let interpreter = headers
            .iter()
            .find_map(|header| header.interpreter(endian, data).ok()?);
        let sections = file.elf_section_table();
        let mut needed = Vec::new();
        if let Ok(Some((entries, link))) = sections.dynamic(endian, data) {
            let strings = sections.strings(endian, data, link).unwrap_or_default();
            let wanted = entries
                .iter()
                .filter(|entry| entry.tag32(endian) == Some(elf::DT_NEEDED));
            let names = wanted.filter_map(|entry| strings.get(entry.val32(endian)?).ok());
            needed.extend(names.map(|name| String::from_utf8_lossy(name).into_owned()));
        }
        let has = |name: &str, is_defined: bool| {
            let mut symbols = file.dynamic_symbols();
            symbols.any(|one| one.is_definition() == is_defined && one.name() == Ok(name))
        };
        Some(Self {
            interpreter: interpreter.map(|path| String::from_utf8_lossy(path).into_owned()),
            defines_malloc: has("malloc", true),
            // `operator new(size_t)`, with the size of a 64-bit and of a 32-bit machine.
            calls_new: has("_Znwm", false) || has("_Znwj", false),
            needed,
            is_go: file.section_by_name(".go.buildinfo").is_some(),
        })
    }
}

/// Returns the reason why the recorder sees no call of the program at `path`, if its file shows one.
pub(super) fn obstacle(path: &Path) -> Option<Obstacle> {
    if is_privileged(path) {
        return Some(Obstacle::Privileged);
    }
    if has_other_width(path) {
        return Some(Obstacle::OtherWidth);
    }
    let image = Image::read(path)?;
    match &image.interpreter {
        None => Some(Obstacle::Static),
        Some(interpreter) if interpreter.contains("musl") => Some(Obstacle::Musl),
        Some(_) if image.defines_malloc => Some(Obstacle::OwnMalloc),
        Some(_) => None,
    }
}

/// Returns the file that a command's first word names.
pub(super) fn find(program: &OsStr) -> Option<PathBuf> {
    if program.as_bytes().contains(&b'/') {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    let mut candidates = std::env::split_paths(&path).map(|directory| directory.join(program));
    candidates.find(|candidate| candidate.is_file())
}

/// Returns a program's name without its directories.
pub(super) fn name(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().into_owned()
}

/// Returns true if the program runs with another user's rights, or with more rights than its user's.
fn is_privileged(path: &Path) -> bool {
    let Ok(file) = path.metadata() else {
        return false;
    };
    // SAFETY: the calls take no argument and cannot fail.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    let is_other_user = file.mode() & libc::S_ISUID != 0 && file.uid() != user;
    let is_other_group = file.mode() & libc::S_ISGID != 0 && file.gid() != group;
    is_other_user || is_other_group || (user != 0 && has_capabilities(path))
}

fn has_capabilities(path: &Path) -> bool {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else {
        return false;
    };
    let name = c"security.capability";
    // SAFETY: both strings end with 0, and the call writes nothing, because the buffer's size is 0.
    unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), core::ptr::null_mut(), 0) > 0 }
}

/// Returns true if it is an ELF file with another word size than this program's.
fn has_other_width(path: &Path) -> bool {
    let mut start = [0; 5];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    let ours = match size_of::<usize>() {
        4 => elf::ELFCLASS32,
        _ => elf::ELFCLASS64,
    };
    read.is_ok() && start.starts_with(&elf::ELFMAG) && start[4] != ours
}
