//! The free lists in their own order: boxes with arrows between them; the only list of a stage, or a line for each bin.

use super::svg::{Anchor, CHARACTER, Kind, Picture};
use crate::say::thousands;
use crate::walk::{NONE, Record, WAITING};

const HEIGHT: f64 = 20.0;
const LINE: f64 = HEIGHT + 6.0;
const GAP: f64 = 16.0;
const LABEL: &str = "free list:";

/// Pixels for the words that say how many more there are.
const MORE: f64 = 13.0 * CHARACTER;

/// Lines of the only list, at most, and bins that are drawn, at most.
const MOST_LINES: usize = 3;
const MOST_BINS: usize = 6;

/// Draws the lists below what is drawn already; nothing if no block is in a list. `begins` is the block at which a
/// roving search begins.
pub(super) fn lists(picture: &mut Picture, records: &[Record], width: u32, begins: Option<u32>) {
    let mut listed: Vec<&Record> = records.iter().filter(|one| one.rank != NONE).collect();
    listed.sort_unstable_by_key(|one| (one.list, one.rank));
    let lists: Vec<&[&Record]> = listed.chunk_by(|one, next| one.list == next.list).collect();
    let mut pen = Pen::new(picture, width, begins);
    match lists[..] {
        [] => return,
        [only] if only[0].list == 0 => {
            pen.label(LABEL);
            pen.nodes(only, MOST_LINES);
            if let Some(begins) = begins {
                pen.end_line();
                pen.label(&format!("rover: the next search begins at {begins}"));
            }
        }
        _ => {
            for list in lists.iter().take(MOST_BINS) {
                pen.head(list[0]);
                pen.nodes(list, 1);
                pen.end_line();
            }
            if lists.len() > MOST_BINS {
                let more = format!("… and {} more bins", lists.len() - MOST_BINS);
                pen.label(&more);
            } else {
                pen.y -= LINE;
            }
        }
    }
    pen.picture.height = (pen.y + HEIGHT + 4.0) as u32;
}

/// Where the next box goes.
struct Pen<'a> {
    picture: &'a mut Picture,
    width: f64,
    begins: Option<u32>,
    x: f64,
    y: f64,
}

impl<'a> Pen<'a> {
    fn new(picture: &'a mut Picture, width: u32, begins: Option<u32>) -> Self {
        let y = f64::from(picture.height) + 6.0;
        Self {
            picture,
            width: f64::from(width),
            begins,
            x: 0.0,
            y,
        }
    }

    fn label(&mut self, text: &str) {
        let baseline = self.y + 14.0;
        self.picture
            .text("small", Anchor::Start, self.x, baseline, text);
        self.x += text.chars().count() as f64 * CHARACTER + 2.0;
    }

    /// The head of a bin, which is a box of its own: its lists are circles through it.
    fn head(&mut self, first: &Record) {
        let text = match first.list & WAITING {
            0 => format!("bin {}", first.list),
            _ => format!("quick {}", thousands(first.size)),
        };
        let own = text.len() as f64 * CHARACTER + 10.0;
        self.picture
            .rect(Kind::Marked, self.x + 0.5, self.y, own, HEIGHT);
        let (middle, baseline) = (self.x + own / 2.0, self.y + 14.0);
        self.picture
            .text("bin", Anchor::Middle, middle, baseline, &text);
        self.x += own + 0.5;
    }

    fn end_line(&mut self) {
        (self.x, self.y) = (0.0, self.y + LINE);
    }

    /// The blocks of a list, on so many lines; what does not fit there is counted.
    fn nodes(&mut self, list: &[&Record], n_lines: usize) {
        let last_top = self.y + (n_lines - 1) as f64 * LINE;
        for (index, record) in list.iter().enumerate() {
            let text = format!("{} at {}", record.size, record.offset);
            let own = text.len() as f64 * CHARACTER + 10.0;
            let is_last_line = self.y >= last_top;
            let is_last_node = index + 1 == list.len();
            let more = if is_last_line && !is_last_node {
                MORE
            } else {
                0.0
            };
            if self.x + GAP + own + more > self.width {
                if is_last_line {
                    let more = format!("… {} more", list.len() - index);
                    self.x += 4.0;
                    return self.label(&more);
                }
                (self.x, self.y) = (GAP, self.y + LINE);
            }
            self.node(record, &text, own);
        }
    }

    fn node(&mut self, record: &Record, text: &str, own: f64) {
        let (top, middle) = (self.y, self.y + HEIGHT / 2.0);
        self.picture
            .arrow((self.x, middle), (self.x + GAP - 1.0, middle));
        self.x += GAP;
        let (x, offset) = (self.x, record.offset);
        self.picture
            .add(format_args!(r#"<g class="node" data-offset="{offset}">"#));
        self.picture.rect(Kind::Free, x, top, own, HEIGHT);
        self.picture.text(
            "halo small",
            Anchor::Middle,
            x + own / 2.0,
            top + 14.0,
            text,
        );
        self.picture.body.push_str("</g>");
        if self.begins == Some(offset) {
            self.picture.outline(x, top, own, HEIGHT);
        }
        self.x += own;
    }
}
