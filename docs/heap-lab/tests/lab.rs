//! What a figure tells of a heap is what the stage does.

use std::process::Command;

use heap_lab::{
    Lab, Map, NONE, Stage, State, Threads, Trace, fields, hash, map, metrics, records, say,
};

fn run(stage: Stage, heap: usize, script: &str) -> (Lab, Trace) {
    let trace = Trace::of_script(script).unwrap();
    let mut lab = Lab::new(stage, heap, 0);
    for op in &trace.ops {
        lab.step(*op);
        assert_eq!(lab.check(), Ok(()), "{script}");
    }
    (lab, trace)
}

fn said(stage: Stage, script: &str) -> String {
    let (lab, trace) = run(stage, 2048, script);
    say(&lab, &trace, &records(&lab))
}

#[test]
fn the_stills_and_the_script_of_the_book_are_up_to_date() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = Command::new(env!("CARGO_BIN_EXE_heap-lab"))
        .args(["check", root])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn records_tile_the_heap_and_blocks_are_where_they_were_given() {
    for stage in Stage::ALL {
        let (lab, _) = run(
            stage,
            8192,
            "a = malloc 24; b = malloc 200 align 64; c = malloc 1; free a; d = malloc 0",
        );
        let records = records(&lab);
        assert!(
            records
                .windows(2)
                .all(|pair| pair[0].end() == pair[1].offset),
            "{}",
            stage.name()
        );
        let used = records
            .iter()
            .filter(|one| one.state == State::Used && one.block != NONE);
        assert_eq!(used.count(), 3, "{}", stage.name());
        let aligned = records.iter().find(|one| one.requested == 200).unwrap();
        assert_eq!(aligned.payload() % 64, 0, "{}", stage.name());
        assert_eq!(metrics(&records).live, 201, "{}", stage.name());
    }
}

#[test]
fn the_list_has_the_order_of_the_stage() {
    let script = "a = malloc 24; p = malloc 8; b = malloc 40; q = malloc 8; c = malloc 24; r = malloc 8; free a; free c; free b";
    let order = |stage| {
        let (lab, _) = run(stage, 2048, script);
        let mut listed: Vec<_> = records(&lab)
            .into_iter()
            .filter(|one| one.rank != NONE)
            .collect();
        listed.sort_by_key(|one| (one.list, one.rank));
        listed.iter().map(|one| one.size).collect::<Vec<_>>()
    };
    // The block freed last comes first; the stage of phase 3 has its rest in the list as well.
    assert_eq!(order(Stage::FreeList), [48, 32, 32]);
    assert_eq!(order(Stage::FirstFit)[..3], [48, 32, 32]);
    // From bin to bin, and lower addresses first.
    assert_eq!(order(Stage::CoalescingStrict), [32, 32, 48]);
    assert_eq!(order(Stage::Bump), []);
}

#[test]
fn a_free_block_says_which_list_it_is_in() {
    let names = |stage, script| {
        let (lab, _) = run(stage, 8192, script);
        let records = records(&lab);
        let names = records
            .iter()
            .filter_map(|one| Some((one.size, one.list_name()?, one.rank)));
        names.collect::<Vec<_>>()
    };
    let script = "a = malloc 60; p = malloc 8; b = malloc 60; q = malloc 8; c = malloc 1100; r = malloc 8; free a; free b; free c";
    let bin = |size, bin: u32, rank| (size, format!("bin {bin}"), rank);
    // The first size of bin 80 is 128 granules, and its bins are of eight sizes.
    let binned = [bin(64, 8, 0), bin(64, 8, 1), bin(1104, 81, 0)];
    assert_eq!(names(Stage::CoalescingStrict, script), binned);
    let waiting = |rank| (64, "the quick list of 64 bytes".to_owned(), rank);
    assert_eq!(
        names(Stage::Coalescing, script)[..2],
        [waiting(1), waiting(0)]
    );
    assert_eq!(
        names(Stage::FreeList, "a = malloc 24; b = malloc 8; free a"),
        [(32, "the list".to_owned(), 0)]
    );
}

#[test]
fn next_fit_shows_where_its_search_begins() {
    let script =
        "a = malloc 120; p = malloc 8; b = malloc 40; q = malloc 8; free a; free b; x = malloc 100";
    let words = |stage| {
        let (lab, trace) = run(stage, 672, script);
        let options = Map {
            width: 720,
            figure: 0,
            row: 0,
            is_live: false,
            has_bits: false,
        };
        let body = map(&lab, &trace, &records(&lab), options).body;
        let (_, after) = body.split_once("the next search begins at ")?;
        Some(after.split('<').next().unwrap().to_owned())
    };
    // x passes b's hole over and takes a's; the search goes on behind that, with the rest of the heap.
    assert_eq!(words(Stage::NextFit).as_deref(), Some("208"));
    assert_eq!(words(Stage::FirstFit), None);
}

#[test]
fn two_threads_do_what_they_are_told() {
    let said = |script: &str| {
        let threads = Threads::of_script(script).unwrap();
        threads.said(threads.n_ops()).to_owned()
    };
    assert!(said("A malloc").contains("takes a new slab of 4 blocks and carves the first"));
    assert!(
        said("A malloc; A malloc").contains("A gets a2: magazine and remote free list are empty")
    );
    assert!(
        said("A malloc; A malloc; A free a1; A malloc").contains("A gets a1: it is popped"),
        "last in, first out"
    );
    let remote = "A malloc; A malloc; A malloc; A malloc; B free a1; B free a2";
    assert!(said(remote).contains("a2 is A's, so it goes into B's remote-free cache"));
    assert!(
        said(&format!("{remote}; A malloc")).contains("new slab"),
        "nothing was sent yet"
    );
    assert!(said(&format!("{remote}; wait; A malloc")).contains(
        "A gets a2: the magazine is empty, so one swap takes the whole remote free list, a2 a1."
    ));
    assert!(
        said(&format!("{remote}; B free a3"))
            .contains("one compare-and-swap puts a3 a2 a1 in front of A's")
    );
    assert!(said("A malloc; B free a1; B free a1").contains("does not have a1"));
    assert!(said("wait").contains("no chain was waiting"));
    let frees: String = (1..=8).map(|n| format!("A free a{n};")).collect();
    let most = format!("{}{frees}", "A malloc;".repeat(8));
    assert!(said(&most).contains("7 blocks, and this figure ends there"));
    for broken in [
        "A mallok",
        "C malloc",
        "A free",
        "A free z1",
        "A free a99999999999",
        "B free é",
    ] {
        let error = Threads::of_script(&format!("A malloc; {broken}")).unwrap_err();
        assert!(
            error.starts_with(&format!("operation 2, `{broken}`: write")),
            "{error}"
        );
    }
    assert!(Threads::of_script(&"wait;".repeat(101)).is_err());
}

#[test]
fn a_free_block_of_coalescing_is_decoded_to_its_footer() {
    let (lab, _) = run(
        Stage::CoalescingStrict,
        2048,
        "a = malloc 60; b = malloc 12; free a",
    );
    let records = records(&lab);
    let free = records.iter().find(|one| one.rank == 0).unwrap();
    let fields = fields(&lab, free, "");
    let said: Vec<_> = fields
        .iter()
        .map(|field| (field.name, field.meaning.as_str()))
        .collect();
    assert_eq!(said[0], ("header", "size 8 · previous used 1 · used 0"));
    assert_eq!(said[1], ("next", "the head of the list of bin 8"));
    assert_eq!(said[4], ("footer", "8 granules = 64 bytes"));
    assert_eq!(fields[0].hex, "22 00 00 00");
}

#[test]
fn mistakes_and_failures_are_said_and_change_nothing() {
    let (lab, _) = run(Stage::BestFit, 2048, "a = malloc 24");
    let before = hash(&records(&lab));
    for mistake in [
        "free z",
        "a = malloc 8",
        "b = malloc 4000",
        "reset",
        "trim 0",
    ] {
        let (lab, _) = run(Stage::BestFit, 2048, &format!("a = malloc 24; {mistake}"));
        assert_eq!(hash(&records(&lab)), before, "{mistake}");
    }
    assert!(
        said(Stage::BestFit, "a = malloc 24; free a; free a").contains("a block was freed twice")
    );
    assert!(said(Stage::Bump, "a = malloc 24; free a; free a").contains("would not notice"));
    assert!(said(Stage::Bump, "a = malloc 4000").contains("the request fails"));
}

#[test]
fn the_simulated_system_gives_pages_and_takes_them_back() {
    let (lab, trace) = run(
        Stage::CoalescingPages,
        12288,
        "a = malloc 600; b = malloc 5000; free b; trim 0",
    );
    let said = say(&lab, &trace, &records(&lab));
    assert!(said.contains("bytes go back to the system"), "{said}");
    let heap = metrics(&records(&lab)).heap;
    assert!(heap.is_multiple_of(512) && heap < 6000, "{heap}");
}

#[test]
fn what_is_no_script_is_refused_with_its_place() {
    for (script, why) in [
        ("a = malloc 24; fre a", "operation 2, `fre a`: write"),
        ("a = malloc", "operation 1"),
        ("1 = malloc 2", "no name"),
        ("a = malloc 99999999999", "no number of bytes"),
        ("a = malloc 8 align 3", "a power of two"),
    ] {
        let error = Trace::of_script(script).unwrap_err();
        assert!(error.contains(why), "{script}: {error}");
    }
}

#[test]
fn a_rep_trace_is_read_and_cut() {
    let text = "20000\n2\n5\n1\na 0 512\na 1 128\nr 0 640\nf 1\nf 0\n";
    let whole = Trace::of_rep(text, 100).unwrap();
    assert_eq!(
        (whole.ops.len(), whole.n_left_out, whole.peak()),
        (5, 0, 768)
    );
    let aligned = Trace::of_rep("a 0 512 64\n", 100).unwrap();
    assert_eq!(aligned.text(aligned.ops[0]), "0 = malloc 512 align 64");
    let cut = Trace::of_rep(text, 3).unwrap();
    assert_eq!((cut.ops.len(), cut.n_left_out), (3, 2));
    for (broken, why) in [
        ("a 0\n", "line 1"),
        ("1\n2\na 0 x\n", "line 3"),
        ("", "no call"),
        ("12\n", "no call"),
    ] {
        let error = Trace::of_rep(broken, 100).unwrap_err();
        assert!(error.contains(why), "{broken}: {error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_classes_are_those_of_the_allocator() {
    use core_api::Allocator;
    use heap_lab::block_size;
    use std::alloc::Layout;

    let mut heap = thread_cached::ThreadCached::new();
    for request in 1..=1024_usize {
        let layout = Layout::from_size_align(request, 8).unwrap();
        let block = heap.allocate(layout).unwrap();
        // SAFETY: the block was allocated with this layout just now.
        unsafe { heap.deallocate(block.cast(), layout) };
        assert_eq!(block_size(request), Some(block.len()), "{request}");
    }
}
