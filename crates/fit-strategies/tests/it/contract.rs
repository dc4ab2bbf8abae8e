//! The shared contract suite, for every policy in both list orders.

use core_api::testing::Contract;
use core_api::{Fixed, Region};
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
