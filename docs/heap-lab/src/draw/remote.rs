//! Two threads and a remote free: the lists of both heaps side by side, and what the program has.

use super::Table;
use super::svg::{Anchor, CHARACTER, Kind, Picture};
use crate::threads::{Threads, names};
use heap_lab_threads::{Block, Lists, Thread};

const BOX: f64 = 26.0;
const STEP: f64 = BOX + 8.0;
const TITLE: f64 = 16.0;
const ROW: f64 = BOX + TITLE + 12.0;

/// The lists of a heap: what they are called, and their blocks.
type List = (&'static str, fn(&Lists) -> &[Block]);

const LISTS: [List; 3] = [
    ("magazine", |heap| &heap.magazine),
    ("remote free list", |heap| &heap.remote),
    ("remote-free cache", |heap| &heap.cache),
];

/// Draws the state after `index` operations. What the last one changed has a thick line around it. If `is_live`, the
/// program's blocks can be reached with the keyboard.
pub fn remote(threads: &Threads, index: usize, width: u32, figure: u32, is_live: bool) -> Picture {
    let mut picture = Picture::new(figure);
    let now = threads.at(index);
    let before = threads.at(index.saturating_sub(1));
    let half = f64::from(width) / 2.0;
    for (thread, x) in Thread::ALL.into_iter().zip([0.0, half]) {
        let [now, before] = [now, before].map(|moment| &moment.heaps[thread as usize]);
        picture.add(format_args!(r#"<g data-thread="{thread}">"#));
        for (row, (name, blocks)) in LISTS.into_iter().enumerate() {
            let place = Place {
                title: format!("{thread}: {name}"),
                x,
                y: row as f64 * ROW,
                width: half - 12.0,
                is_changed: blocks(now) != blocks(before),
            };
            list(&mut picture, &place, blocks(now));
        }
        picture.body.push_str("</g>");
    }
    let place = Place {
        title: "the program has".to_owned(),
        x: 0.0,
        y: LISTS.len() as f64 * ROW,
        width: f64::from(width) - 12.0,
        is_changed: now.program != before.program,
    };
    frame(&mut picture, &place);
    let n_drawn = place.n_drawn(now.program.len());
    for (index, block) in now.program.iter().take(n_drawn).enumerate() {
        if is_live {
            picture.add(format_args!(
                r#"<g class="block used-block" data-block="{block}" tabindex="0" role="button" aria-label="block {block} of {}'s heap">"#,
                block.owner
            ));
        }
        boxed(&mut picture, &place, index, block, Kind::Used);
        if is_live {
            picture.body.push_str("</g>");
        }
    }
    more(&mut picture, &place, now.program.len());
    picture.height = ((LISTS.len() + 1) as f64 * ROW) as u32;
    picture
}

/// A frame for blocks, with a title above.
struct Place {
    title: String,
    x: f64,
    y: f64,
    width: f64,
    is_changed: bool,
}

impl Place {
    /// How many of `n` blocks are drawn: all of them, or as many as leave room for the number of the others.
    fn n_drawn(&self, n: usize) -> usize {
        let fitting = |width: f64| (width / STEP).max(1.0) as usize;
        match n <= fitting(self.width + 2.0) {
            true => n,
            false => fitting(self.width - 3.0 * CHARACTER),
        }
    }

    fn left(&self, index: usize) -> f64 {
        self.x + 3.0 + index as f64 * STEP
    }
}

fn list(picture: &mut Picture, place: &Place, blocks: &[Block]) {
    frame(picture, place);
    for (index, block) in blocks.iter().take(place.n_drawn(blocks.len())).enumerate() {
        boxed(picture, place, index, block, Kind::Free);
        if index > 0 {
            let (left, middle) = (place.left(index), place.y + TITLE + 15.0);
            picture.arrow((left - 8.0, middle), (left, middle));
        }
    }
    more(picture, place, blocks.len());
}

fn frame(picture: &mut Picture, place: &Place) {
    let (x, y, width) = (place.x, place.y, place.width);
    picture.text("small", Anchor::Start, x, y + 11.0, &place.title);
    picture.rect(Kind::Plain, x + 0.5, y + TITLE, width, BOX + 4.0);
    if place.is_changed {
        picture.outline(x + 0.5, y + TITLE, width, BOX + 4.0);
    }
}

fn boxed(picture: &mut Picture, place: &Place, index: usize, block: &Block, kind: Kind) {
    let (left, y) = (place.left(index), place.y + TITLE);
    picture.rect(kind, left, y + 2.5, BOX, BOX - 1.0);
    let (middle, name) = (left + BOX / 2.0, block.to_string());
    picture.text("halo", Anchor::Middle, middle, y + 19.0, &name);
}

/// Says how many blocks the frame has no room for.
fn more(picture: &mut Picture, place: &Place, n: usize) {
    let n_drawn = place.n_drawn(n);
    if n > n_drawn {
        let (x, y) = (place.left(n_drawn), place.y + TITLE + 19.0);
        let text = format!("+{}", n - n_drawn);
        picture.text("small", Anchor::Start, x, y, &text);
    }
}

/// All states as a table.
pub fn table_remote(threads: &Threads) -> Table {
    let lists = Thread::ALL
        .into_iter()
        .flat_map(|thread| LISTS.map(|(name, _)| format!("{thread}: {name}")));
    let heads = ["step".to_owned()].into_iter().chain(lists);
    let heads = heads.chain(["the program".to_owned(), "what happened".to_owned()]);
    let rows = (0..=threads.n_ops()).map(|index| {
        let now = threads.at(index);
        let lists = now
            .heaps
            .iter()
            .flat_map(|heap| LISTS.map(|(_, blocks)| names(blocks(heap))));
        let numbered = [index.to_string()].into_iter().chain(lists);
        numbered
            .chain([names(&now.program), now.said.clone()])
            .collect()
    });
    [heads.collect()].into_iter().chain(rows).collect()
}
