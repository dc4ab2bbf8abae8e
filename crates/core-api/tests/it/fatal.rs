//! How a misuse ends the process. Each test runs itself again in a child, which must not survive.
use core::alloc::Layout;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::Duration;

use crate::honest::Honest;
use core_api::adapters::{CriticalSection, LockApi};
use core_api::{
    AllocError, Allocator, Local, Locked, Misuse, RawLock, Region, SpinLock, fatal, thread,
};

const SIGABRT: i32 = 6;

/// How long a child may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says to the child that it is the child.
const IN_CHILD: &str = "CORE_API_TEST_CHILD";

/// Does what ends the process if this is the child; otherwise returns what the child said.
fn in_child(name: &str, end: impl FnOnce()) -> Output {
    if std::env::var_os(IN_CHILD).is_some() {
        std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            std::process::exit(1);
        });
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
    assert_eq!(said, format!("fatal: {misuse}\n"));
    assert_eq!(output.status.signal(), Some(SIGABRT), "{:?}", output.status);
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
    let output = in_child("a_handler_replaces_the_end", || {
        fatal::set_handler(|misuse| {
            std::process::exit(match misuse {
                Misuse::ForeignPointer => 77,
                _ => 1,
            })
        });
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

/// A call from within another one, on the same thread.
fn nest<R: RawLock>() {
    let locked = Locked::<_, R>::new(nothing());
    let _ = locked.inspect(|_| (&locked).allocate(Layout::new::<u8>()));
}

#[test]
fn a_critical_section_does_not_nest() {
    let output = in_child("a_critical_section_does_not_nest", nest::<CriticalSection>);
    aborted(&output, Misuse::Reentered);
}

#[test]
fn a_spin_lock_does_not_wait_for_its_own_thread() {
    if thread::IS_KNOWN {
        let name = "a_spin_lock_does_not_wait_for_its_own_thread";
        aborted(&in_child(name, nest::<SpinLock>), Misuse::Reentered);
    }
}

#[test]
fn a_lock_of_others_does_not_wait_for_its_own_thread() {
    if thread::IS_KNOWN {
        let name = "a_lock_of_others_does_not_wait_for_its_own_thread";
        aborted(&in_child(name, nest::<LockApi<Flag>>), Misuse::Reentered);
    }
}

#[test]
fn threads_have_different_numbers() {
    let own = thread::current();
    let other = std::thread::scope(|scope| scope.spawn(thread::current).join());
    assert_eq!(own, thread::current());
    assert_eq!(own % 2, 0);
    assert_eq!(Some(own) == other.ok(), !thread::IS_KNOWN);
}

#[test]
fn a_handler_that_comes_back_ends_the_process_with_the_first_misuse() {
    let name = "a_handler_that_comes_back_ends_the_process_with_the_first_misuse";
    let output = in_child(name, || {
        fatal::set_handler(|_| fatal(Misuse::Overrun));
        fatal(Misuse::ForeignPointer)
    });
    aborted(&output, Misuse::ForeignPointer);
}

/// An allocator that breaks its contract.
struct Panicking;

// SAFETY: it returns no block.
unsafe impl Allocator for Panicking {
    fn allocate(&mut self, _: Layout) -> Result<core::ptr::NonNull<[u8]>, AllocError> {
        std::panic::set_hook(Box::new(|_| {}));
        panic!("an allocator never does")
    }
    unsafe fn deallocate(&mut self, _: core::ptr::NonNull<u8>, _: Layout) {}
}

#[test]
fn no_panic_leaves_local() {
    let output = in_child("no_panic_leaves_local", || {
        let _ = (&Local::new(Panicking)).allocate(Layout::new::<u8>());
    });
    aborted(&output, Misuse::Unwound);
}

#[test]
fn no_panic_leaves_locked() {
    let output = in_child("no_panic_leaves_locked", || {
        let locked = Locked::<_, SpinLock>::new(Panicking);
        let _ = (&locked).allocate(Layout::new::<u8>());
    });
    aborted(&output, Misuse::Unwound);
}

/// A `lock_api` mutex.
struct Flag(std::sync::atomic::AtomicBool);

// SAFETY: only the thread that turned the flag on returns from `lock`.
unsafe impl lock_api::RawMutex for Flag {
    const INIT: Self = Self(std::sync::atomic::AtomicBool::new(false));
    type GuardMarker = lock_api::GuardSend;

    fn lock(&self) {
        while !self.try_lock() {
            std::thread::yield_now();
        }
    }
    fn try_lock(&self) -> bool {
        !self.0.swap(true, std::sync::atomic::Ordering::Acquire)
    }
    unsafe fn unlock(&self) {
        self.0.store(false, std::sync::atomic::Ordering::Release);
    }
}
