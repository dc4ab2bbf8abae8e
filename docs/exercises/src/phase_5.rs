//! Phase 5: heap or mapping, and whole pages.

use core_api::align;
use mmap_backed::MmapHeap;

use crate::heaps::{free, take};
use crate::{Chapter, Exercise, Kind, Part, options};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-5-mmap-backed.md",
        exercises: vec![place(), again(), pages()],
    }
}

const IN_HEAP: &str = "in the heap";
const MAPPED: &str = "in a mapping of its own";

/// Where the next block of `size` bytes goes.
fn goes(heap: &mut MmapHeap, size: usize) -> (&'static str, std::ptr::NonNull<u8>) {
    let before = heap.mapped().n_direct;
    let block = take(heap, size);
    match heap.mapped().n_direct > before {
        true => (MAPPED, block),
        false => (IN_HEAP, block),
    }
}

fn part(label: &str, right: &str, why: &str) -> Part {
    let all = [IN_HEAP, MAPPED];
    let part = Part::new(
        label,
        Kind::Choice {
            options: options(&all),
        },
    )
    .otherwise(why);
    all.into_iter()
        .fold(part, |part, answer| match answer == right {
            true => part.right(answer, why),
            false => part.wrong(answer, why),
        })
}

fn place() -> Exercise {
    let mut heap = MmapHeap::new();
    let limit = heap.direct_from();
    let [small, least, large] = [100 << 10, limit, 1 << 20].map(|size| goes(&mut heap, size).0);
    assert_eq!(limit, 128 << 10);
    let why = "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap.";
    Exercise {
        name: "p5-place",
        parts: vec![
            part("100 KiB", small, why),
            part("128 KiB", least, why),
            part("1 MiB", large, why),
        ],
        shown: vec![
            format!("100 KiB lie {small}"),
            format!("128 KiB and 1 MiB lie each {large}"),
        ],
    }
}

fn again() -> Exercise {
    let mut heap = MmapHeap::new();
    let size = 1 << 20;
    let mut places = Vec::new();
    for _ in 0..3 {
        let (place, block) = goes(&mut heap, size);
        places.push(place);
        free(&mut heap, block, size);
    }
    let once = "Nothing is known of this size yet: a mapping, which goes back at the free.";
    let soon = "A mapping as large was given back just before: blocks of this size stay in the heap from now on.";
    Exercise {
        name: "p5-again",
        parts: vec![
            part("The first", places[0], once),
            part("The second", places[1], soon),
            part("The third", places[2], soon),
        ],
        shown: vec![format!(
            "The first lies {}, the second {}, the third {}",
            places[0], places[1], places[2]
        )],
    }
}

/// Whole pages between two addresses.
fn whole_pages(start: usize, end: usize) -> usize {
    let page = 4096;
    let (first, last) = (align::round_up(start, page), end / page * page);
    last.saturating_sub(first) / page
}

fn pages() -> Exercise {
    let (start, end) = (0x1010, 0x4ff0);
    let (whole, touched) = (whole_pages(start, end), end.div_ceil(4096) - start / 4096);
    Exercise {
        name: "p5-pages",
        parts: vec![
            Part::new("Pages that can be purged", Kind::Number)
                .right(whole, "From 0x2000 to 0x4000. On the pages at both ends lie a header, links and a footer that must survive, or other blocks.")
                .wrong(touched, "It touches as many. Two of them hold bytes of others, and the block's own header and footer.")
                .wrong(whole + 1, "Only whole pages: round the start up, and the end down.")
                .otherwise("Round the start up to a page and the end down to one."),
            Part::new("The least number of free bytes that is enough for a whole page", Kind::Number)
                .right(2 * 4096 - 1, "With one byte less, the block can begin one byte into a page and end one byte before the end of the next.")
                .wrong(4096, "Only if it begins at a page. It may begin anywhere.")
                .wrong(2 * 4096, "One byte less is enough.")
                .otherwise("Where must it begin so that it holds as few whole pages as possible?"),
        ],
        shown: vec![format!("{whole} whole pages"), "8,191".to_string()],
    }
}
