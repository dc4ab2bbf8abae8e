//! The promises of `Allocator`.

use core_api::checks::{self, Tier};
use core_api::testing::Contract;
use core_api::{Checked, Fixed, Region};
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

fn keeps_the_contract_with<T: Tier>(name: &str) {
    Contract::new(name, |region: Region| {
        // SAFETY: the region is handed out for this heap alone.
        let source = unsafe { Fixed::new(region) };
        Checked::<_, T>::new(HeaderlessHeap::new(source))
    })
    .cases(16)
    .inspected()
    .run();
}

#[test]
fn each_tier_of_checks_keeps_the_contract() {
    keeps_the_contract_with::<checks::None>("headerless, no checks");
    keeps_the_contract_with::<checks::Full>("headerless, full checks");
}
