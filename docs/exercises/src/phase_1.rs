//! Phase 1: where the cursor goes, and what brings it back.

use std::alloc::Layout;

use bump::Bump;
use core_api::{Allocator, Fixed};

use crate::heaps::{at, fixed, free, region, take};
use crate::{Chapter, Exercise, Kind, Part, options};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-1-bump.md",
        exercises: vec![address(), frees(), immortal(), wrap()],
    }
}

/// A heap of 1,024 bytes, and the address of its first.
fn heap() -> (Bump<Fixed>, usize) {
    let region = region(1024);
    (Bump::new(fixed(region)), region.start())
}

fn address() -> Exercise {
    let (mut heap, start) = heap();
    let mut offset = |size, align| {
        let layout = Layout::from_size_align(size, align).expect("a layout");
        let block = heap.allocate(layout).expect("there is room");
        at(block.cast()) - start
    };
    let [_, _, third, fourth] =
        [(100, 1), (40, 8), (8, 64), (1, 1)].map(|(size, align)| offset(size, align));
    Exercise {
        name: "p1-address",
        parts: vec![
            Part::new("Offset of the third block", Kind::Number)
                .right(third, "100 takes 104, and 40 takes 40: the cursor is at 144. The next multiple of 64 is 192.")
                .wrong(144, "That is the cursor. This request asks for a multiple of 64.")
                .wrong(140, "Sizes are rounded up to 8, and this request asks for a multiple of 64.")
                .wrong(128, "The cursor is at 144 already, so 128 is taken.")
                .otherwise("Add the sizes, each rounded up to 8, and round the sum up to 64."),
            Part::new("Offset of the fourth block", Kind::Number)
                .right(fourth, "8 bytes behind the third, and 200 needs no rounding.")
                .wrong(144, "The bytes that the alignment skipped are lost: the cursor never goes back to them.")
                .otherwise("It begins where the third one ends."),
        ],
        shown: vec![format!("third block is at {third}"), format!("the fourth at {fourth}")],
    }
}

fn frees() -> Exercise {
    let (mut heap, _) = heap();
    let [a, b, c] = [0; 3].map(|_| take(&mut heap, 32));
    let mut used = Vec::new();
    for block in [b, c, a] {
        free(&mut heap, block, 32);
        used.push(heap.used());
    }
    let last = used[2];
    Exercise {
        name: "p1-frees",
        parts: vec![
            Part::new("Bytes before the cursor after B was freed", Kind::Number)
                .right(
                    used[0],
                    "C lies behind B, so B is not the last block, and nothing happens.",
                )
                .wrong(64, "Only the last block comes back, and that is C.")
                .otherwise("Is B the block that ends at the cursor?"),
            Part::new(
                "Bytes before the cursor after C was freed as well",
                Kind::Number,
            )
            .right(
                used[1],
                "C was the last block. The cursor goes back to its start, and no further.",
            )
            .wrong(
                32,
                "The cursor stops where C began. That B is free was never written down.",
            )
            .otherwise("The cursor moves back by one block."),
            Part::new(
                "Bytes before the cursor after A was freed as well",
                Kind::Number,
            )
            .right(
                last,
                "A does not end at the cursor: B's bytes lie between them, free and forgotten.",
            )
            .wrong(0, "Everything is free, and the allocator does not know.")
            .wrong(32, "A is not the last block.")
            .otherwise("Does A end at the cursor?"),
        ],
        shown: vec![format!("{}, {} and {last}", used[0], used[1])],
    }
}

/// The messages that are served beside a session of 16 bytes, if at most two are live.
fn served() -> usize {
    let (mut heap, _) = heap();
    take(&mut heap, 16);
    let mut older = None;
    let mut n = 0;
    while let Ok(message) = heap.allocate(Layout::new::<[u8; 32]>()) {
        n += 1;
        if let Some(older) = older.replace(message.cast()) {
            free(&mut heap, older, 32);
        }
    }
    n
}

fn immortal() -> Exercise {
    let served = served();
    Exercise {
        name: "p1-immortal",
        parts: vec![
            Part::new("Messages until one is refused", Kind::Number)
                .right(served, "1,008 bytes are left beside the session, room for 31 messages. Each freed one has a newer one behind it.")
                .wrong(32, "The session takes 16 bytes.")
                .wrong(2, "There is room for more than two. What does a free bring back?")
                .otherwise("How many times does 32 go into 1,024 − 16, if nothing ever comes back?"),
            Part::new("What would serve messages for ever?", Kind::Choice {
                options: options(&[
                    "Free the newer message first",
                    "A larger heap",
                    "Messages of 24 bytes",
                ]),
            })
            .right("Free the newer message first", "Then each free is that of the last block: the order of a stack.")
            .wrong("A larger heap", "That is later, not never.")
            .wrong("Messages of 24 bytes", "That is later, not never.")
            .otherwise("Which free moves the cursor?"),
        ],
        shown: vec![format!("after {served}")],
    }
}

fn wrap() -> Exercise {
    let (cursor, end) = (0x1000_u64, 0x2000_u64);
    let size = 0xffff_ffff_ffff_f800_u64;
    let passes = cursor.wrapping_add(size) <= end;
    let is_refused = size > end - cursor;
    assert!(passes && is_refused);
    let (mut heap, _) = heap();
    let longest = Layout::from_size_align(isize::MAX as usize, 1).expect("a layout");
    assert!(
        heap.allocate(longest).is_err(),
        "the stage refuses the longest layout"
    );
    let choice = || Kind::Choice {
        options: options(&["grants it", "refuses it"]),
    };
    let sum = cursor.wrapping_add(size);
    Exercise {
        name: "p1-wrap",
        parts: vec![
            Part::new("The test `cursor + size <= end`", choice())
                .right("grants it", format!("The sum wraps around to {sum:#x}, which is below the end."))
                .wrong("refuses it", "Compute the sum in 64 bits: the carry is lost."),
            Part::new("The test `size <= end - cursor`", choice())
                .right("refuses it", format!("What is left is {:#x}, and the cursor never passes the end: nothing can wrap.", end - cursor))
                .wrong("grants it", "What is left is 0x1000, and the size is far more."),
        ]
        .into_iter()
        .map(|part| part.otherwise("Compute both sides in 64 bits."))
        .collect(),
        shown: vec![format!("{sum:#x}"), format!("{:#x}", end - cursor)],
    }
}
