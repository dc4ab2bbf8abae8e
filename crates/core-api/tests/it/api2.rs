//! Each version of `allocator_api2`: every method is forwarded, and collections live in a heap.

use core::alloc::Layout;

use crate::honest::Honest;
use crate::recording::{Recording, calls};
use core_api::{Inspect, Local, Locked, Region, SpinLock, StaticHeap};

const METHODS: [&str; 6] = [
    "allocate",
    "allocate_zeroed",
    "grow",
    "grow_zeroed",
    "shrink",
    "deallocate",
];

/// The adapters around an allocator in a static heap of their own.
macro_rules! on_heap {
    ($adapter:path) => {{
        static HEAP: StaticHeap<{ 64 << 10 }> = StaticHeap::new();
        $adapter(Honest::new(region(&HEAP)))
    }};
}

fn region(mut heap: &'static StaticHeap<{ 64 << 10 }>) -> Region {
    core_api::Source::acquire(&mut heap, 1).expect("one heap has one owner")
}

/// The tests of one version.
macro_rules! version {
    ($version:ident, $api2:ident) => {
        mod $version {
            use $api2::alloc::Allocator;
            use $api2::boxed::Box;
            use $api2::vec::Vec;

            use super::*;

            #[test]
            fn forwards_every_method() {
                forwards(&Local::new(Recording));
                forwards(&Locked::<_, SpinLock>::new(Recording));
            }

            fn forwards(adapter: &impl Allocator) {
                let (small, large) = (Layout::new::<u32>(), Layout::new::<[u32; 2]>());
                let block = adapter.allocate(small).expect("a block").cast();
                adapter.allocate_zeroed(small).expect("a block");
                // SAFETY: `Recording` accepts every block and layout.
                unsafe {
                    adapter.grow(block, small, large).expect("a block");
                    adapter.grow_zeroed(block, small, large).expect("a block");
                    adapter.shrink(block, large, small).expect("a block");
                    adapter.deallocate(block, small);
                }
                assert_eq!(calls(), METHODS);
            }

            #[test]
            fn collections_share_a_local_heap() {
                let heap = on_heap!(Local::new);
                fill_and_drop(&heap, || heap.inspect(|heap| heap.stats().used));
            }

            #[test]
            fn collections_share_a_locked_heap() {
                let heap: Locked<Honest> = on_heap!(Locked::new);
                fill_and_drop(&heap, || heap.inspect(|heap| heap.stats().used));
            }

            /// Fills collections that grow, shrink and overlap in time; all bytes come back.
            fn fill_and_drop(heap: &impl Allocator, used: impl Fn() -> usize) {
                let mut squares = Vec::new_in(heap);
                squares.extend((0..1000_u64).map(|n| n * n));
                let boxed = Box::new_in([7_u8; 100], heap);
                assert!(used() >= 8100);
                squares.truncate(10);
                squares.shrink_to_fit();
                assert!(used() < 1000, "what was shrunk came back");
                assert_eq!((squares[9], boxed[99]), (81, 7));
                drop((squares, boxed));
                assert_eq!(used(), 0);
            }

            #[test]
            fn a_full_heap_is_an_error() {
                let heap = on_heap!(Local::new);
                let mut bytes = Vec::<u8, _>::new_in(&heap);
                assert!(bytes.try_reserve(65 << 10).is_err());
                assert!(bytes.try_reserve(32 << 10).is_ok());
            }

            #[test]
            fn a_collection_can_own_its_heap() {
                let mut words = Vec::new_in(on_heap!(Local::new));
                words.push("in a heap of their own");
                let moved = words;
                assert_eq!(moved[0].len(), 22);
            }
        }
    };
}

version!(v02, allocator_api2_02);
version!(v03, allocator_api2_03);
version!(v04, allocator_api2_04);

#[test]
fn a_hash_map_lives_in_a_heap() {
    let heap = on_heap!(Local::new);
    {
        let mut lengths = hashbrown::HashMap::new_in(&heap);
        for n in 0..500_u32 {
            lengths.insert(n, n.to_string().len());
        }
        for n in 0..400 {
            lengths.remove(&n);
        }
        lengths.shrink_to_fit();
        assert_eq!(lengths.get(&450), Some(&3));
        assert!(heap.inspect(|heap| heap.stats().used) > 0);
    }
    assert_eq!(heap.inspect(|heap| heap.stats().used), 0);
}
