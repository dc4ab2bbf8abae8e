//! C++'s operators.

use crate::build::{OPERATORS, Program, library, library_of};
use crate::run::{default_section, limited_section, section};

static REPLACED: Program = Program::new("replaced.cc");

macro_rules! sections {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            default_section(&OPERATORS, &[stringify!($name)]);
        }
    )*};
}

sections! { forms nothrow handler }

#[test]
fn throw() {
    default_section(&OPERATORS, &["throw", "1000"]);
}

#[test]
fn sized() {
    for stage in ["thread-cached", "mmap-backed", "hardened"] {
        section(&OPERATORS, &library_of(stage), &["sized", "37"]);
    }
}

#[test]
fn lifetimes() {
    default_section(&OPERATORS, &["lifetimes", "50"]);
}

#[test]
fn reserve() {
    limited_section(&OPERATORS, &library(), 700_000, &["reserve"]);
}

/// What the runtime's `new` gets from `malloc` when its handler has made room goes back through our `delete`.
#[test]
fn reserve_of_spans() {
    for stage in ["thread-cached", "hardened"] {
        limited_section(
            &OPERATORS,
            &library_of(stage),
            700_000,
            &["reserve-of-spans"],
        );
    }
}

/// No free is refused where a program's own `new` and our `delete` meet.
#[test]
fn some_are_replaced() {
    for stage in ["thread-cached", "hardened"] {
        section(&REPLACED, &library_of(stage), &["replaced"]);
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn names() {
    default_section(&OPERATORS, &["names"]);
}
