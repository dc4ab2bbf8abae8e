//! Marks, resets and scopes: what they give back, and what they leave alone.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bump::{Bump, Scope};
use core_api::testing::programs;
use core_api::{AllocError, Allocator, Borrowed, Inspect, Reset};
use proptest::prelude::*;

const WORD: Layout = Layout::new::<u64>();

fn with_heap<R>(body: impl FnOnce(&mut Bump<Borrowed<'_>>) -> R) -> R {
    let mut buffer = vec![MaybeUninit::uninit(); 64 << 10];
    body(&mut Bump::new(Borrowed::new(&mut buffer)))
}

#[test]
fn a_mark_from_before_the_first_allocation_is_the_start() {
    with_heap(|bump| {
        let mark = bump.mark();
        let first = bump.allocate(WORD).expect("room");
        // SAFETY: the mark is this allocator's; no block is used again.
        unsafe { bump.reset_to(mark) };
        assert_eq!(bump.used(), 0);
        assert_eq!(bump.allocate(WORD), Ok(first), "the same bytes again");
    });
}

#[test]
fn a_mark_keeps_what_was_allocated_before_it() {
    with_heap(|bump| {
        let before = bump.allocate(WORD).expect("room").cast::<u64>();
        // SAFETY: live, and fits a u64.
        unsafe { before.write(7) };
        let mark = bump.mark();
        let after = bump.allocate(WORD).expect("room");
        // SAFETY: the mark is this allocator's; `after` is not used again.
        unsafe { bump.reset_to(mark) };
        assert_eq!(bump.allocate_zeroed(WORD), Ok(after));
        // SAFETY: live and written.
        assert_eq!(unsafe { before.read() }, 7);
    });
}

#[test]
fn a_mark_behind_the_cursor_gives_nothing_away() {
    with_heap(|bump| {
        let block = bump.allocate(WORD).expect("room");
        let mark = bump.mark();
        // SAFETY: live and not used again; then the mark is this allocator's.
        unsafe {
            bump.deallocate(block.cast(), WORD);
            bump.reset_to(mark);
        }
        assert_eq!(bump.used(), 0, "the mark does not bring a freed block back");
        assert_eq!(bump.check(), Ok(()));
    });
}

#[test]
fn a_scope_that_panics_is_reset_too() {
    with_heap(|bump| {
        bump.allocate(WORD).expect("room");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            bump.scope(|scope| -> Result<(), AllocError> {
                scope.alloc([1_u64; 100])?;
                panic!("in the middle of a scope")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(bump.used(), 8);
    });
}

#[test]
fn a_full_scope_fails_and_stays_usable() {
    with_heap(|bump| {
        bump.scope(|scope| {
            assert_eq!(scope.alloc([0_u8; 65 << 10]), Err(AllocError));
            assert_eq!(scope.alloc_slice_with(usize::MAX, |n| n), Err(AllocError));
            assert_eq!(scope.alloc(5), Ok(&mut 5));
            assert_eq!(scope.alloc_str(""), Ok(String::new().as_mut_str()));
        });
    });
}

/// Allocates values on `depth` nested levels and reads the outer ones after the inner are gone.
fn nest(scope: &mut Scope<'_, Borrowed<'_>>, values: &[Vec<u64>]) -> Result<(), AllocError> {
    let Some((own, inner)) = values.split_first() else {
        return Ok(());
    };
    let copy = scope.alloc_slice(own)?;
    let used = scope.heap().used();
    scope.scope(|scope| nest(scope, inner))?;
    assert_eq!(
        scope.heap().used(),
        used,
        "the inner scope gave back what it took"
    );
    let again = scope.alloc_slice_with(own.len(), |n| own[n])?;
    assert_eq!((&*copy, &*again), (&own[..], &own[..]));
    Ok(())
}

proptest! {
    #[test]
    fn nested_scopes_keep_what_the_outer_ones_hold(
        values in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..50), 0..10)
    ) {
        with_heap(|bump| {
            bump.scope(|scope| nest(scope, &values)).expect("room");
            assert_eq!(bump.used(), 0);
        });
    }

    #[test]
    fn a_reset_leaves_a_heap_as_good_as_new(program in programs()) {
        with_heap(|bump| {
            let mark = bump.mark();
            program.run(bump, &mut |bump| bump.check()).unwrap_or_else(|failure| panic!("{failure}"));
            // SAFETY: the mark is this allocator's; the program has freed all its blocks.
            unsafe { bump.reset_to(mark) };
            bump.allocate(WORD).expect("room");
            let len = bump.used() + bump.remaining();
            // SAFETY: no block is used again.
            unsafe { bump.reset() };
            let all = Layout::from_size_align(len, 8).expect("a valid layout");
            assert_eq!(bump.allocate(all).map(|block| block.len()), Ok(len));
        });
    }
}
