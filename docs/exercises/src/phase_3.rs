//! Phase 3: which hole each policy takes, sequences that defeat one, and where to split.

use std::ptr::NonNull;

use core_api::{Allocator, Fixed};
use fit_strategies::{AddressOrder, BestFit, Counting, FirstFit, Fit, FitHeap, HEADER, WorstFit};

use crate::heaps::{allocate, fixed, free, layout, region, take};
use crate::{Chapter, Exercise, Kind, Part, options, sequences};

pub(crate) fn chapter() -> Chapter {
    Chapter {
        file: "phase-3-fit-strategies.md",
        exercises: vec![
            hole(),
            split(),
            defeat(
                "p3-defeat-first",
                ("first fit", served::<FirstFit>),
                ("best fit", served::<BestFit>),
                "1104, 1000, 248",
            ),
            defeat(
                "p3-defeat-best",
                ("best fit", served::<BestFit>),
                ("first fit", served::<FirstFit>),
                "1000, 1104, 248",
            ),
            threshold(),
        ],
    }
}

/// A heap whose only free blocks have these sizes, header included, with a used block behind each.
/// The list is in the order of their addresses.
fn with_holes<P: Fit>(sizes: &[usize]) -> (FitHeap<Fixed, P, AddressOrder>, Vec<NonNull<u8>>) {
    let len = sizes.iter().sum::<usize>() + sizes.len() * 16;
    let mut heap = FitHeap::with_split_threshold(fixed(region(len)), 0);
    let holes: Vec<_> = sizes
        .iter()
        .map(|size| {
            let hole = take(&mut heap, size - HEADER);
            take(&mut heap, 16 - HEADER);
            hole
        })
        .collect();
    for (hole, size) in holes.iter().zip(sizes) {
        free(&mut heap, *hole, size - HEADER);
    }
    (heap, holes)
}

/// The holes of the first exercise, in the order of their addresses.
const HOLES: [usize; 4] = [64, 208, 48, 120];

fn chosen<P: Fit>() -> String {
    let (mut heap, holes) = with_holes::<P>(&HOLES);
    let block = take(&mut heap, 40);
    let which = holes
        .iter()
        .position(|hole| *hole == block)
        .expect("it is one of the holes");
    HOLES[which].to_string()
}

fn hole() -> Exercise {
    let all = HOLES.map(|size| size.to_string());
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let part = |label: &str, right: &str, why: &str| {
        let part = Part::new(
            label,
            Kind::Choice {
                options: options(&all),
            },
        )
        .otherwise(why);
        all.iter()
            .fold(part, |part, answer| match *answer == right {
                true => part.right(answer, why),
                false => part.wrong(
                    answer,
                    format!("The request takes a block of 48 with its header. {why}"),
                ),
            })
    };
    let (first, best, worst) = (
        chosen::<FirstFit>(),
        chosen::<BestFit>(),
        chosen::<WorstFit>(),
    );
    Exercise {
        name: "p3-hole",
        parts: vec![
            part(
                "First fit takes the hole of",
                &first,
                "It takes the first of the list that is large enough.",
            ),
            part(
                "Best fit takes the hole of",
                &best,
                "It takes the smallest that is large enough, and an exact fit at once.",
            ),
            part(
                "Worst fit takes the hole of",
                &worst,
                "It takes the largest.",
            ),
        ],
        shown: vec![format!(
            "First fit takes {first}, best fit {best}, worst fit {worst}"
        )],
    }
}

fn split() -> Exercise {
    let usable = |size| {
        let mut heap = FitHeap::<Fixed, BestFit>::new(fixed(region(160)));
        let [hole, _behind] = [72, 72].map(|size| take(&mut heap, size));
        free(&mut heap, hole, 72);
        allocate(&mut heap, size).expect("there is room").len()
    };
    let (cut, whole) = (usable(40), usable(48));
    Exercise {
        name: "p3-split",
        parts: vec![
            Part::new("Bytes that malloc(40) may use", Kind::Number)
                .right(cut, "48 of the 80 bytes are needed, and 32 are left: that reaches the threshold, so the hole is cut.")
                .wrong(72, "32 bytes are left over, which is the threshold and not below it: the hole is cut.")
                .otherwise("What is left of 80 after the block with its header? Is that below 32?"),
            Part::new("Bytes that malloc(48) may use", Kind::Number)
                .right(whole, "56 are needed, and 24 would be left, below the threshold: the block keeps them.")
                .wrong(48, "24 bytes would be left over, below the threshold: they stay with the block.")
                .wrong(80, "The header is the allocator's.")
                .otherwise("What is left of 80 after the block with its header? Is that below 32?"),
        ],
        shown: vec![format!("{cut} bytes"), format!("{whole} bytes")],
    }
}

/// How many of the requests, header included, are served from Knuth's two holes.
fn served<P: Fit>(requests: &[usize]) -> usize {
    let (mut heap, _) = with_holes::<P>(&[1304, 1200]);
    let served = requests
        .iter()
        .filter(|size| allocate(&mut heap, **size - HEADER).is_some());
    served.count()
}

/// A policy's name, and how many requests it serves.
type Player = (&'static str, fn(&[usize]) -> usize);

/// Three requests that `winner` serves and `loser` does not, such as `example`.
fn defeat(
    name: &'static str,
    (loser, by_loser): Player,
    (winner, by_winner): Player,
    example: &str,
) -> Exercise {
    let sizes = ["248", "1000", "1056", "1104"];
    let kind = Kind::Sequence {
        options: options(&sizes),
        length: 3,
    };
    let mut part = Part::new("Requests", kind);
    let mut right = Vec::new();
    for sequence in sequences(&sizes, 3, false) {
        let requests = sequence.iter().map(|size| size.parse().expect("a number"));
        let requests: Vec<usize> = requests.collect();
        let (lost, won) = (by_loser(&requests), by_winner(&requests));
        let why = format!("{winner} serves {won} of 3, and {loser} {lost}.");
        let answer = sequence.join(", ");
        part = match won == 3 && lost < 3 {
            true => {
                right.push(answer.clone());
                part.right(answer, why)
            }
            false => part.wrong(answer, why),
        };
    }
    assert!(
        right.iter().any(|answer| answer == example),
        "{name}: {right:?}"
    );
    Exercise {
        name,
        parts: vec![part.otherwise("Choose three requests.")],
        shown: vec![example.to_string()],
    }
}

/// The thresholds to choose from.
const THRESHOLDS: [usize; 5] = [16, 32, 64, 128, 256];

/// Bytes of the heap in which the hidden trace must complete.
const BUDGET: usize = 24 << 10;

/// Replays a trace that no text shows: sizes around 100 live blocks, from a generator of pseudorandom numbers.
/// Free blocks that are looked at for a request, in the mean; `None` if it does not get to its end.
fn replay(len: usize, threshold: usize) -> Option<u64> {
    type Policy = Counting<BestFit>;
    let memory = region(len);
    let mut heap = FitHeap::<Fixed, Policy>::with_split_threshold(fixed(memory), threshold);
    let mut live = Vec::new();
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..1500 {
        if live.len() > 100 {
            let which = next(live.len() as u64) as usize;
            let (block, size) = live.swap_remove(which);
            free(&mut heap, block, size);
        }
        let size = match next(8) {
            0 => 400 + next(600) as usize,
            1 => 24,
            _ => 8 * (1 + next(12) as usize),
        };
        let block = heap.allocate(layout(size)).ok()?;
        live.push((block.cast(), size));
    }
    Some(heap.policy().probes() / heap.policy().searches())
}

fn threshold() -> Exercise {
    let results = THRESHOLDS.map(|threshold| (threshold, replay(BUDGET, threshold)));
    let completing = results.iter().filter_map(|(_, probes)| *probes);
    let fewest = completing.min().expect("one of them completes");
    let names = THRESHOLDS.map(|threshold| threshold.to_string());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let kind = Kind::Choice {
        options: options(&names),
    };
    let mut part = Part::new("Threshold", kind).otherwise(
        "Look at the table above: how much memory does best fit need with each threshold?",
    );
    let mut shown = Vec::new();
    for (threshold, probes) in results {
        let why = match probes {
            Some(probes) => format!("The trace completes, and a request looks at {probes} holes in the mean."),
            None => "Out of memory. Best fit cuts off small rests, which lie between the blocks as holes that \
                     no request fits."
                .to_string(),
        };
        part = match probes == Some(fewest) {
            true => {
                shown.push(format!(
                    "With {threshold} the trace completes, and a request looks at {fewest} holes"
                ));
                part.right(threshold, why)
            }
            false => part.wrong(threshold, why),
        };
    }
    Exercise {
        name: "p3-threshold",
        parts: vec![part],
        shown,
    }
}
