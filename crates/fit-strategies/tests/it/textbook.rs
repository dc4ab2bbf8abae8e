//! Knuth's two sequences of requests (TAOCP 1, §2.5): on two holes, each of first fit and best fit
//! loses one that the other serves.

use crate::common::{free_sizes, heap_with_holes, take};
use core_api::Inspect;
use fit_strategies::{AddressOrder, BestFit, FirstFit, Fit, Lifo, NextFit, Order, WorstFit};

const HOLES: [usize; 2] = [1304, 1200];
const BEST_FIT_LOSES: [usize; 3] = [1000, 1104, 248];
const FIRST_FIT_LOSES: [usize; 3] = [1104, 1056, 248];

/// How many of the requests are served, and the holes that are left.
fn served<P: Fit, O: Order>(requests: [usize; 3]) -> (usize, Vec<usize>) {
    let mut heap = heap_with_holes::<P, O>(&HOLES);
    let served = requests.iter().filter_map(|&size| take(&mut heap, size));
    let n_served = served.count();
    assert_eq!(heap.check(), Ok(()));
    (n_served, free_sizes(&heap))
}

/// The same in both orders: the free blocks are listed by address in either.
fn in_both_orders<P: Fit>(requests: [usize; 3], n_served: usize, left: &[usize]) {
    let expected = (n_served, left.to_vec());
    assert_eq!(served::<P, AddressOrder>(requests), expected);
    assert_eq!(served::<P, Lifo>(requests), expected);
}

#[test]
fn best_fit_loses_to_first_fit() {
    in_both_orders::<FirstFit>(BEST_FIT_LOSES, 3, &[56, 96]);
    in_both_orders::<BestFit>(BEST_FIT_LOSES, 2, &[200, 200]);
}

#[test]
fn first_fit_loses_to_best_fit() {
    in_both_orders::<FirstFit>(FIRST_FIT_LOSES, 2, &[200, 144]);
    in_both_orders::<BestFit>(FIRST_FIT_LOSES, 3, &[96]);
}

#[test]
fn next_and_worst_fit_go_with_first_fit_here() {
    in_both_orders::<NextFit>(BEST_FIT_LOSES, 3, &[56, 96]);
    in_both_orders::<WorstFit>(BEST_FIT_LOSES, 3, &[56, 96]);
    in_both_orders::<NextFit>(FIRST_FIT_LOSES, 2, &[200, 144]);
    in_both_orders::<WorstFit>(FIRST_FIT_LOSES, 2, &[200, 144]);
}

#[test]
fn next_fit_goes_on_where_first_fit_starts_over() {
    let mut first = heap_with_holes::<FirstFit, AddressOrder>(&[72, 72]);
    let mut next = heap_with_holes::<NextFit, AddressOrder>(&[72, 72]);
    for size in [40, 40, 16] {
        assert!(take(&mut first, size).is_some() && take(&mut next, size).is_some());
    }
    assert_eq!(free_sizes(&first), [16, 32]);
    assert_eq!(free_sizes(&next), [32, 16]);
}

#[test]
fn worst_fit_uses_up_the_large_hole() {
    let holes = [1000, 200, 200];
    let mut worst = heap_with_holes::<WorstFit, AddressOrder>(&holes);
    let mut best = heap_with_holes::<BestFit, AddressOrder>(&holes);
    for size in [200, 200] {
        assert!(take(&mut worst, size).is_some() && take(&mut best, size).is_some());
    }
    assert!(
        take(&mut best, 1000).is_some(),
        "best fit kept the large hole whole"
    );
    assert!(take(&mut worst, 1000).is_none(), "worst fit cut it");
    assert_eq!(free_sizes(&worst), [600, 200, 200]);
}
