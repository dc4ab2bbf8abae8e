//! Call stacks with names: from the addresses of a process that has ended to functions.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use object::{Object as _, ObjectSegment as _, ObjectSymbol as _, SymbolKind};
use recording::stacks::{ALLOCATION, EXTENT_LEN, MODULE, STACK};

use crate::stacks::Stacks;

/// What stands for an allocation whose stack is not known.
const UNKNOWN: &str = "[unknown]";

/// The records of a file of stacks.
#[derive(Default)]
struct Raw {
    /// The number of the stack of each ticket.
    allocations: HashMap<u64, u64>,
    /// The frames of each stack, the innermost first.
    stacks: HashMap<u64, Vec<u64>>,
    /// The modules by their addresses.
    modules: Vec<(u64, PathBuf)>,
}

/// The stacks in the file at `path`, of the allocations with these tickets; `None` if there is no such file.
pub(super) fn stacks(path: &Path, tickets: &[u64]) -> Option<Stacks> {
    let raw = Raw::read(&fs::read(path).ok()?);
    let mut names = Names::new(&raw.modules);
    let mut indices: HashMap<u64, u32> = HashMap::new();
    let mut stacks = vec![UNKNOWN.to_owned()];
    let mut by_text: HashMap<String, u32> = HashMap::from([(UNKNOWN.to_owned(), 0)]);
    let mut sites = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let number = raw.allocations.get(ticket).copied().unwrap_or(0);
        let site = *indices.entry(number).or_insert_with(|| {
            let frames = raw.stacks.get(&number).map_or(&[][..], Vec::as_slice);
            let text = names.collapsed(frames);
            // Calls from several lines of one function have one name.
            *by_text.entry(text.clone()).or_insert_with(|| {
                stacks.push(text);
                stacks.len() as u32 - 1
            })
        });
        sites.push(site);
    }
    Some(Stacks { stacks, sites })
}

impl Raw {
    /// Reads any bytes: a record that the process did not finish is left out.
    fn read(bytes: &[u8]) -> Self {
        let mut raw = Self::default();
        for extent in bytes.chunks(EXTENT_LEN) {
            let words: Vec<u64> = extent
                .chunks_exact(8)
                .map(|word| u64::from_ne_bytes(word.try_into().unwrap_or_default()))
                .collect();
            let mut rest = words.as_slice();
            while let [first, ..] = rest {
                let n = raw.take(*first, rest).unwrap_or(1);
                rest = &rest[n.min(rest.len())..];
            }
        }
        raw.modules.sort();
        raw
    }

    /// Takes the record at the start of `words`, and returns its length; `None` if there is none.
    fn take(&mut self, first: u64, words: &[u64]) -> Option<usize> {
        let low = first & ((1 << 56) - 1);
        let second = *words.get(1)?;
        let len = usize::try_from(low).ok()?;
        match (first >> 56) as u8 {
            ALLOCATION => {
                self.allocations.insert(low, second);
                Some(2)
            }
            STACK => {
                let frames = words.get(2..2 + len)?;
                self.stacks.insert(second, frames.to_vec());
                Some(2 + len)
            }
            MODULE => {
                let path = words.get(2..2 + len.div_ceil(8))?;
                let bytes: Vec<u8> = path
                    .iter()
                    .flat_map(|word| word.to_ne_bytes())
                    .take(len)
                    .collect();
                self.modules
                    .push((second, String::from_utf8_lossy(&bytes).into_owned().into()));
                Some(2 + len.div_ceil(8))
            }
            _ => None,
        }
    }
}

/// The names of the functions in modules.
struct Names<'a> {
    modules: &'a [(u64, PathBuf)],
    symbols: Vec<Option<Symbols>>,
}

impl<'a> Names<'a> {
    fn new(modules: &'a [(u64, PathBuf)]) -> Self {
        Self {
            symbols: modules.iter().map(|_| None).collect(),
            modules,
        }
    }

    /// The functions of a stack from the outermost on, without the recorder's own.
    fn collapsed(&mut self, frames: &[u64]) -> String {
        let mut names: Vec<String> = frames
            .iter()
            .filter_map(|frame| self.name(*frame))
            .collect();
        names.reverse();
        match names.is_empty() {
            true => UNKNOWN.to_owned(),
            false => names.join(";"),
        }
    }

    /// The function that has the call before `address`; `None` if it is the recorder's.
    fn name(&mut self, address: u64) -> Option<String> {
        let after = self.modules.partition_point(|(base, _)| *base <= address);
        let Some(index) = after.checked_sub(1) else {
            return Some(format!("{address:#x}"));
        };
        let (base, path) = &self.modules[index];
        let file = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        if file.starts_with("librecorder") {
            return None;
        }
        let symbols =
            self.symbols[index].get_or_insert_with(|| Symbols::read(path).unwrap_or_default());
        // The address is that of the return, behind the call.
        let offset = (address - 1).wrapping_sub(*base);
        Some(match symbols.find(offset) {
            Some(name) => name.replace(';', ":"),
            None => format!("{file}+{offset:#x}"),
        })
    }
}

/// The functions of a file: offset from where it is loaded, length and name, sorted.
#[derive(Default)]
struct Symbols(Vec<(u64, u64, String)>);

impl Symbols {
    fn read(path: &Path) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let first = file.segments().map(|segment| segment.address()).min()?;
        let base = first / 4096 * 4096;
        let mut all: Vec<(u64, u64, String)> = file
            .symbols()
            .chain(file.dynamic_symbols())
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.address() >= base)
            .filter_map(|symbol| {
                let name = rustc_demangle::demangle(symbol.name().ok()?);
                Some((symbol.address() - base, symbol.size(), format!("{name:#}")))
            })
            .collect();
        all.sort();
        Some(Self(all))
    }

    fn find(&self, offset: u64) -> Option<&str> {
        let after = self.0.partition_point(|(start, ..)| *start <= offset);
        let (start, len, name) = self.0.get(after.checked_sub(1)?)?;
        (offset < start + len).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_what_is_not_whole_is_left_out() {
        let record = |kind: u8, low: u64| (u64::from(kind) << 56) | low;
        let words = [
            vec![record(STACK, 2), 77, 0x10, 0x20],
            vec![record(ALLOCATION, 5), 77],
            vec![
                record(MODULE, 3),
                4096,
                u64::from_ne_bytes(*b"abc\0\0\0\0\0"),
            ],
            vec![record(STACK, 9), 1],
        ];
        let bytes: Vec<u8> = words
            .concat()
            .iter()
            .flat_map(|word| word.to_ne_bytes())
            .collect();
        let raw = Raw::read(&bytes);
        assert_eq!(raw.stacks, HashMap::from([(77, vec![0x10, 0x20])]));
        assert_eq!(raw.allocations, HashMap::from([(5, 77)]));
        assert_eq!(raw.modules, [(4096, PathBuf::from("abc"))]);
    }

    #[test]
    fn a_function_of_this_program_is_found_by_its_address() {
        let program = std::env::current_exe().unwrap();
        let symbols = Symbols::read(&program).unwrap();
        let (start, len, name) = symbols.0.iter().find(|(_, len, _)| *len > 8).unwrap();
        assert!(symbols.find(start + len / 2).is_some(), "{name}");
        assert_eq!(symbols.find(u64::MAX / 2), None);
    }
}
