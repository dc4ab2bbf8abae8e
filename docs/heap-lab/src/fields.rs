//! A block's bytes, field by field.

use crate::lab::Lab;
use crate::links::{GRANULE, link, word};
use crate::stage::Format;
use crate::walk::{Record, State};

/// A field of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it begins.
    pub offset: u32,
    /// The bytes, in hexadecimal; long fields are cut.
    pub hex: String,
    /// What the stage calls it.
    pub name: &'static str,
    /// What it says.
    pub meaning: String,
}

/// The bytes of a long field that are shown.
const SHOWN: u32 = 8;

/// Returns the fields of a block in address order.
pub fn fields(lab: &Lab, record: &Record, name: &str) -> Vec<Field> {
    let mut fields = Fields {
        lab,
        list: Vec::new(),
    };
    match (lab.stage().format(), record.state) {
        (Format::Letters, State::Used | State::Free) => fields.letters(record, name),
        (Format::Bits, State::Used | State::Free) => fields.bits(record, name),
        (_, State::Metadata) => {
            let what = match lab.stage().format() {
                Format::Bits if record.size > 16 => "heads of the lists, and the edge of the heap",
                _ => "the stage's own",
            };
            fields.add(record.offset, record.size, "metadata", what.to_owned());
        }
        (_, State::Lost) => fields.add(
            record.offset,
            record.size,
            "lost",
            "handed out once".to_owned(),
        ),
        (_, State::Used) => fields.payload(record, name),
        (_, State::Free) => fields.add(
            record.offset,
            record.size,
            "free",
            "never handed out, or handed back".to_owned(),
        ),
    }
    fields.list
}

struct Fields<'a> {
    lab: &'a Lab,
    list: Vec<Field>,
}

impl Fields<'_> {
    fn add(&mut self, offset: u32, len: u32, name: &'static str, meaning: String) {
        if len == 0 {
            return;
        }
        let bytes = self.lab.memory().bytes(offset, len.min(SHOWN));
        let mut hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if len > SHOWN {
            hex.push(format!("… {len} bytes"));
        }
        self.list.push(Field {
            offset,
            hex: hex.join(" "),
            name,
            meaning,
        });
    }

    fn letters(&mut self, record: &Record, name: &str) {
        let at = record.offset;
        if record.state == State::Free && self.lab.memory().bytes(at + 4, 4) != b"FREE" {
            return self.add(
                at,
                record.size,
                "untouched",
                "no block was ever cut from it".to_owned(),
            );
        }
        let granules = word(self.lab, at);
        self.add(
            at,
            4,
            "size",
            format!(
                "{granules} granules = {} bytes, header included",
                granules * GRANULE
            ),
        );
        let letters = self.lab.memory().bytes(at + 4, 4);
        let letters = String::from_utf8_lossy(&letters).into_owned();
        self.add(at + 4, 4, "state", format!("the letters “{letters}”"));
        if record.state == State::Used {
            return self.payload(record, name);
        }
        let width = size_of::<usize>() as u32;
        let meaning = match link(self.lab, at) {
            Some(next) => format!("the next free block is at {next}"),
            None => "the end of the list".to_owned(),
        };
        self.add(at + 8, width, "link", meaning);
        let rest = at + 8 + width;
        self.add(
            rest,
            record.end().saturating_sub(rest),
            "rest",
            "left over from its last user".to_owned(),
        );
    }

    fn bits(&mut self, record: &Record, name: &str) {
        let at = record.offset;
        let header = word(self.lab, at);
        self.add(at, 4, "header", bits_of(header));
        if record.state == State::Used {
            return self.payload(record, name);
        }
        let is_top = header >> 2 == 0;
        if is_top || record.size < 16 {
            let what = if is_top {
                "the top: it is in no list"
            } else {
                "a pad: too small for links"
            };
            return self.add(at + 4, record.size - 4, "rest", what.to_owned());
        }
        for (place, name) in [(at + 4, "next"), (at + 8, "previous")] {
            let granules = word(self.lab, place);
            self.add(place, 4, name, self.meaning_of(granules, header >> 2));
        }
        self.add(
            at + 12,
            record.size - 16,
            "rest",
            "left over from its last user".to_owned(),
        );
        let footer = word(self.lab, record.end() - 4);
        self.add(
            record.end() - 4,
            4,
            "footer",
            format!("{footer} granules = {} bytes", footer * GRANULE),
        );
    }

    /// Says where a link of a block with `size` granules leads.
    fn meaning_of(&self, granules: u32, size: u32) -> String {
        let before_payload = granules.wrapping_mul(GRANULE).wrapping_sub(4);
        match granules == coalescing::bins::bin_of(size) {
            true => format!("the head of the list of bin {granules}"),
            false => format!("the block at {before_payload}"),
        }
    }

    fn payload(&mut self, record: &Record, name: &str) {
        let start = record.payload();
        self.add(
            start,
            record.requested,
            "payload",
            format!("the program's: block {name}"),
        );
        let rest = start + record.requested;
        self.add(
            rest,
            record.end().saturating_sub(rest),
            "padding",
            "more than was asked for".to_owned(),
        );
    }
}

/// Says what a header of four bytes holds.
pub(crate) fn bits_of(header: u32) -> String {
    let (size, previous, used) = (header >> 2, header >> 1 & 1, header & 1);
    format!("size {size} · previous used {previous} · used {used}")
}
