//! What a static heap costs in an executable.

use std::fs;

use core_api::{Locked, Source, StaticHeap};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

const LEN: usize = 3 << 20;

#[unsafe(no_mangle)]
static HEAP_OF_ZEROS: StaticHeap<LEN> = StaticHeap::new();

#[test]
fn its_bytes_are_zeros_that_the_file_does_not_hold() {
    assert!((&HEAP_OF_ZEROS).acquire(1).is_some());
    let file = fs::read(std::env::current_exe().unwrap()).unwrap();
    let file = object::File::parse(&*file).unwrap();
    let symbol = file
        .symbols()
        .find(|symbol| symbol.name() == Ok("HEAP_OF_ZEROS"));
    let symbol = symbol.expect("the executable has its symbols");
    assert!(symbol.size() >= LEN as u64, "{}", symbol.size());
    let section = symbol.section_index().unwrap();
    let section = file.section_by_index(section).unwrap();
    assert_eq!(section.kind(), SectionKind::UninitializedData);
    assert_eq!(section.file_range(), None);
}

/// Bytes beside the heap's memory, at the smallest setting of each stage for microcontrollers.
#[test]
fn the_state_of_a_small_heap_is_small() {
    type Of<const N: usize> = &'static StaticHeap<N>;
    let states = [
        ("bump", size_of::<Locked<bump::Bump<Of<8192>>>>()),
        (
            "coalescing",
            size_of::<Locked<coalescing::CoalescingHeap<Of<8192>, 8, coalescing::Immediate>>>(),
        ),
        (
            "coalescing, two banks",
            size_of::<
                Locked<coalescing::CoalescingHeap<(Of<8192>, Of<2048>), 8, coalescing::Immediate>>,
            >(),
        ),
        (
            "headerless",
            size_of::<Locked<headerless::HeaderlessHeap<Of<8192>>>>(),
        ),
    ];
    for (stage, bytes) in states {
        println!("{stage}: {bytes} bytes");
        assert!(bytes <= 256, "{stage}: {bytes}");
    }
}
