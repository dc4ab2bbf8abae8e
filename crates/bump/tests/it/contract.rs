//! The shared contract suite: overlap, alignment, contents, exhaustion, moved allocators.

use bump::Bump;
use core_api::testing::Contract;
use core_api::{Fixed, Region};

#[test]
fn keeps_the_contract() {
    Contract::new("bump", |region: Region| {
        Bump::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .run();
}
