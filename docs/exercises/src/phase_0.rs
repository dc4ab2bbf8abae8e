//! Phase 0: rounding, padding, headers, pages, promises.

use std::alloc::Layout;
use std::mem::offset_of;
use std::ptr::NonNull;

use coalescing::{CoalescingHeap, Immediate};
use core_api::{AllocError, Region, align};

use crate::heaps::{at, block_at, fixed, region, take};
use crate::{Chapter, Exercise, Kind, Part, options};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-0-ground.md",
        exercises: vec![round(), padding(), header(), faults(), promises()],
    }
}

/// The formula, on any `n`.
fn formula(a: usize, n: usize) -> usize {
    (a + n - 1) & !(n - 1)
}

fn round() -> Exercise {
    let value = 0x2f31_usize;
    let up = align::round_up(value, 16);
    assert_eq!(up, formula(value, 16));
    let wrong = formula(13, 12);
    let multiple = 13_usize.next_multiple_of(12);
    Exercise {
        name: "p0-round",
        parts: vec![
            Part::new("0x2f31, rounded up to a multiple of 16", Kind::Number)
                .right(up, format!("0x2f31 + 0xf is {up:#x}, and its low four bits are zero already."))
                .wrong(value & !15, "That is rounding down: the mask alone, without the addition before.")
                .wrong(value + 16, "Add 15, not 16, and clear the low four bits.")
                .otherwise("Add 0xf, then clear the low four bits: the last hexadecimal digit becomes 0."),
            Part::new("The formula with a = 13 and n = 12", Kind::Number)
                .right(wrong, format!("13 + 11 is 24, 11000 in bits; !11 clears bits 0, 1 and 3, which leaves 10000. The next multiple of 12 is {multiple}."))
                .wrong(multiple, "That is the next multiple of 12. The formula comes to something else: compute 24 & !11 in bits.")
                .otherwise("13 + 11 is 24, or 11000. 11 is 1011: which bits does !11 clear?"),
        ],
        shown: vec![format!("{up:#x}"), format!("or {wrong}; it should be {multiple}")],
    }
}

fn padding() -> Exercise {
    #[repr(C)]
    struct InOrder {
        a: u8,
        b: u64,
        c: u16,
        d: u32,
    }
    #[repr(C)]
    struct Sorted {
        b: u64,
        d: u32,
        c: u16,
        a: u8,
    }
    let (size, least) = (size_of::<InOrder>(), size_of::<Sorted>());
    let data = 1 + 8 + 2 + 4;
    Exercise {
        name: "p0-padding",
        parts: vec![
            Part::new("The offset of c", Kind::Number)
                .right(offset_of!(InOrder, c), "b takes 8 to 15, and 16 is a multiple of 2.")
                .wrong(9, "That is without padding: a u64 must start at a multiple of 8, so b does not follow a at once.")
                .otherwise("Place each field at the next multiple of its alignment: a at 0, b at 8."),
            Part::new("The size of the struct", Kind::Number)
                .right(size, format!("d ends at 24, a multiple of the largest alignment, 8. {} bytes are padding.", size - data))
                .wrong(data, "That is the sum of the fields. There is padding between them.")
                .otherwise("d starts at the multiple of 4 behind c. The size is rounded up to the largest alignment, 8."),
            Part::new("The least size in any order", Kind::Number)
                .right(least, "With the largest alignment first the fields need no padding, and 15 is rounded up to 16.")
                .wrong(data, "The size is a multiple of the alignment, or the next struct of an array would be misaligned.")
                .otherwise("Sort the fields by alignment, largest first, and round the sum up to 8."),
        ],
        shown: vec![
            format!("a at {}", offset_of!(InOrder, a)),
            format!("b at {}, c at {}, d at {}; size {size}", offset_of!(InOrder, b), offset_of!(InOrder, c), offset_of!(InOrder, d)),
            format!("{} bytes are padding", size - data),
            format!("b at {}, d at {}, c at {}, a at {}", offset_of!(Sorted, b), offset_of!(Sorted, d), offset_of!(Sorted, c), offset_of!(Sorted, a)),
            format!("rounded up to {least}"),
        ],
    }
}

fn header() -> Exercise {
    let mut heap = CoalescingHeap::<_, 8, Immediate>::new(fixed(region(4096)));
    let mut block = |size| {
        let payload = take(&mut heap, size);
        assert!(at(payload).is_multiple_of(8));
        block_at(&heap, at(payload)).size
    };
    let [exact, full, over] = [24, 28, 29].map(&mut block);
    let part = |size: usize| {
        Part::new(
            format!("Bytes of the block for a request of {size}"),
            Kind::Number,
        )
    };
    Exercise {
        name: "p0-header",
        parts: vec![
            part(24)
                .right(exact, "24 + 4 is 28, and the next header must again leave 4 when divided by 8.")
                .wrong(28, "Then the next payload would begin 28 bytes behind this one, at no multiple of 8.")
                .wrong(24, "The header has 4 bytes of its own.")
                .otherwise("Add the header, and round the sum up to 8."),
            part(28)
                .right(full, "28 + 4 is 32: nothing is left over.")
                .wrong(40, "The sum with the header is a multiple of 8 already, and stays.")
                .otherwise("Add the header, and round the sum up to 8."),
            part(29)
                .right(over, "One byte more than fits: 33 becomes 40.")
                .wrong(33, "Rounded up to 8, or the next payload is misaligned.")
                .otherwise("Add the header, and round the sum up to 8."),
        ],
        shown: vec![format!("becomes {exact}"), format!("28 + 4 = {full}"), format!("29 + 4 = 33 becomes {over}")],
    }
}

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;

/// Whole huge pages in a mapping of 256 MiB and one page that starts at no multiple of 2 MiB.
fn whole_huge_pages() -> usize {
    let of = |start: usize| {
        let end = start + (256 << 20) + 4096;
        (end / HUGE) - start.div_ceil(HUGE)
    };
    // A mapping that starts one page below a multiple holds one more: one start in 512.
    let counts: Vec<usize> = (1..511).map(|page| of(HUGE + page * 4096)).collect();
    assert!(counts.iter().all(|count| *count == counts[0]));
    counts[0]
}

fn faults() -> Exercise {
    let whole = whole_huge_pages();
    let kib = whole * HUGE / 1024;
    Exercise {
        name: "p0-faults",
        parts: vec![
            Part::new("Whole huge pages in the mapping", Kind::Number)
                .right(whole, "256 MiB are 128 of them; but the mapping starts and ends within one.")
                .wrong(whole + 1, "Only if the mapping began at a multiple of 2 MiB. It begins at a page.")
                .otherwise("How many times does 2 MiB go into 256 MiB? And where does the mapping begin?"),
            Part::new("KiB that these make resident", Kind::Number)
                .right(kib, "A huge page is resident as a whole once a byte of it is written.")
                .wrong(whole * 4, "A fault on a huge page brings 2 MiB, not 4 KiB.")
                .wrong(16_384, "That is with small pages, of which only each 16th is touched. A huge page is resident as a whole.")
                .otherwise("Each has 2,048 KiB, and is resident as a whole."),
        ],
        shown: vec![format!("it holds {whole} whole ones"), format!("{whole} × 2 MiB are {},{:03}", kib / 1000, kib % 1000)],
    }
}

/// The allocator of the exercise, with arithmetic as in a release build.
struct First {
    region: Region,
    cursor: usize,
}

impl First {
    fn new() -> Self {
        let region = region(4096);
        let cursor = region.start();
        Self { region, cursor }
    }

    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let up = self.cursor.wrapping_add(layout.align() - 1);
        let start = up & !(layout.align() - 1);
        self.cursor = start.wrapping_add(layout.size());
        if self.cursor > self.region.end() {
            return Err(AllocError);
        }
        let block = NonNull::new(self.region.at(start)).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }
}

/// The promises that it breaks, found by breaking them.
fn broken() -> Vec<&'static str> {
    let sized = |size| Layout::from_size_align(size, 1).expect("a layout");
    let mut broken = Vec::new();
    let mut heap = First::new();
    let live = heap.allocate(sized(100)).expect("there is room");
    let half = isize::MAX as usize;
    assert!(heap.allocate(sized(half)).is_err());
    // The cursor is in the upper half now; the next request takes it past zero, to the region's start.
    let wrapping = heap.region.start().wrapping_sub(heap.cursor);
    let Ok(size) = Layout::from_size_align(wrapping, 1) else {
        unreachable!("the two halves are less than isize::MAX apart");
    };
    let start = heap.cursor;
    if heap.allocate(size).is_ok() && !heap.region.contains(start) {
        broken.push("P1");
    }
    // One byte more than to the region's end: the block reaches over the live one.
    let mut heap = First::new();
    let first = heap.allocate(sized(100)).expect("there is room");
    assert!(heap.allocate(sized(half)).is_err());
    let over = at(first.cast()).wrapping_add(50).wrapping_sub(heap.cursor);
    if heap.allocate(sized(over)).is_ok() && heap.cursor > at(first.cast()) {
        broken.push("P2");
    }
    let mut heap = First::new();
    assert!(heap.allocate(sized(5000)).is_err());
    if heap.allocate(sized(8)).is_err() {
        broken.push("P5");
    }
    let mut heap = First::new();
    let none = [0; 2].map(|size| heap.allocate(sized(size)).map(NonNull::cast::<u8>));
    if none[0] == none[1] {
        broken.push("P6");
    }
    if at(live.cast())
        .checked_add(usize::MAX / 2)
        .and_then(|sum| sum.checked_add(half))
        .is_none()
    {
        broken.push("P7");
    }
    broken
}

fn promises() -> Exercise {
    let broken = broken();
    let all = [
        (
            "P1",
            "after a wrap the test passes, and the block begins outside of the region.",
        ),
        (
            "P2",
            "a block that wraps around zero reaches over the blocks at the region's start.",
        ),
        (
            "P3",
            "nothing is ever moved or written to, so contents and addresses stay.",
        ),
        (
            "P4",
            "it takes nothing back, and does not have to: `reclaims` may say so.",
        ),
        (
            "P5",
            "the cursor moves before the test, so a request that fails spoils all later ones.",
        ),
        (
            "P6",
            "the cursor does not move for 0 bytes, so the next block has the same address.",
        ),
        (
            "P7",
            "in a debug build the addition panics when it overflows.",
        ),
    ];
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let kind = Kind::Checks {
        options: options(&names),
    };
    let part = Part::new("Promises that it breaks", kind);
    let part = all
        .iter()
        .fold(part, |part, (name, why)| match broken.contains(name) {
            true => part.right(name, *why),
            false => part.wrong(name, *why),
        });
    let part = part.otherwise("Choose every promise that some sequence of requests breaks.");
    Exercise {
        name: "p0-promises",
        parts: vec![part],
        shown: broken.iter().map(ToString::to_string).collect(),
    }
}
