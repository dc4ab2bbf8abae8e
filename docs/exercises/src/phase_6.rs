//! Phase 6: size classes, the list of a class, and another thread's free.

use std::alloc::GlobalAlloc;
use std::ptr::NonNull;
use std::thread;

use core_api::SizelessFree;
use thread_cached::ThreadCached;

use crate::heaps::layout;
use crate::{Chapter, Exercise, Kind, Part, options};

static HEAPS: ThreadCached = ThreadCached::new();

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-6-thread-cached.md",
        exercises: vec![classes(), waste(), last_in(), remote()],
    }
}

fn take(size: usize) -> NonNull<u8> {
    // SAFETY: no size here is 0.
    NonNull::new(unsafe { HEAPS.alloc(layout(size)) }).expect("there is room")
}

fn free(block: NonNull<u8>, size: usize) {
    // SAFETY: the exercises free what they allocated with this layout, once.
    unsafe { HEAPS.dealloc(block.as_ptr(), layout(size)) }
}

/// Bytes of the class of a size.
fn class(size: usize) -> usize {
    let block = take(size);
    // SAFETY: the block is live.
    let usable = unsafe { HEAPS.usable_size(block) };
    free(block, size);
    usable
}

fn classes() -> Exercise {
    let [small, step, above] = [1, 100, 129].map(class);
    let part = |size: usize| {
        Part::new(
            format!("Bytes of the block for malloc({size})"),
            Kind::Number,
        )
    };
    Exercise {
        name: "p6-classes",
        parts: vec![
            part(100)
                .right(step, "Up to 128 the classes are 8 bytes apart.")
                .wrong(128, "Classes are not powers of two: up to 128 there is one each 8 bytes.")
                .wrong(100, "There is no class of 100: they are multiples of 8.")
                .wrong(112, "A block has no header, so nothing is added before rounding up to 8.")
                .otherwise("Round up to 8: there is no header."),
            part(129)
                .right(above, "The next class above 128 divides a page into whole blocks.")
                .wrong(136, "Steps of 8 end at 128. Above, sizes divide a page, or a few pages, with little left over.")
                .wrong(256, "Then nearly half of the block would be unused. There are classes between the powers of two.")
                .otherwise("Above 128 the sizes divide a page, or a few, into whole blocks."),
            part(1)
                .right(small, "That is the smallest class.")
                .wrong(1, "A free block holds a link of 8 bytes.")
                .wrong(8, "The link would fit, but the classes begin at 16.")
                .otherwise("The smallest class is not 8: the sizes begin at 16."),
        ],
        shown: vec![format!("{step}, {above} and {small} bytes")],
    }
}

fn waste() -> Exercise {
    let sizes = [104, 128, 129, 160, 500];
    let wasted = sizes.map(|size| class(size) - size);
    let most = wasted.iter().max().copied().unwrap_or_default();
    let names = sizes.map(|size| size.to_string());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut part = Part::new(
        "The request that leaves most bytes of its block unused",
        Kind::Choice {
            options: options(&names),
        },
    )
    .otherwise("The waste is greatest just above a class.");
    let mut shown = Vec::new();
    for (name, wasted) in names.iter().zip(wasted) {
        let why =
            format!("Its block has {wasted} bytes more than the request; the most is {most}.");
        part = match wasted == most {
            true => {
                shown.push(format!("{name}, with {wasted} unused bytes"));
                part.right(name, why)
            }
            false => part.wrong(name, why),
        };
    }
    Exercise {
        name: "p6-waste",
        parts: vec![part],
        shown,
    }
}

fn last_in() -> Exercise {
    // On a thread of its own, whose heap nobody else uses meanwhile.
    let order = thread::spawn(|| {
        let blocks = [0; 3].map(|_| take(72));
        for which in [0, 2, 1] {
            free(blocks[which], 72);
        }
        [0; 3].map(|_| {
            let block = take(72);
            let which = blocks.iter().position(|other| *other == block);
            which.map_or("a new block", |which| ["A", "B", "C"][which])
        })
    });
    let order = order.join().expect("no panic");
    let names = ["A", "B", "C"];
    let kind = Kind::Sequence {
        options: options(&names),
        length: 3,
    };
    let right = order.join(", ");
    let mut part =
        Part::new("They come back as", kind).otherwise("Each of the three comes back once.");
    for answer in crate::sequences(&names, 3, true) {
        let answer = answer.join(", ");
        part = match (answer == right, answer == "A, C, B") {
            (true, _) => part.right(
                answer,
                "The list is last in, first out: the block that is most likely in the cache.",
            ),
            (_, true) => part.wrong(
                answer,
                "That is the order of a queue. The list is last in, first out.",
            ),
            _ => part.wrong(
                answer,
                "The list is last in, first out: which was freed last?",
            ),
        };
    }
    Exercise {
        name: "p6-last-in",
        parts: vec![part],
        shown: vec![right],
    }
}

/// Whether the owner gets the block back at its next request, if another thread freed it.
fn comes_back() -> bool {
    let owner = thread::spawn(|| {
        let block = take(56);
        let address = block.addr();
        let pointer = Passed(block);
        let other = thread::spawn(move || {
            let passed = pointer;
            free(passed.0, 56);
        });
        other.join().expect("no panic");
        take(56).addr() == address
    });
    owner.join().expect("no panic")
}

/// A block that is passed to another thread.
struct Passed(NonNull<u8>);

// SAFETY: the allocator's blocks may be freed by any thread.
unsafe impl Send for Passed {}

fn remote() -> Exercise {
    let right = match comes_back() {
        true => "the same block",
        false => "another block",
    };
    let all = ["the same block", "another block"];
    let part = Part::new(
        "The owner's next malloc(56) gets",
        Kind::Choice {
            options: options(&all),
        },
    )
    .otherwise("Who may touch the list of a heap?");
    let part = all.into_iter().fold(part, |part, answer| match answer == right {
        true => part.right(answer, "Only the owner touches its lists. The block waits on the way to it, and comes when the owner collects."),
        false => part.wrong(answer, "Only the owner touches its lists: another thread's free goes to a list apart, which the owner looks at now and then."),
    });
    Exercise {
        name: "p6-remote",
        parts: vec![part],
        shown: vec![format!("It gets {right}")],
    }
}
