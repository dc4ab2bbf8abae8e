//! Scopes: what they hold, what they refuse, and what an initialiser that fails costs.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bump::{Bump, Scope};
use core_api::{AllocError, Allocator, Borrowed, StaticHeap};

fn with_heap<R>(body: impl FnOnce(&mut Bump<Borrowed<'_>>) -> R) -> R {
    let mut buffer = Box::new_uninit_slice(64 << 10);
    body(&mut Bump::new(Borrowed::new(&mut buffer)))
}

/// Bytes that the heap has given out.
fn used(scope: &Scope<'_, Borrowed<'_>>) -> usize {
    scope.inspect(|bump| bump.used())
}

#[test]
fn collections_and_references_share_a_scope() {
    with_heap(|bump| {
        bump.scope(|scope| {
            let scope = &*scope;
            let mut squares = allocator_api2::vec::Vec::new_in(scope);
            let mut lengths = hashbrown::HashMap::new_in(scope);
            let mut words = allocator_api2_02::vec::Vec::new_in(scope);
            for n in 0..100_u64 {
                let word = scope.alloc_str(&n.to_string()).expect("room");
                lengths.insert(n, word.len());
                squares.push(n * n);
                words.push(word);
            }
            assert_eq!((squares[99], lengths[&99], &*words[99]), (9801, 2, "99"));
            assert!(used(scope) > 100 * 8);
        });
        assert_eq!(bump.used(), 0);
    });
}

#[test]
fn a_collection_takes_its_elements_from_an_inner_scope() {
    with_heap(|bump| {
        bump.scope(|outer| {
            let kept = outer.alloc_slice(&[1_u64, 2, 3]).expect("room");
            let sum = outer.scope(|inner| {
                let mut numbers = allocator_api2::vec::Vec::new_in(&*inner);
                numbers.extend(kept.iter().copied());
                numbers.iter().sum::<u64>()
            });
            let mut numbers = allocator_api2::vec::Vec::new_in(&*outer);
            numbers.extend([sum, kept[2]]);
            assert_eq!(numbers, [6, 3]);
        });
    });
}

#[test]
fn the_elements_of_a_collection_are_dropped() {
    with_heap(|bump| {
        let counted = std::rc::Rc::new(());
        bump.scope(|scope| {
            let mut owners = allocator_api2::vec::Vec::new_in(&*scope);
            owners.extend((0..10).map(|_| counted.clone()));
        });
        assert_eq!(std::rc::Rc::strong_count(&counted), 1);
    });
}

#[test]
fn a_full_scope_is_an_error_of_its_collections() {
    with_heap(|bump| {
        bump.scope(|scope| {
            let mut bytes = allocator_api2::vec::Vec::<u8, _>::new_in(&*scope);
            assert!(bytes.try_reserve(65 << 10).is_err());
            assert!(bytes.try_reserve(32 << 10).is_ok());
        });
    });
}

#[test]
fn a_scope_is_an_allocator_of_this_workspace_too() {
    with_heap(|bump| {
        bump.scope(|scope| {
            let (mut scope, layout) = (&*scope, core::alloc::Layout::new::<[u64; 4]>());
            let block = scope.allocate_zeroed(layout).expect("room").cast();
            // SAFETY: the block is live and is not used again.
            unsafe { scope.deallocate(block, layout) };
            assert_eq!(used(scope), 0, "the last block came back");
        });
    });
}

#[test]
fn looking_into_a_scope_cannot_change_it() {
    with_heap(|bump| {
        bump.scope(|scope| {
            let inside = scope.inspect(|_| scope.alloc(1).map(|_| ()));
            assert_eq!(inside, Err(AllocError));
            assert!(scope.alloc(1).is_ok());
        });
    });
}

/// After each failure there is as much room as before.
#[test]
fn initialisers_that_fail_leave_no_block() {
    let n_failures = if cfg!(miri) { 10 } else { 100_000 };
    with_heap(|bump| {
        bump.scope(|scope| {
            for n in 0..n_failures {
                let failed = catch_unwind(AssertUnwindSafe(|| {
                    scope.alloc_slice_with(4000, |index| match index {
                        3 => resume_unwind(Box::new(n)),
                        _ => index,
                    })
                }));
                assert!(failed.is_err(), "there was room in round {n}");
                assert_eq!(used(scope), 0, "round {n}");
            }
        });
    });
}

/// What the initialiser allocated itself lies behind the block, so both stay until the scope ends.
#[test]
fn an_initialiser_that_allocated_and_fails_keeps_what_it_allocated() {
    with_heap(|bump| {
        bump.scope(|scope| {
            let mut inner = None;
            let failed = catch_unwind(AssertUnwindSafe(|| {
                scope.alloc_slice_with(2, |_| -> u64 {
                    inner = scope.alloc(7_u64).ok();
                    resume_unwind(Box::new(()))
                })
            }));
            assert!(failed.is_err());
            assert_eq!(inner, Some(&mut 7));
            assert_eq!(used(scope), 24);
        });
        assert_eq!(bump.used(), 0);
    });
}

#[test]
fn a_reset_needs_no_unsafe_once_nothing_borrows() {
    static HEAP: StaticHeap<4096> = StaticHeap::new();
    let mut heap = core_api::Local::new(Bump::new(&HEAP));
    for round in 0..if cfg!(miri) { 10 } else { 1000 } {
        let mut numbers = allocator_api2::vec::Vec::new_in(&heap);
        numbers.extend(0..100_u64);
        let boxed = allocator_api2::boxed::Box::new_in(round, &heap);
        assert_eq!(numbers[99] + *boxed, 99 + round);
        // Neither is given back: without the reset the heap is full in a few rounds.
        core::mem::forget((numbers, boxed));
        heap.reset();
    }
}
