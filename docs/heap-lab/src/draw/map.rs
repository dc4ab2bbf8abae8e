//! The map of a heap: its blocks in address order, as wide as they are long.

use super::grid::{Grid, Part};
use super::list;
use super::pages::{self, Extent};
use super::rover;
use super::svg::{Anchor, CHARACTER, Kind, Picture, escaped};
use crate::fields::bits_of;
use crate::lab::Lab;
use crate::links::word;
use crate::say::describe;
use crate::stage::Format;
use crate::trace::Trace;
use crate::walk::{NONE, Record, State};

/// How a map is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Map {
    /// The width in pixels.
    pub width: u32,
    /// The number of the figure on its page, for the names of its patterns.
    pub figure: u32,
    /// Bytes of a row; 0 leaves it to the map.
    pub row: u32,
    /// Whether each block can be reached with the keyboard.
    pub is_live: bool,
    /// Whether headers of four bytes are spelled out.
    pub has_bits: bool,
}

/// Metadata in front that is longer is put into words.
const LONGEST_METADATA: u32 = 48;

/// Pixels of a header or of padding, at least: what is smaller is not drawn.
const LEAST_WIDTH: f64 = 2.0;

/// Pixels of the end that a pointer can drag, and of the blocks that have one.
const GRIP: f64 = 7.0;
const LEAST_GRIPPED: f64 = 16.0;

pub(super) const BLOCK_HEIGHT: f64 = 34.0;
const OFFSETS_HEIGHT: f64 = 15.0;
const BITS_HEIGHT: f64 = 15.0;
const WORDS_HEIGHT: f64 = 18.0;

/// Draws the heap, and its free list below.
pub fn map(lab: &Lab, trace: &Trace, records: &[Record], options: Map) -> Picture {
    let mut picture = Picture::new(options.figure);
    let mut top = 0.0;
    let mut drawn = records;
    if let [first, rest @ ..] = records
        && first.state == State::Metadata
        && first.size > LONGEST_METADATA
    {
        let words = format!("{} bytes of list heads in front", first.size);
        picture.text("small", Anchor::Start, 0.0, 12.0, &words);
        (top, drawn) = (WORDS_HEIGHT, rest);
    }
    let has_bits = options.has_bits && lab.stage().format() == Format::Bits;
    let extent = lab.committed().map(|committed| Extent {
        committed,
        reserved: lab.memory().len() as u32 - committed,
    });
    let len = drawn.iter().map(|one| one.size).sum::<u32>();
    let len = len + extent.map_or(0, |extent| extent.reserved);
    if len == 0 {
        picture.text("small", Anchor::Start, 0.0, 14.0, "(no memory taken yet)");
        picture.height = 20;
        return picture;
    }
    let mut row_height = BLOCK_HEIGHT + OFFSETS_HEIGHT;
    row_height += if has_bits { BITS_HEIGHT } else { 0.0 };
    row_height += if extent.is_some() { pages::HEIGHT } else { 0.0 };
    let grid = Grid::new(f64::from(len), trace, options, top, row_height);
    let mut at = 0.0;
    for record in drawn {
        let range = (at, at + f64::from(record.size));
        block(&mut picture, &grid, range, record, trace, options);
        if has_bits && record.state != State::Metadata {
            bits(&mut picture, &grid, range, word(lab, record.offset));
        }
        at = range.1;
    }
    if let Some(extent) = extent {
        pages::pages(&mut picture, &grid, drawn, at, extent);
    }
    picture.height = grid.bottom() as u32 + 1;
    let begins = rover::begins(lab, records);
    if let Some(begins) = begins {
        rover::mark(&mut picture, &grid, drawn, begins);
    }
    list::lists(&mut picture, records, options.width, begins);
    picture
}

/// Spells out a header below its block, as far as there is room.
fn bits(picture: &mut Picture, grid: &Grid, (from, to): (f64, f64), header: u32) {
    let Part { x, y, width } = widest(&grid.parts(from, to));
    let long = bits_of(header);
    let short = format!("{} P{} U{}", header >> 2, header >> 1 & 1, header & 1);
    let text = [long, short].into_iter().find(|text| fits(text, width));
    let baseline = y + BLOCK_HEIGHT + OFFSETS_HEIGHT + 9.0;
    picture.text(
        "small",
        Anchor::Start,
        x + 1.0,
        baseline,
        &text.unwrap_or_default(),
    );
}

fn widest(parts: &[Part]) -> Part {
    let widest = parts
        .iter()
        .copied()
        .max_by(|a, b| a.width.total_cmp(&b.width));
    widest.unwrap_or_default()
}

pub(super) fn fits(text: &str, width: f64) -> bool {
    text.chars().count() as f64 * CHARACTER + 4.0 <= width
}

/// Draws a block: its parts, its name, its offset below.
fn block(
    picture: &mut Picture,
    grid: &Grid,
    (from, to): (f64, f64),
    record: &Record,
    trace: &Trace,
    options: Map,
) {
    let name = escaped(&describe(record, trace));
    let (offset, state) = (record.offset, kind(record.state).class());
    match options.is_live {
        true => picture.add(format_args!(
            r#"<g class="block {state}-block" data-offset="{offset}" tabindex="0" role="button" aria-label="{name}">"#
        )),
        false => picture.add(format_args!("<g><title>{name}</title>")),
    }
    let parts = grid.parts(from, to);
    for part in &parts {
        picture.rect(kind(record.state), part.x, part.y, part.width, BLOCK_HEIGHT);
    }
    if record.state == State::Used {
        let padding = record.size - record.overhead - record.requested;
        let ends = [
            (Kind::Header, from, from + f64::from(record.overhead)),
            (Kind::Padding, to - f64::from(padding), to),
        ];
        for (kind, from, to) in ends {
            let parts = grid.parts(from, to).into_iter();
            for part in parts.filter(|part| part.width >= LEAST_WIDTH) {
                picture.rect(kind, part.x, part.y, part.width, BLOCK_HEIGHT);
            }
        }
    }
    labels(picture, grid, &parts, record, trace);
    if options.is_live && record.state == State::Used {
        grip(picture, grid, &parts);
    }
    picture.body.push_str("</g>");
}

/// The end of a used block, which a pointer can drag: the page reads how many pixels a byte has.
fn grip(picture: &mut Picture, grid: &Grid, parts: &[Part]) {
    let Some(last) = parts.last().filter(|part| part.width >= LEAST_GRIPPED) else {
        return;
    };
    let (x, y, scale) = (last.x + last.width - GRIP, last.y, grid.scale);
    picture.add(format_args!(
        r#"<rect class="over grip" data-scale="{scale:.3}" x="{x:.1}" y="{y:.1}" width="{GRIP}" height="{BLOCK_HEIGHT}"/>"#
    ));
}

const fn kind(state: State) -> Kind {
    match state {
        State::Used => Kind::Used,
        State::Free => Kind::Free,
        State::Metadata => Kind::Metadata,
        State::Lost => Kind::Lost,
    }
}

fn labels(picture: &mut Picture, grid: &Grid, parts: &[Part], record: &Record, trace: &Trace) {
    let Part { x, y, width } = widest(parts);
    let header = match record.state {
        State::Used if parts.len() == 1 => f64::from(record.overhead) * grid.scale,
        _ => 0.0,
    };
    let padding = match record.state {
        State::Used if parts.len() == 1 => record.size - record.overhead - record.requested,
        _ => 0,
    };
    let inner = width - header - f64::from(padding) * grid.scale;
    let middle = x + header + inner / 2.0;
    let size = record.size.to_string();
    let word = match record.state {
        State::Used if record.block != NONE => trace.names[record.block as usize].clone(),
        State::Used => "used".to_owned(),
        State::Free => "free".to_owned(),
        State::Metadata => "meta".to_owned(),
        State::Lost => "lost".to_owned(),
    };
    for (text, below) in [(&word, 14.0), (&size, 28.0)] {
        if fits(text, inner) {
            picture.text("halo", Anchor::Middle, middle, y + below, text);
        }
    }
    let Part { x, y, width } = parts.first().copied().unwrap_or_default();
    let offset = record.offset.to_string();
    if fits(&offset, width) {
        let baseline = y + BLOCK_HEIGHT + 11.0;
        picture.text("small", Anchor::Start, x + 1.0, baseline, &offset);
    }
}
