//! The free list in its own order: boxes with arrows between them.

use super::svg::{Anchor, CHARACTER, Kind, Picture};
use crate::walk::{NONE, Record};

const HEIGHT: f64 = 20.0;
const GAP: f64 = 16.0;
const LABEL: &str = "free list:";

/// Pixels for the words that say how many more there are.
const MORE: f64 = 13.0 * CHARACTER;

/// Draws the list below what is drawn already; nothing if no block is in a list.
pub(super) fn list(picture: &mut Picture, records: &[Record], width: u32) {
    let mut listed: Vec<&Record> = records.iter().filter(|one| one.rank != NONE).collect();
    if listed.is_empty() {
        return;
    }
    listed.sort_unstable_by_key(|one| one.rank);
    let top = f64::from(picture.height) + 6.0;
    picture.text("small", Anchor::Start, 0.0, top + 14.0, LABEL);
    let mut x = LABEL.len() as f64 * CHARACTER + 2.0;
    let mut y = top;
    for (index, record) in listed.iter().enumerate() {
        let text = format!("{} at {}", record.size, record.offset);
        let own = text.len() as f64 * CHARACTER + 10.0;
        let is_last_row = y > top + 2.0 * (HEIGHT + 6.0);
        let needed = GAP + own + if is_last_row { MORE } else { 0.0 };
        if x + needed > f64::from(width) {
            if is_last_row {
                let more = format!("… {} more", listed.len() - index);
                picture.text("small", Anchor::Start, x + 4.0, y + 14.0, &more);
                break;
            }
            x = GAP;
            y += HEIGHT + 6.0;
        }
        picture.arrow((x, y + HEIGHT / 2.0), (x + GAP - 1.0, y + HEIGHT / 2.0));
        x += GAP;
        let offset = record.offset;
        picture.add(format_args!(r#"<g class="node" data-offset="{offset}">"#));
        picture.rect(Kind::Free, x, y, own, HEIGHT);
        picture.text("halo small", Anchor::Middle, x + own / 2.0, y + 14.0, &text);
        picture.body.push_str("</g>");
        x += own;
    }
    picture.height = (y + HEIGHT + 4.0) as u32;
}
