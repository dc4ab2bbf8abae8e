//! Random programs of every operation, on policies, thresholds and orders beyond the contract's.

use core_api::testing::{Program, programs};
use core_api::{Allocator, Fixed, Inspect};
use fit_strategies::{
    AddressOrder, BestFit, Candidate, Fit, FitHeap, Lifo, NextFit, Order, WorstFit,
};
use proptest::prelude::*;

/// Small enough that programs run out of memory and sweep.
const HEAP_LEN: usize = 8 << 10;

/// Takes the last candidate, whether it fits or not.
struct Careless;

impl Fit for Careless {
    const NEW: Self = Self;

    fn choose<C: Candidate>(
        &mut self,
        _size: usize,
        candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        candidates.last()
    }
}

/// Runs the program; the heap must keep its invariants and give everything back.
fn holds<P: Fit, O: Order>(program: &Program, threshold: usize) -> Result<(), TestCaseError> {
    // SAFETY: the region is handed out for this heap alone.
    let source = unsafe { Fixed::new(crate::common::region(HEAP_LEN)) };
    let mut heap: FitHeap<Fixed, P, O> = FitHeap::with_split_threshold(source, threshold);
    let verdict = program.run(&mut heap, &mut |heap: &FitHeap<Fixed, P, O>| heap.check());
    prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    prop_assert!(heap.free_bytes() == HEAP_LEN || heap.stats().heap == 0);
    heap.sweep();
    let whole = heap.allocate(crate::common::block_layout(HEAP_LEN));
    prop_assert!(whole.is_ok(), "everything was freed");
    Ok(())
}

proptest! {
    #[test]
    fn any_threshold_keeps_the_invariants(program in programs(), threshold in 0..300_usize) {
        holds::<BestFit, Lifo>(&program, threshold)?;
        holds::<NextFit, AddressOrder>(&program, threshold)?;
        holds::<WorstFit, Lifo>(&program, threshold)?;
    }

    #[test]
    fn no_policy_can_break_the_heap(program in programs()) {
        holds::<Careless, AddressOrder>(&program, 16)?;
        holds::<Careless, Lifo>(&program, 16)?;
    }
}
