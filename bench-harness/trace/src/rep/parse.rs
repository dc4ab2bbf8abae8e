//! The parser: line by line, one call each.

use std::collections::HashMap;

use super::Strictness;
use super::dialect::Header;
use crate::compact::MAX_SIZE;
use crate::{BlockId, Builder, Cause, Origin, Provenance, Trace};

/// The reason why a line is refused.
type Wrong = String;

pub(super) struct Parser<'a> {
    lines: Lines<'a>,
    header: Header,
    strictness: Strictness,
    builder: Builder,
    /// The block of every id so far; `None` once it is freed.
    blocks: HashMap<u64, Option<BlockId>>,
    /// The number of calls read so far, including calls without effect.
    n_ops: u64,
}

/// One call, as the line has it.
#[derive(Clone, Copy)]
enum Call {
    Allocate { id: u64, size: usize },
    Resize { id: u64, size: usize },
    Free { id: u64 },
    FreeNull,
}

impl<'a> Parser<'a> {
    /// Reads the header.
    pub(super) fn new(bytes: &'a [u8], strictness: Strictness) -> Result<Self, Cause> {
        if !bytes
            .trim_ascii_start()
            .first()
            .is_some_and(u8::is_ascii_digit)
        {
            return Err(Cause::NotATrace);
        }
        let mut lines = Lines::new(bytes, strictness);
        let header = lines.take_header().map_err(|what| Cause::Line {
            line: lines.number,
            what,
            n_whole: 0,
        })?;
        Ok(Self {
            lines,
            header,
            strictness,
            builder: Builder::new(),
            blocks: HashMap::new(),
            n_ops: 0,
        })
    }

    /// Reads calls up to the declared number.
    pub(super) fn take_calls(&mut self) -> Result<(), Cause> {
        self.take_all().map_err(|what| Cause::Line {
            line: self.lines.number,
            what,
            n_whole: self.builder.n_ops(),
        })
    }

    pub(super) fn finish(mut self, name: &str) -> Trace {
        self.builder.set_provenance(Provenance {
            origin: Origin::Imported,
            program: name.to_owned(),
            note: format!(".rep, {:?} header", self.header.dialect),
            ..Provenance::default()
        });
        self.builder.finish(name)
    }

    fn take_all(&mut self) -> Result<(), Wrong> {
        while let Some(line) = self.lines.next()? {
            if self.n_ops == self.header.n_ops {
                return self
                    .only_strict(|header| format!("a call after the {} declared", header.n_ops));
            }
            let call = parse(line)?;
            self.n_ops += 1;
            self.apply(call)?;
        }
        if self.n_ops < self.header.n_ops {
            let declared = self.header.n_ops;
            return Err(format!(
                "the file ends after {} of {declared} declared calls",
                self.n_ops
            ));
        }
        match self.builder.n_live() {
            0 => Ok(()),
            n => self.only_strict(|_| format!("the file ends with {n} blocks that are not freed")),
        }
    }

    /// Returns the error if the reading is strict.
    fn only_strict(&self, what: impl FnOnce(&Header) -> Wrong) -> Result<(), Wrong> {
        match self.strictness {
            Strictness::Lenient => Ok(()),
            Strictness::Strict => Err(what(&self.header)),
        }
    }

    fn apply(&mut self, call: Call) -> Result<(), Wrong> {
        match call {
            Call::Allocate { id, size } => self.allocate(id, size),
            Call::Resize { id, size } => self.resize(id, size),
            Call::Free { id } => self.free(id),
            Call::FreeNull => self.only_strict(|_| "a free of id -1".to_owned()),
        }
    }

    fn allocate(&mut self, id: u64, size: usize) -> Result<(), Wrong> {
        match self.blocks.get(&id) {
            Some(Some(_)) => return Err(format!("allocates id {id}, which is live")),
            Some(None) => self.only_strict(|_| format!("allocates id {id} for the second time"))?,
            None => {}
        }
        self.check_size(size)?;
        if id >= self.header.n_ids {
            self.only_strict(|header| format!("id {id}, but {} ids are declared", header.n_ids))?;
        }
        let block = self
            .builder
            .allocate(size)
            .map_err(|error| error.to_string())?;
        self.blocks.insert(id, Some(block));
        Ok(())
    }

    fn resize(&mut self, id: u64, size: usize) -> Result<(), Wrong> {
        let Some(&Some(block)) = self.blocks.get(&id) else {
            self.only_strict(|_| format!("resizes id {id}, which is not live"))?;
            return self.allocate(id, size);
        };
        self.check_size(size)?;
        self.builder
            .resize(block, size)
            .map_err(|error| format!("resizes {error}"))
    }

    fn free(&mut self, id: u64) -> Result<(), Wrong> {
        match self.blocks.insert(id, None) {
            None => Err(format!("frees id {id}, which was never allocated")),
            Some(None) => Err(format!("frees id {id}, which was freed before")),
            Some(Some(block)) => self
                .builder
                .free(block)
                .map_err(|error| format!("frees {error}")),
        }
    }

    fn check_size(&self, size: usize) -> Result<(), Wrong> {
        match size {
            0 => self.only_strict(|_| "a size of 0".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Reads `a ID BYTES`, `r ID BYTES` or `f ID`.
fn parse(line: &str) -> Result<Call, Wrong> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        ["a", id, size] => Ok(Call::Allocate {
            id: number(id)?,
            size: bytes(size)?,
        }),
        ["r", id, size] => Ok(Call::Resize {
            id: number(id)?,
            size: bytes(size)?,
        }),
        ["f", "-1"] => Ok(Call::FreeNull),
        ["f", id] => Ok(Call::Free { id: number(id)? }),
        _ => Err(format!(
            "{line:?} is none of `a ID BYTES`, `r ID BYTES`, `f ID`"
        )),
    }
}

fn number(word: &str) -> Result<u64, Wrong> {
    word.parse().map_err(|_| format!("{word:?} is no number"))
}

fn bytes(word: &str) -> Result<usize, Wrong> {
    match usize::try_from(number(word)?) {
        Ok(size) if size <= MAX_SIZE => Ok(size),
        _ => Err(format!(
            "a size of {word} bytes, which takes more than 62 bits"
        )),
    }
}

/// The nonblank lines of a file.
struct Lines<'a> {
    rest: &'a [u8],
    strictness: Strictness,
    /// The number of the last line taken.
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8], strictness: Strictness) -> Self {
        Self {
            rest: bytes,
            strictness,
            number: 0,
        }
    }

    /// Takes the next line that is not blank; `None` at the end.
    fn next(&mut self) -> Result<Option<&'a str>, Wrong> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest.get(1..).unwrap_or_default();
            self.number += 1;
            let line = str::from_utf8(line).map_err(|_| "it is no text".to_owned())?;
            if self.strictness == Strictness::Strict && (line.is_empty() || line.ends_with('\r')) {
                return Err("a blank line or a CR LF line end".to_owned());
            }
            if !line.trim().is_empty() {
                return Ok(Some(line.trim()));
            }
        }
        Ok(None)
    }

    /// Takes the leading lines that hold one number each.
    fn take_header(&mut self) -> Result<Header, Wrong> {
        let mut numbers = Vec::new();
        loop {
            let before = (self.rest, self.number);
            let number = self.next()?.and_then(|line| line.parse().ok());
            let Some(number) = number else {
                (self.rest, self.number) = before;
                break;
            };
            numbers.push(number);
        }
        let n = numbers.len();
        Header::new(&numbers).ok_or_else(|| format!("a header of {n} numbers; 2 or 4 are known"))
    }
}
