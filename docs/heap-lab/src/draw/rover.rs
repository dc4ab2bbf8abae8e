//! The rover of next fit: the block at which its next search begins.

use super::grid::Grid;
use super::map::{BLOCK_HEIGHT, fits};
use super::svg::{Anchor, Picture};
use crate::lab::Lab;
use crate::walk::{NONE, Record};

/// Returns the block at which the next search begins: the one behind the rover in the list, and behind the last one the
/// first. `None` for stages without a rover, and for an empty list.
pub(super) fn begins(lab: &Lab, records: &[Record]) -> Option<u32> {
    let rover = lab.rover()?;
    let at = |rank: u32| records.iter().find(|one| one.rank == rank);
    let behind = records
        .iter()
        .find(|one| Some(one.offset) == rover && one.rank != NONE)
        .and_then(|one| at(one.rank + 1));
    behind.or_else(|| at(0)).map(|one| one.offset)
}

/// Marks that block on the map, and puts the rover into words below it, as far as there is room.
pub(super) fn mark(picture: &mut Picture, grid: &Grid, drawn: &[Record], begins: u32) {
    const WORDS: &str = "next search";
    let mut at = 0.0;
    for record in drawn {
        let end = at + f64::from(record.size);
        if record.offset == begins {
            for part in grid.parts(at, end) {
                picture.outline(part.x, part.y, part.width, BLOCK_HEIGHT);
                let offset = record.offset.to_string();
                let text = format!("{offset} {WORDS}");
                if fits(&text, part.width) {
                    let x = part.x + 1.0 + (offset.len() + 1) as f64 * 6.7;
                    let baseline = part.y + BLOCK_HEIGHT + 11.0;
                    picture.text("small", Anchor::Start, x, baseline, WORDS);
                }
            }
        }
        at = end;
    }
}
