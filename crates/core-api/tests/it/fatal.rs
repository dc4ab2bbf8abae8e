//! How a misuse ends the process. Each test runs itself again in a child, which must not survive.
use core::alloc::Layout;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use crate::honest::Honest;
use core_api::adapters::CriticalSection;
use core_api::{Allocator, FatalHandler, Local, Locked, Misuse, Region, fatal, set_fatal_handler};

/// Says to the child that it is the child.
const IN_CHILD: &str = "CORE_API_TEST_CHILD";

/// Does what ends the process if this is the child; otherwise returns what the child said.
fn in_child(name: &str, end: impl FnOnce()) -> Output {
    if std::env::var_os(IN_CHILD).is_some() {
        end();
        std::process::exit(0);
    }
    let program = std::env::current_exe().expect("tests are programs");
    let mut child = Command::new(program);
    child.args([&format!("fatal::{name}"), "--exact", "--nocapture"]);
    child
        .env(IN_CHILD, "1")
        .output()
        .expect("the test runs again")
}

#[track_caller]
fn aborted(output: &Output, misuse: Misuse) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(misuse.message()), "{said}");
    let status = output.status;
    assert!(
        status.signal().is_some(),
        "ended, but not by abort: {status:?}"
    );
}

fn nothing() -> Honest {
    Honest::new(Region::EMPTY)
}

#[test]
fn fatal_says_why_and_aborts() {
    let output = in_child("fatal_says_why_and_aborts", || fatal(Misuse::DoubleFree));
    aborted(&output, Misuse::DoubleFree);
}

#[test]
fn a_handler_replaces_the_end() {
    static HANDLER: FatalHandler = |misuse| {
        std::process::exit(if misuse == Misuse::ForeignPointer {
            77
        } else {
            1
        })
    };
    let output = in_child("a_handler_replaces_the_end", || {
        set_fatal_handler(&HANDLER);
        fatal(Misuse::ForeignPointer)
    });
    assert_eq!(output.status.code(), Some(77));
}

#[test]
fn a_free_while_looking_into_local_is_fatal() {
    let output = in_child("a_free_while_looking_into_local_is_fatal", || {
        let local = Local::new(nothing());
        let block = core::ptr::NonNull::dangling();
        // SAFETY: the block is not touched, as the process ends before the heap is asked.
        local.inspect(|_| unsafe { (&local).deallocate(block, Layout::new::<u8>()) });
    });
    aborted(&output, Misuse::Reentered);
}

#[test]
fn a_critical_section_does_not_nest() {
    let output = in_child("a_critical_section_does_not_nest", || {
        let locked = Locked::<_, CriticalSection>::new(nothing());
        let _ = locked.inspect(|_| (&locked).allocate(Layout::new::<u8>()));
    });
    aborted(&output, Misuse::Reentered);
}
