//! Op programs: any bytes are one, printing and parsing agree, failing ones become short.

use core::alloc::Layout;
use core::ptr::NonNull;

use crate::honest::{Fault, Honest};
use core_api::testing::{Contract, Op, Program, Shadow, programs};
use core_api::{Inspect, Region};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_printed_parses(program in programs()) {
        prop_assert_eq!(program.to_string().parse(), Ok(program));
    }

    #[test]
    fn any_bytes_are_a_program(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let program = Program::from_bytes(&bytes);
        prop_assert!(program.ops().len() <= bytes.len());
        prop_assert_eq!(program.to_string().parse(), Ok(program));
    }

    #[test]
    fn an_honest_allocator_runs_them(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut buffer = vec![0_u8; 32 << 10];
        // SAFETY: the buffer outlives the allocator and is used by nobody else meanwhile.
        let region = unsafe { Region::new(NonNull::from(&mut buffer[..]).cast(), 32 << 10) };
        let mut heap = Honest::new(region);
        Program::from_bytes(&bytes).run(&mut heap, &mut Honest::check)?;
        prop_assert_eq!(heap.stats().used, 0);
    }
}

#[test]
fn bytes_reach_every_operation() {
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    let bytes: Vec<u8> = (0..10_000).map(|_| next()).collect();
    let text = Program::from_bytes(&bytes).to_string();
    for name in [
        "allocate ",
        "allocate_zeroed",
        "deallocate",
        "resize_in_place",
        "grow ",
        "grow_zeroed",
        "shrink",
    ] {
        assert!(text.contains(name), "no {name}");
    }
}

#[test]
fn what_is_no_operation_is_named() {
    for line in [
        "",
        "free 1",
        "allocate 8",
        "allocate 8 align 3",
        "grow 1 by x",
        "deallocate 1 2",
        "shrink 1 by 2",
    ] {
        let program: Result<Program, _> = format!("allocate 8 align 8\n  {line}\n").parse();
        match line {
            "" => assert_eq!(program.map(|program| program.ops().len()), Ok(1)),
            _ => {
                let error = program.expect_err(line).to_string();
                assert!(error.contains(line), "{error}");
            }
        }
    }
}

/// The program that a contract found for a fault which simple scenarios do not touch.
fn shortest(fault: Fault) -> Program {
    let failures = Contract::new("faulty", Honest::with(fault))
        .inspected()
        .cases(256)
        .verify();
    let programs = failures.into_iter().filter_map(|failure| failure.program);
    programs
        .min_by_key(|program| program.ops().len())
        .expect("a program that fails")
}

#[test]
fn failing_programs_shrink_to_few_operations() {
    for (fault, n_ops) in [
        (Fault::NotZeroed, 1),
        (Fault::GrownTailNotZeroed, 2),
        (Fault::CheckFails, 7),
    ] {
        let program = shortest(fault);
        assert!(program.ops().len() <= n_ops, "{fault:?} took\n{program}");
    }
}

#[test]
fn a_failing_program_says_which_operation() {
    let mut buffer = vec![1_u8; 4096];
    // SAFETY: the buffer outlives the allocator and is used by nobody else meanwhile.
    let region = unsafe { Region::new(NonNull::from(&mut buffer[..]).cast(), 4096) };
    let mut heap = Honest::with(Fault::NotZeroed)(region);
    let program: Program = "allocate 8 align 8\nallocate_zeroed 16 align 8"
        .parse()
        .expect("a program");
    let failure = program
        .run(&mut heap, &mut Honest::check)
        .expect_err("not zeroed");
    let text = failure.to_string();
    assert!(
        text.contains("operation 1, allocate_zeroed 16 align 8: block #1"),
        "{text}"
    );
    assert!(
        text.ends_with("the program:\n    allocate 8 align 8\n    allocate_zeroed 16 align 8\n"),
        "{text}"
    );
}

#[test]
fn the_model_notices_a_foreign_write() {
    let mut buffer = [0_u64; 8];
    let block = NonNull::slice_from_raw_parts(NonNull::from(&mut buffer).cast::<u8>(), 64);
    let mut shadow = Shadow::new();
    // SAFETY: the buffer is used by nobody but the model until it is done.
    let id = unsafe { shadow.insert(block, Layout::new::<[u64; 8]>(), true) }.expect("zeroed");
    assert_eq!(shadow.verify_all(), Ok(()));
    assert_eq!((shadow.n_live(), shadow.requested()), (1, 64));
    // SAFETY: byte 17 lies in the buffer.
    unsafe {
        let byte = block.cast::<u8>().add(17);
        byte.write(!byte.read());
    }
    let broken = shadow.remove(id).expect_err("changed").broken;
    assert!(broken.contains("lost its content at byte 17"), "{broken}");
}

#[test]
fn operations_without_a_block_do_nothing() {
    let ops = [
        Op::Deallocate { which: 3 },
        Op::ResizeInPlace { which: 0, to: 8 },
        Op::Grow {
            which: 1,
            by: 8,
            align: None,
        },
        Op::Shrink {
            which: 1,
            to: 8,
            align: Some(64),
        },
    ];
    let mut heap = Honest::new(Region::EMPTY);
    assert_eq!(
        Program::new(ops.into()).run(&mut heap, &mut Honest::check),
        Ok(())
    );
}

#[test]
fn a_contract_plays_a_pasted_program() {
    let program: Program = "allocate 100 align 8\nallocate_zeroed 16 align 64"
        .parse()
        .expect("a program");
    let honest = Contract::new("honest", Honest::new).heap_len(1024);
    assert_eq!(honest.inspected().play(&program), Ok(()));
    let faulty = Contract::new("faulty", Honest::with(Fault::NotZeroed)).heap_len(1024);
    let failure = faulty.inspected().play(&program).expect_err("not zeroed");
    assert_eq!(failure.allocator, "faulty");
    assert_eq!(failure.program, Some(program));
    assert!(failure.heap_map.is_some());
}

#[test]
fn a_contract_leaves_out_what_it_is_told_to() {
    let contract = Contract::new("faulty", Honest::with(Fault::NotZeroed)).cases(0);
    assert!(contract.scenarios().any(|name| name == "zeroed"));
    let failures = contract.without("zeroed").verify();
    assert!(failures.iter().all(|failure| failure.scenario != "zeroed"));
}
