//! The notes by which a tracer finds probes.

use std::path::Path;

use object::{Object, ObjectSection};

/// A note of the section `.note.stapsdt`.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) place: u64,
    pub(crate) base: u64,
    pub(crate) semaphore: u64,
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// The notes of a library or program, the first by name first.
pub(crate) fn notes(library: &Path) -> Vec<Note> {
    let bytes = std::fs::read(library).expect("a file");
    let file = object::File::parse(&*bytes).expect("an ELF file");
    let section = file.section_by_name(".note.stapsdt").expect("notes");
    let mut rest = section.data().expect("their bytes");
    let mut notes = Vec::new();
    while !rest.is_empty() {
        let [owner, len, kind] = [0, 4, 8].map(|at| word(rest, at));
        assert_eq!((owner, &rest[12..20], kind), (8, &b"stapsdt\0"[..], 3));
        notes.push(Note::read(&rest[20..20 + len]));
        rest = &rest[20 + len.next_multiple_of(4)..];
    }
    notes.sort_by(|left, right| left.name.cmp(&right.name));
    notes
}

fn word(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
}

impl Note {
    fn read(bytes: &[u8]) -> Self {
        let address = |at: usize| {
            let bytes = bytes[at..at + 8].try_into().expect("eight bytes");
            u64::from_le_bytes(bytes)
        };
        let texts: Vec<_> = bytes[24..]
            .split(|&byte| byte == 0)
            .map(String::from_utf8_lossy)
            .collect();
        Self {
            place: address(0),
            base: address(8),
            semaphore: address(16),
            provider: texts[0].clone().into_owned(),
            name: texts[1].clone().into_owned(),
            arguments: texts[2].clone().into_owned(),
        }
    }

    /// The registers of the arguments, each of which has eight bytes.
    pub(crate) fn registers(&self) -> impl Iterator<Item = &str> {
        let arguments = self.arguments.split(' ');
        arguments.map(|argument| argument.strip_prefix("8@").expect("eight bytes"))
    }
}
