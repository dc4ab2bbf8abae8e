//! A test for Miri: the program passes pointers narrowed to their layouts, and the heap returns pointers that may
//! access all of a block's bytes. Miri reports an access beyond them.

use core::mem::MaybeUninit;

use core_api::testing::Program;
use core_api::{Borrowed, Inspect};
use wasm::Heap;

#[test]
fn blocks_are_resized_whatever_their_owners_did_with_the_pointer() {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    let verdict = Program::resizing().run(&mut heap, &mut |heap| heap.check());
    verdict.expect("a kept contract");
}
