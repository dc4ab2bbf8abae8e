//! Phase 2: headers, the last block freed, blocks that are too large, and the order of frees.

use core_api::Fixed;
use freelist::FreeList;

use crate::heaps::{allocate, at, bytes, fixed, free, hex, region, take};
use crate::{Chapter, Exercise, Kind, Part, options, sequences};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-2-freelist.md",
        exercises: vec![header(), reuse(), waste(), order()],
    }
}

fn heap() -> FreeList<Fixed> {
    FreeList::new(fixed(region(1024)))
}

fn header() -> Exercise {
    let memory = region(1024);
    let mut heap = FreeList::new(fixed(memory));
    let block = take(&mut heap, 100);
    let header = |block: std::ptr::NonNull<u8>| hex(&bytes(memory, at(block) - 8, 8));
    let used = header(block);
    free(&mut heap, block, 100);
    let freed = header(block);
    let usable = allocate(&mut heap, 100).expect("there is room").len();
    Exercise {
        name: "p2-header",
        parts: vec![
            Part::new("The eight bytes before the payload", Kind::Bytes)
                .right(&used, "100 is rounded up to 104, and the header makes it 112: 14 granules, or 0e. Then USED.")
                .wrong("0d 00 00 00 55 53 45 44", "The header counts: the size is that of the whole block.")
                .wrong("70 00 00 00 55 53 45 44", "112 bytes is right. The size is counted in granules of 8.")
                .wrong("00 00 00 0e 55 53 45 44", "x86 stores the lowest byte first.")
                .wrong("0c 00 00 00 55 53 45 44", "100 is no multiple of 8: round it up, and add the header.")
                .otherwise("Four bytes of size in granules, header included, the lowest first; then the letters USED in ASCII."),
            Part::new("The same after `free`", Kind::Bytes)
                .right(&freed, "The size stays. Only the state changes, to FREE.")
                .wrong(&used, "Then a second free would not be seen.")
                .otherwise("The size stays, and the four letters become FREE: 46 52 45 45."),
            Part::new("Bytes that the caller may use", Kind::Number)
                .right(usable, "The block without its header.")
                .wrong(100, "The caller may use the whole payload, which was rounded up.")
                .wrong(112, "The header is the allocator's.")
                .otherwise("The size of the block, less the header."),
        ],
        shown: vec![format!("`{used}`"), format!("`{freed}`"), format!("{usable} bytes")],
    }
}

fn reuse() -> Exercise {
    let mut heap = heap();
    let sizes = [24, 40, 40];
    let blocks = sizes.map(|size| take(&mut heap, size));
    take(&mut heap, 16);
    for which in [1, 2, 0] {
        free(&mut heap, blocks[which], sizes[which]);
    }
    let name = |block| match blocks.iter().position(|other| *other == block) {
        Some(which) => ["A", "B", "C"][which],
        None => "a new block",
    };
    let [first, second, third] = [0; 3].map(|_| name(take(&mut heap, 40)));
    let why = |answer: &str| match answer {
        "A" => "A is the first on the list, but it has 24 bytes: it is looked at and passed over.",
        "B" => "B was freed before C, so C comes before it on the list.",
        "C" => "C was freed after B, so it comes first of the two that fit.",
        _ => "A block is cut at the end only if no block on the list is large enough.",
    };
    let part = |label: &str, right: &str| {
        let all = ["A", "B", "C", "a new block"];
        let part = Part::new(
            label,
            Kind::Choice {
                options: options(&all),
            },
        );
        let part = part.otherwise("The list is A, C, B: the block freed last is first.");
        all.into_iter()
            .fold(part, |part, answer| match answer == right {
                true => part.right(answer, why(answer)),
                false => part.wrong(answer, format!("{} Not so here.", why(answer))),
            })
    };
    Exercise {
        name: "p2-reuse",
        parts: vec![
            part("The first malloc(40) takes", first),
            part("The second takes", second),
            part("The third takes", third),
        ],
        shown: vec![format!("{first}, then {second}, then {third}")],
    }
}

fn waste() -> Exercise {
    let mut heap = heap();
    let large = take(&mut heap, 200);
    free(&mut heap, large, 200);
    let block = allocate(&mut heap, 56).expect("there is room");
    let unused = block.len() - 56;
    let after = at(take(&mut heap, 56)) - at(block.cast());
    Exercise {
        name: "p2-waste",
        parts: vec![
            Part::new("Bytes that the first malloc(56) gets beyond the request", Kind::Number)
                .right(unused, "The block of 200 goes out whole.")
                .wrong(0, "This stage does not cut a block: that is the next phase.")
                .otherwise("Which block is on the list, and how much of it goes out?"),
            Part::new("Bytes from its payload to that of the second malloc(56)", Kind::Number)
                .right(after, "The list is empty, so a new block is cut behind the large one: 200 bytes and a header.")
                .wrong(64, "The rest of the large block is nobody's to give.")
                .wrong(200, "There is a header between the two payloads.")
                .otherwise("The next payload begins behind the large block and a header of 8 bytes."),
        ],
        shown: vec![format!("{unused} bytes"), format!("{after} bytes behind")],
    }
}

/// Sizes of the blocks A, B and C, and of the three requests that follow.
const SIZES: [usize; 3] = [24, 40, 64];

/// What becomes of the requests if the blocks are freed in this order: the blocks that they take.
fn taken(order: &[&str]) -> Vec<&'static str> {
    let mut heap = heap();
    let blocks = SIZES.map(|size| take(&mut heap, size));
    let names = ["A", "B", "C"];
    for name in order {
        let which = names
            .iter()
            .position(|other| other == name)
            .expect("a block");
        free(&mut heap, blocks[which], SIZES[which]);
    }
    let taken = SIZES.map(|size| {
        let block = take(&mut heap, size);
        let which = blocks.iter().position(|other| *other == block);
        which.map_or("a new block", |which| names[which])
    });
    taken.to_vec()
}

fn order() -> Exercise {
    let kind = Kind::Sequence {
        options: options(&["A", "B", "C"]),
        length: 3,
    };
    let mut right = Vec::new();
    let mut part = Part::new("Free in the order", kind);
    for order in sequences(&["A", "B", "C"], 3, true) {
        let taken = taken(&order);
        let why = format!(
            "malloc(24) takes {}, malloc(40) takes {}, malloc(64) takes {}.",
            taken[0], taken[1], taken[2]
        );
        let answer = order.join(", ");
        part = match taken.contains(&"a new block") {
            false => {
                right.push(answer.clone());
                part.right(answer, why)
            }
            true => part.wrong(answer, why),
        };
    }
    Exercise {
        name: "p2-order",
        parts: vec![part.otherwise("Free each block once.")],
        shown: right,
    }
}
