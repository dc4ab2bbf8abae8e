//! A block that one thread allocates and another frees, in steps.
//!
//! A script, and no run: `thread-cached` needs threads and Linux, and a page has neither. The steps are those of the
//! chapter's section "Frees of other threads"; the numbers are small, so that they fit.

use super::Table;
use super::svg::{Anchor, Kind, Picture};

/// Where the blocks are: in A's magazine, with the program, in B's remote-free cache, in A's remote free list.
struct Step {
    magazine: &'static [&'static str],
    program: &'static [&'static str],
    cache: &'static [&'static str],
    remote: &'static [&'static str],
    said: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        magazine: &["p", "q", "r", "s"],
        program: &[],
        cache: &[],
        remote: &[],
        said: "A's magazine of this class holds four blocks of A's slab.",
    },
    Step {
        magazine: &["s"],
        program: &["p", "q", "r"],
        cache: &[],
        remote: &[],
        said: "A allocates p, q and r: three pops, without a lock. It passes them to B.",
    },
    Step {
        magazine: &["s"],
        program: &["q", "r"],
        cache: &["p"],
        remote: &[],
        said: "B frees p. The address map says that p is A's, so p goes into B's remote-free cache. No thread waits.",
    },
    Step {
        magazine: &["s"],
        program: &[],
        cache: &["p", "q", "r"],
        remote: &[],
        said: "B frees q and r as well: a chain of three, all of one owner and one class.",
    },
    Step {
        magazine: &["s"],
        program: &[],
        cache: &[],
        remote: &["p", "q", "r"],
        said: "The chain is full, or ten milliseconds are over: one compare-and-swap hangs it on A's remote free list.",
    },
    Step {
        magazine: &[],
        program: &["s"],
        cache: &[],
        remote: &["p", "q", "r"],
        said: "A allocates s. Its magazine is empty now.",
    },
    Step {
        magazine: &["p", "q", "r"],
        program: &["s"],
        cache: &[],
        remote: &[],
        said: "A allocates again and finds the magazine empty: one swap takes the whole remote list. No single block is \
               ever popped from it, so the ABA problem does not arise.",
    },
];

const BOX: f64 = 26.0;
const TITLE: f64 = 16.0;
const ROW: f64 = BOX + TITLE + 12.0;

/// Draws a step.
pub fn remote(step: u32, width: u32, figure: u32) -> Picture {
    let mut picture = Picture::new(figure);
    let now = &STEPS[(step as usize).min(STEPS.len() - 1)];
    let half = f64::from(width) / 2.0;
    let places = [
        ("A: magazine", 0.0, 0.0, now.magazine, Kind::Free),
        ("A: remote free list", half, 0.0, now.remote, Kind::Free),
        ("the program has", 0.0, ROW, now.program, Kind::Used),
        ("B: remote-free cache", half, ROW, now.cache, Kind::Free),
    ];
    for (title, x, y, blocks, kind) in places {
        picture.text("small", Anchor::Start, x, y + 11.0, title);
        picture.rect(Kind::Plain, x + 0.5, y + TITLE, half - 12.0, BOX + 4.0);
        for (index, block) in blocks.iter().enumerate() {
            let left = x + 3.0 + index as f64 * (BOX + 8.0);
            picture.rect(kind, left, y + TITLE + 2.5, BOX, BOX - 1.0);
            picture.text(
                "halo",
                Anchor::Middle,
                left + BOX / 2.0,
                y + TITLE + 19.0,
                block,
            );
            if index > 0 && kind == Kind::Free {
                let middle = y + TITLE + 15.0;
                picture.arrow((left - 8.0, middle), (left, middle));
            }
        }
    }
    picture.height = (2.0 * ROW) as u32;
    picture
}

/// Says what happens in a step.
pub fn say_remote(step: u32) -> String {
    STEPS[(step as usize).min(STEPS.len() - 1)].said.to_owned()
}

/// All steps as a table.
pub fn table_remote() -> Table {
    let heads = [
        "step",
        "A's magazine",
        "the program",
        "B's cache",
        "A's remote list",
        "what happened",
    ];
    let rows = STEPS.iter().enumerate().map(|(index, step)| {
        let places = [step.magazine, step.program, step.cache, step.remote];
        let places = places.iter().map(|blocks| blocks.join(" "));
        let numbered = [index.to_string()].into_iter().chain(places);
        numbered.chain([step.said.to_owned()]).collect()
    });
    [heads.map(str::to_owned).to_vec()]
        .into_iter()
        .chain(rows)
        .collect()
}
