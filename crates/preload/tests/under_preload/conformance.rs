//! The C family, section by section, on the stage that serves by default.

use crate::build::CONFORMANCE;
use crate::run::default_section;

macro_rules! sections {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            default_section(&CONFORMANCE, &[stringify!($name)]);
        }
    )*};
}

sections! {
    names malloc zero limits calloc realloc reallocarray aligned posix pages usable errno leftovers
    info
}

#[test]
fn reuse() {
    default_section(&CONFORMANCE, &["reuse", "20000"]);
}

#[test]
fn mixture() {
    default_section(&CONFORMANCE, &["mixture", "100000"]);
}

#[test]
fn report() {
    if let Some(errors) = default_section(&CONFORMANCE, &["report"]) {
        assert!(errors.contains("malloc-ladder: process "), "{errors}");
        assert!(errors.contains(" bytes live\n"), "{errors}");
    }
}
