//! C++'s operators.

use crate::build::{OPERATORS, library, library_of};
use crate::run::{default_section, limited_section, section};

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

#[test]
#[cfg(target_arch = "x86_64")]
fn names() {
    default_section(&OPERATORS, &["names"]);
}
