//! C++'s operators.

use crate::build::{OPERATORS, library};
use crate::run::{default_section, limited_section};

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
