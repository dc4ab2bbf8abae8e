//! The promises of `Allocator`, for coarse and fine classes.

use core_api::testing::Contract;
use core_api::{Fixed, Region};
use wasm::Heap;

fn keeps_the_contract<const LISTS: usize>() {
    Contract::new("wasm", |region: Region| {
        Heap::<_, LISTS>::new(
            // SAFETY: the contract hands the region out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .cases(16)
    .inspected()
    .run();
}

#[test]
fn with_7_lists() {
    keeps_the_contract::<7>();
}

#[test]
fn with_112_lists() {
    keeps_the_contract::<112>();
}
