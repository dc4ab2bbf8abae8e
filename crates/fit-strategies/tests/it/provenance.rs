//! Blocks come back through pointers narrowed to their layouts, and leave with the right to all of their
//! bytes: for Miri, which sees whoever goes beyond.

use core::mem::MaybeUninit;

use core_api::testing::Program;
use core_api::{Borrowed, Inspect};
use fit_strategies::FirstFit;
use fit_strategies::FitHeap;

#[test]
fn blocks_are_resized_whatever_their_owners_did_with_the_pointer() {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut heap: FitHeap<_, FirstFit> = FitHeap::new(Borrowed::new(&mut buffer));
    let verdict = Program::resizing().run(&mut heap, &mut |heap| heap.check());
    verdict.expect("a kept contract");
}
