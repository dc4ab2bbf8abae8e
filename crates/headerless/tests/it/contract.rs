//! The promises of `Allocator`.

use core_api::testing::Contract;
use core_api::{Fixed, Region};
use headerless::HeaderlessHeap;

#[test]
fn contract() {
    Contract::new("headerless", |region: Region| {
        HeaderlessHeap::new(
            // SAFETY: the contract hands the region out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .run();
}
