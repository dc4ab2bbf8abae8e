//! The shared contract suite: overlap, alignment, contents, exhaustion, recovery, moved heaps.

use core::alloc::Layout;
use core::mem::MaybeUninit;

use core_api::checks::{self, Tier};
use core_api::testing::Contract;
use core_api::{Allocator, Borrowed, Checked, CheckedFree, Fixed, Misuse, Region};
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

fn keeps_the_contract_with<T: Tier>(name: &str) {
    Contract::new(name, |region: Region| {
        // SAFETY: the region is handed out for this heap alone.
        let source = unsafe { Fixed::new(region) };
        Checked::<_, T>::new(FreeList::new(source))
    })
    .cases(16)
    .inspected()
    .sizeless()
    .run();
}

#[test]
fn each_tier_of_checks_keeps_the_contract() {
    keeps_the_contract_with::<checks::None>("freelist, no checks");
    keeps_the_contract_with::<checks::Full>("freelist, full checks");
}

#[test]
fn full_checks_see_an_overrun() {
    let mut bytes = [MaybeUninit::uninit(); 1024];
    let source = Borrowed::new(&mut bytes);
    let mut heap = FreeList::new(source);
    let layout = Layout::new::<[u64; 4]>();
    let block = heap.allocate(layout).expect("room");
    heap.allocate(layout).expect("room");
    let start = block.cast::<u8>();
    assert_eq!(heap.examine(start, Some(layout)), Ok(()));
    // SAFETY: the bytes behind the block are the next one's header, in the same region.
    unsafe { start.add(block.len()).cast::<u32>().write(0xAAAA_AAAA) };
    // SAFETY: as before.
    unsafe { start.add(block.len() + 4).cast::<u32>().write(0xAAAA_AAAA) };
    assert_eq!(
        heap.examine(start, Some(layout)),
        Err(Misuse::CorruptHeader)
    );
}
