//! The shared contract suite: overlap, alignment, contents, exhaustion, recovery, moved heaps.

use core_api::testing::Contract;
use core_api::{Fixed, Region};
use freelist::FreeList;

#[test]
fn keeps_the_contract() {
    Contract::new("freelist", |region: Region| {
        FreeList::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    })
    .inspected()
    .sizeless()
    .run();
}
