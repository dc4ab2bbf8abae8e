//! Op programs on stage 3; the first byte picks the policy and the order of the free list.

#![no_main]

use core_api::Fixed;
use fit_strategies::{
    AddressOrder, BestFit, FirstFit, Fit, FitHeap, Lifo, NextFit, Order, WorstFit,
};
use libfuzzer_sys::fuzz_target;

fn play<P: Fit, O: Order>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        FitHeap::<Fixed, P, O>::new(
            // SAFETY: the region is handed out for this heap alone.
            unsafe { Fixed::new(region) },
        )
    });
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    match choice % 8 {
        0 => play::<FirstFit, Lifo>("first fit, LIFO", data),
        1 => play::<FirstFit, AddressOrder>("first fit, address order", data),
        2 => play::<NextFit, Lifo>("next fit, LIFO", data),
        3 => play::<NextFit, AddressOrder>("next fit, address order", data),
        4 => play::<BestFit, Lifo>("best fit, LIFO", data),
        5 => play::<BestFit, AddressOrder>("best fit, address order", data),
        6 => play::<WorstFit, Lifo>("worst fit, LIFO", data),
        _ => play::<WorstFit, AddressOrder>("worst fit, address order", data),
    }
});
