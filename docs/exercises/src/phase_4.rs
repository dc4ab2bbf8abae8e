//! Phase 4: header words, the four cases, and orders of frees.

use coalescing::{CoalescingHeap, Immediate};
use core_api::{Fixed, Region};

use crate::heaps::{allocate, at, block_at, bytes, fixed, free, free_sizes, region, take};
use crate::{Chapter, Exercise, Kind, Part, options, sequences};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-4-coalescing.md",
        exercises: vec![header(), cases(), usable(), order()],
    }
}

type Merging = CoalescingHeap<Fixed, 8, Immediate>;

/// A heap, and its memory.
fn heap() -> (Merging, Region) {
    let memory = region(4096);
    (CoalescingHeap::new(fixed(memory)), memory)
}

fn header() -> Exercise {
    let (mut heap, memory) = heap();
    let [front, block, _guard] = [40, 24, 24].map(|size| take(&mut heap, size));
    let word = |payload| {
        let bytes = bytes(memory, at(payload) - 4, 4);
        u32::from_le_bytes(bytes.try_into().expect("four bytes"))
    };
    let used = word(block);
    free(&mut heap, front, 40);
    let after_free = word(block);
    let hole = word(front);
    Exercise {
        name: "p4-header",
        parts: vec![
            Part::new("The header of the block of malloc(24)", Kind::Number)
                .right(used, "4 granules << 2, and both flags: the block is used, and so is the one in front.")
                .wrong(used - 3, "The two flags are missing.")
                .wrong(used - 4, "24 bytes and a header of 4 are 28: 4 granules, not 3.")
                .wrong(used - 1, "The lowest bit says that the block itself is used.")
                .otherwise("size << 2 | P << 1 | used, with the size in granules of 8, header included."),
            Part::new("The same, after the block in front was freed", Kind::Number)
                .right(after_free, "P is cleared: there is a footer in front now.")
                .wrong(used, "How would a later free know that there is a footer in front?")
                .otherwise("Only the bit P changes."),
            Part::new("The header of the block in front, which is free", Kind::Number)
                .right(hole, "40 and 4 are 44: 6 granules << 2, P set, used clear.")
                .wrong(hole + 1, "It is free now: the lowest bit is clear.")
                .otherwise("6 granules; what is in front of it is used."),
        ],
        shown: vec![format!("{used:#x}"), format!("{after_free:#x}"), format!("{hole:#x}")],
    }
}

/// A, B and C of 40 bytes, side by side, and a used block behind.
fn cases() -> Exercise {
    let (mut heap, _) = heap();
    let [a, b, c, _guard] = [40, 40, 40, 8].map(|size| take(&mut heap, size));
    let mut freed = |block, first| {
        free(&mut heap, block, 40);
        block_at(&heap, at(first)).size
    };
    let sizes = [freed(a, a), freed(c, c), freed(b, a)];
    Exercise {
        name: "p4-cases",
        parts: vec![
            Part::new("A is freed: bytes of the free block", Kind::Number)
                .right(
                    sizes[0],
                    "Both neighbours are used: case 1. 40 and 4 bytes are 48, rounded up to 8.",
                )
                .wrong(
                    40,
                    "The header belongs to the block, and the size is rounded up to 8.",
                )
                .wrong(44, "Sizes are multiples of 8.")
                .otherwise("Payload and header, rounded up to 8."),
            Part::new(
                "C is freed: bytes of the free block that it is in",
                Kind::Number,
            )
            .right(
                sizes[1],
                "B is used, and so is the block behind C: case 1 again.",
            )
            .wrong(sizes[0] * 2, "B lies between A and C, and is used.")
            .otherwise("Which of its neighbours are free?"),
            Part::new(
                "B is freed: bytes of the free block that it is in",
                Kind::Number,
            )
            .right(
                sizes[2],
                "Both neighbours are free: case 4, all three become one.",
            )
            .wrong(sizes[0] * 2, "Both neighbours are free, not one.")
            .wrong(sizes[0], "Neighbours merge at once in this heap.")
            .otherwise("Add the sizes of the free neighbours."),
        ],
        shown: vec![format!("{}, {} and {}", sizes[0], sizes[1], sizes[2])],
    }
}

fn usable() -> Exercise {
    let usable = |size| {
        let (mut heap, _) = heap();
        allocate(&mut heap, size).expect("there is room").len()
    };
    let (small, odd) = (usable(1), usable(21));
    Exercise {
        name: "p4-usable",
        parts: vec![
            Part::new("Bytes that malloc(1) may use", Kind::Number)
                .right(small, "The smallest block has 16 bytes, since a free one holds a header, two links and a footer. The used one pays for the header alone.")
                .wrong(4, "A block of 8 bytes has no room for links when it is freed: the smallest has 16.")
                .wrong(1, "Blocks are counted in granules of 8 bytes.")
                .wrong(8, "The smallest block has 16 bytes, of which 4 are the header.")
                .otherwise("The smallest block, less the header."),
            Part::new("Bytes that malloc(21) may use", Kind::Number)
                .right(odd, "21 and 4 are 25, rounded up to 32; less the header.")
                .wrong(24, "The header counts before rounding: 25 becomes 32.")
                .wrong(32, "Four of them are the header.")
                .otherwise("Add the header, round up to 8, subtract the header."),
        ],
        shown: vec![format!("{small} bytes"), format!("{odd} bytes")],
    }
}

/// The most free blocks beside the top that there are at a time, if four neighbours are freed in this order.
fn most_free(order: &[&str]) -> usize {
    let (mut heap, _) = heap();
    let blocks = [0; 4].map(|_| take(&mut heap, 24));
    take(&mut heap, 24);
    let before = free_sizes(&heap).len();
    let counts = order.iter().map(|name| {
        let which = ["A", "B", "C", "D"]
            .iter()
            .position(|other| other == name)
            .expect("a block");
        free(&mut heap, blocks[which], 24);
        free_sizes(&heap).len() - before
    });
    counts.max().unwrap_or_default()
}

fn order() -> Exercise {
    let names = ["A", "B", "C", "D"];
    let kind = Kind::Sequence {
        options: options(&names),
        length: 4,
    };
    let mut part = Part::new("Free in the order", kind).otherwise("Free each block once.");
    let mut shown = Vec::new();
    let sequences = sequences(&names, 4, true);
    for order in sequences.iter().filter(|order| order[0] == "C") {
        let most = most_free(order);
        let why = match most {
            1 => "Each block merges with the ones before: there is one hole all the time."
                .to_string(),
            most => format!("There are {most} holes at a time, and then one."),
        };
        let answer = order.join(", ");
        part = match most {
            1 => {
                shown.push(answer.clone());
                part.right(answer, why)
            }
            _ => part.wrong(answer, why),
        };
    }
    for order in sequences.iter().filter(|order| order[0] != "C") {
        part = part.wrong(order.join(", "), "C is to be the first.");
    }
    Exercise {
        name: "p4-order",
        parts: vec![part],
        shown,
    }
}
