//! The shared contract suite, for every policy in both list orders.

use core::alloc::Layout;
use core::mem::MaybeUninit;

use core_api::checks::{self, Tier};
use core_api::testing::Contract;
use core_api::{Allocator, Borrowed, Checked, CheckedFree, Fixed, Misuse, Region};
use fit_strategies::{
    AddressOrder, BestFit, FirstFit, Fit, FitHeap, Lifo, NextFit, Order, WorstFit,
};

fn keeps_the_contract<P: Fit, O: Order>(name: &str) {
    let make = |region: Region| {
        FitHeap::<_, P, O>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    };
    Contract::new(name, make)
        .heap_len(8 << 20)
        .inspected()
        .sizeless()
        .run();
}

macro_rules! contracts {
    ($($test:ident: $policy:ty, $order:ty;)*) => {
        $(
            #[test]
            fn $test() {
                keeps_the_contract::<$policy, $order>(stringify!($test));
            }
        )*
    };
}

contracts! {
    first_fit_in_address_order: FirstFit, AddressOrder;
    first_fit_lifo: FirstFit, Lifo;
    next_fit_in_address_order: NextFit, AddressOrder;
    next_fit_lifo: NextFit, Lifo;
    best_fit_in_address_order: BestFit, AddressOrder;
    best_fit_lifo: BestFit, Lifo;
    worst_fit_in_address_order: WorstFit, AddressOrder;
    worst_fit_lifo: WorstFit, Lifo;
}

fn keeps_the_contract_with<T: Tier>(name: &str) {
    Contract::new(name, |region: Region| {
        // SAFETY: the region is handed out for this heap alone.
        let source = unsafe { Fixed::new(region) };
        Checked::<_, T>::new(FitHeap::<_, BestFit, AddressOrder>::new(source))
    })
    .cases(16)
    .inspected()
    .sizeless()
    .run();
}

#[test]
fn each_tier_of_checks_keeps_the_contract() {
    keeps_the_contract_with::<checks::None>("best fit, no checks");
    keeps_the_contract_with::<checks::Full>("best fit, full checks");
}

#[test]
fn full_checks_see_an_overrun() {
    let mut bytes = [MaybeUninit::uninit(); 1024];
    let source = Borrowed::new(&mut bytes);
    let mut heap = FitHeap::<_, BestFit, AddressOrder>::new(source);
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
