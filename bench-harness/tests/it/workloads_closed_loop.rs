//! Workloads that react to the allocator: bounds of the literature hold, and better ones fill more.

use std::alloc::Layout;
use std::collections::BTreeMap;
use std::process::Command;
use std::ptr::NonNull;
use std::time::Duration;

use bench_harness::allocators::{self, Memory, Role};
use bench_harness::closed_loop::{
    Challenge, Figure, any_fit_bound, best_fit_bound, first_fit_bound, robson_bound,
};
use bench_harness::memory::Room;
use bench_results::Outcome;
use bench_results::group::cases;
use core_api::{AllocError, Allocator, Fixed, Region};
use fit_strategies::{AddressOrder, FirstFit, FitHeap};

const LIMIT: Duration = Duration::from_secs(60);

/// Small enough for a test, and large enough that bounds and tables are far apart.
const ROBSON: Challenge = Challenge::Robson {
    live: 256,
    log_largest: 4,
};
const LIVE: usize = 256;
const LARGEST: usize = 16;

/// Units of bookkeeping beside the blocks, and the step of the search.
const SLACK: f64 = 100.0;

fn units(figure: Option<Figure>, name: &str) -> f64 {
    match figure {
        Some(Figure::Needed { units, .. } | Figure::Spread { units, .. }) => units,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn bounds_are_those_of_the_literature() {
    // M (1/2 log2 n + 1) - n + 1, M (1 + log2 n) and M + (M + 1)(n - 1) for M = 1000, n = 8.
    assert_eq!(robson_bound(1000, 8), 2493.0);
    assert_eq!(first_fit_bound(1000, 8), 4000.0);
    assert_eq!(any_fit_bound(1000, 8), 8007.0);
    assert_eq!(
        robson_bound(1000, 1),
        1000.0,
        "equal blocks cannot be set against each other"
    );
}

#[test]
fn no_allocator_needs_less_than_robsons_bound() {
    for entry in allocators::all() {
        if entry.role == Role::Hidden || entry.memory == Memory::System {
            continue;
        }
        let units = units(entry.subject.challenge(ROBSON, LIMIT), entry.name);
        let bound = robson_bound(LIVE, LARGEST);
        assert!(units >= bound, "{}: {units} below {bound}", entry.name);
        let merges = !["bump", "bumpalo", "freelist"].contains(&entry.name);
        let most = any_fit_bound(LIVE, LARGEST) + SLACK;
        assert!(
            !merges || units <= most,
            "{}: {units} above {most}",
            entry.name
        );
    }
}

/// The bound is proved for one that merges at once; the stage, which merges late, keeps it here.
#[test]
fn first_fit_in_address_order_needs_no_more_than_its_bound() {
    let linked_list = allocators::find("linked_list").unwrap();
    let merging = units(linked_list.subject.challenge(ROBSON, LIMIT), "linked_list");
    let mut room = Room::new(ROBSON.longest_heap());
    let mut make = |len| {
        room.resize(len);
        // SAFETY: the heap before is gone when the next one is made.
        FitHeap::<_, FirstFit, AddressOrder>::new(unsafe { Fixed::new(room.region()) })
    };
    let sweeping = units(Some(ROBSON.run(&mut make, LIMIT)), "first fit");
    for units in [merging, sweeping] {
        let most = first_fit_bound(LIVE, LARGEST) + SLACK;
        assert!(units <= most, "{units} above {most}");
    }
}

#[test]
fn the_adversary_does_harm() {
    let coalescing = allocators::find("coalescing").unwrap();
    let harmed = units(coalescing.subject.challenge(ROBSON, LIMIT), "coalescing");
    let harmless = Challenge::Robson {
        live: LIVE,
        log_largest: 0,
    };
    let unharmed = units(coalescing.subject.challenge(harmless, LIMIT), "coalescing");
    assert!(unharmed < LIVE as f64 + SLACK, "{unharmed}");
    assert!(harmed > 2.5 * LIVE as f64, "{harmed}");
}

/// Best or first fit as in the textbook: no headers, holes in address order, merged at once.
struct Textbook {
    region: Region,
    /// The length of each hole by its address.
    holes: BTreeMap<usize, usize>,
    is_best: bool,
}

impl Textbook {
    fn new(region: Region, is_best: bool) -> Self {
        Self {
            region,
            holes: BTreeMap::from([(region.start(), region.len())]),
            is_best,
        }
    }
}

// SAFETY: a block is cut from a hole, which is memory of the region that no block has.
unsafe impl Allocator for Textbook {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = layout.size().next_multiple_of(8);
        let mut fitting = self.holes.iter().filter(|(_, len)| **len >= size);
        let hole = match self.is_best {
            true => fitting.min_by_key(|(_, len)| **len),
            false => fitting.next(),
        };
        let (&start, &len) = hole.ok_or(AllocError)?;
        self.holes.remove(&start);
        if len > size {
            self.holes.insert(start + size, len - size);
        }
        let block = NonNull::new(self.region.at(start)).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(block, size))
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let mut start = block.addr().get();
        let mut end = start + layout.size().next_multiple_of(8);
        if let Some((&before, &len)) = self.holes.range(..start).next_back()
            && before + len == start
        {
            start = before;
        }
        if let Some(len) = self.holes.remove(&end) {
            end += len;
        }
        self.holes.insert(start, end - start);
    }
}

#[test]
fn best_fit_is_worse_than_first_fit_for_the_program_against_it() {
    let (live, largest) = (100, 8);
    let challenge = Challenge::BestFit { live, largest };
    let needed = |is_best| {
        let mut room = Room::new(challenge.longest_heap());
        let mut make = |len| {
            room.resize(len);
            Textbook::new(room.region(), is_best)
        };
        units(Some(challenge.run(&mut make, LIMIT)), "textbook")
    };
    let (best, first) = (needed(true), needed(false));
    let least = best_fit_bound(live, largest);
    assert_eq!(least, 408.0);
    assert!(best >= least, "{best} below {least}");
    assert!(best <= any_fit_bound(live, largest) + 1.0, "{best}");
    assert!(first <= first_fit_bound(live, largest) + 1.0, "{first}");
    assert!(best > 2.0 * first, "{best} against {first}");
}

fn used(name: &str) -> f64 {
    let challenge = Challenge::FillToFailure {
        heap: 128 << 10,
        largest: 1000,
        rounds: 5,
        seed: 3,
    };
    let entry = allocators::find(name).unwrap();
    let [one, again] = [1, 2].map(|_| entry.subject.challenge(challenge, LIMIT));
    assert_eq!(one, again, "{name}: the same seed, the same figure");
    match one {
        Some(Figure::Filled {
            mean,
            least,
            most,
            rounds: 5,
        }) => {
            assert!(least > 0.0 && least <= mean && mean <= most && most < 1.0);
            mean
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn merging_fills_more_of_a_heap() {
    let [bump, freelist, coalescing] = ["bump", "freelist", "coalescing"].map(used);
    assert!(
        bump < freelist && freelist < coalescing,
        "{bump} {freelist} {coalescing}"
    );
    assert!(coalescing > 0.8, "{coalescing}");
}

#[test]
fn the_command_makes_tables_and_json() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let names = ["freelist", "libc"];
    let args = ["bench", "--json", "-", "--closed-loop", "--stage"];
    let output = command.args(args).args(names).output().unwrap();
    let report = crate::support::report(&output);
    let tables = String::from_utf8_lossy(&output.stderr);
    assert!(report.workloads.is_empty());
    let cases = cases(&report.measurements);
    for case in &cases {
        let row = |name| {
            let mut each = report.measurements.iter();
            let found = each.find(|one| one.case.is_called_as(case) && one.subject.name == name);
            found.unwrap()
        };
        assert!(row("freelist").outcome.median().is_some(), "{case}");
        assert!(row("libc").outcome.why().contains("not run"), "{case}");
        assert!(matches!(row("libc").outcome, Outcome::NotApplicable(_)));
        assert!(tables.contains(&case.name), "{tables}");
    }
    assert_eq!(cases.len(), Challenge::all(1).len());
    assert!(tables.contains("any that merges, at most"), "{tables}");
}

#[test]
fn heap_and_sizes_can_be_chosen() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let args = [
        "bench",
        "--json",
        "-",
        "--closed-loop",
        "--stage",
        "coalescing",
    ];
    let sizes = ["--heap-len", "65536", "--max-size", "300"];
    let output = command.args(args).args(sizes).output().unwrap();
    let report = crate::support::report(&output);
    let cases = cases(&report.measurements);
    let filled: Vec<_> = cases
        .iter()
        .filter(|case| case.name.starts_with("fill"))
        .map(|case| [&case.params["heap"], &case.params["largest"]])
        .collect();
    assert_eq!(filled, [["65536", "300"]]);
}

#[test]
fn a_challenge_among_workloads_is_told_where_it_belongs() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let args = ["bench", "--json", "-", "--workload", "robson-16"];
    let output = command.args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("run it with --closed-loop"), "{errors}");
}
