//! The promises of `Allocator`, kept by both granules.

use coalescing::Heap;
use core_api::testing::Contract;
use core_api::{Fixed, Region};

#[test]
fn granule_8() {
    Contract::new("coalescing", |region: Region| {
        Heap::<Fixed, 8>::new(Fixed::new(region))
    })
    .inspected()
    .sizeless()
    .run();
}

#[test]
fn granule_16() {
    Contract::new("coalescing, granule 16", |region: Region| {
        Heap::<Fixed, 16>::new(Fixed::new(region))
    })
    .inspected()
    .sizeless()
    .run();
}
