//! The pages of a heap that grows: which it has, and which of these are free as a whole.

use super::grid::Grid;
use super::map::{BLOCK_HEIGHT, fits};
use super::svg::{Anchor, Kind, Picture};
use crate::memory::Pages;
use crate::walk::{Record, State};

pub(super) const HEIGHT: f64 = 16.0;

/// Bytes of the edge behind the top, at most.
const EDGE: u32 = 8;

/// Bytes at the start of a free block that hold its header and its links, and at its end that hold its footer.
const LINKS: u32 = 16;
const FOOTER: u32 = 4;

/// What the heap has from its source.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) committed: u32,
    /// Bytes beyond, which it may still ask for.
    pub(super) reserved: u32,
}

/// Draws the pages below the blocks. The blocks end at `drawn`, which counts what is drawn of them.
pub(super) fn pages(
    picture: &mut Picture,
    grid: &Grid,
    records: &[Record],
    drawn: f64,
    extent: Extent,
) {
    const WORDS: &str = "not taken yet";
    for part in grid.parts(drawn, drawn + f64::from(extent.reserved)) {
        picture.rect(Kind::Plain, part.x, part.y, part.width, BLOCK_HEIGHT);
        if fits(WORDS, part.width) {
            let middle = part.x + part.width / 2.0;
            picture.text("small", Anchor::Middle, middle, part.y + 21.0, WORDS);
        }
    }
    let page = Pages::PAGE as u32;
    let hidden = f64::from(extent.committed) - drawn;
    for start in (0..extent.committed).step_by(page as usize) {
        let is_free = |record: &Record| {
            let is_top = record.end() + EDGE >= extent.committed;
            let first = record.offset + LINKS;
            let last = if is_top {
                extent.committed
            } else {
                record.end() - FOOTER
            };
            record.state == State::Free && first <= start && start + page <= last
        };
        let kind = match records.iter().any(is_free) {
            true => Kind::Free,
            false => Kind::Used,
        };
        let from = (f64::from(start) - hidden).max(0.0);
        let to = (f64::from(start + page) - hidden).max(from);
        for part in grid.parts(from, to) {
            let top = part.y + grid.row_height - HEIGHT + 1.0;
            picture.rect(kind, part.x, top, part.width, HEIGHT - 6.0);
        }
    }
}
