//! A plug-in that brings this allocator with it: it comes late, and goes while threads that used it
//! live on.

#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use std::ffi::{CStr, CString, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;

use support::passes_in_child;

/// What this test is built with.
const FEATURES: &str = match cfg!(feature = "dynamic-tls") {
    true => "dynamic-tls",
    false => "",
};

/// A plug-in, which cargo builds like this test. Without features that is as part of the workspace, whose tests have
/// built the libraries that it needs.
fn plugin(name: &str, features: &str) -> CString {
    let test = std::env::current_exe().expect("the test's own path");
    let profile = test.ancestors().nth(2).expect("a profile's directory");
    let is_released = profile.ends_with("release");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let scope = match features {
        "" => vec!["--workspace", "--exclude", "snippets"],
        features => vec!["--features", features],
    };
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--example", name, "--profile"])
        .arg(if is_released { "release" } else { "test" })
        .args(scope)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.expect("cargo runs").success());
    path_of(&profile.join(format!("examples/lib{name}.so")))
}

fn path_of(path: &Path) -> CString {
    CString::new(path.to_string_lossy().into_owned()).expect("a path")
}

/// A library that needs so many bytes of static thread-local storage; `None`, with a line about it, if
/// there is no compiler.
fn greedy_library(dir: &Path, bytes: usize) -> Option<PathBuf> {
    let (source, library) = (dir.join("greedy.c"), dir.join(format!("greedy-{bytes}.so")));
    let text = "__attribute__((tls_model(\"initial-exec\"))) static __thread volatile char greedy[BYTES];\n\
                char touch(void) { return greedy[0]; }\n";
    std::fs::write(&source, text).expect("a file");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", &format!("-DBYTES={bytes}"), "-o"])
        .args([&library, &source])
        .status();
    match compiled {
        Ok(status) => assert!(status.success(), "the library compiles"),
        Err(_) => {
            println!("skipped: there is no `cc`");
            return None;
        }
    }
    Some(library)
}

/// Loads copies of a library until one is refused. Whether one was loaded.
fn load_copies(library: &Path) -> bool {
    for n in 0..100 {
        let copy = library.with_extension(format!("{n}.so"));
        std::fs::copy(library, &copy).expect("a copy");
        if Loaded::try_load(&path_of(&copy)).is_none() {
            return n > 0;
        }
    }
    panic!("{library:?}: nothing is refused");
}

/// A plug-in that was loaded.
#[derive(Clone, Copy)]
struct Loaded(*mut c_void);

// SAFETY: any thread may look symbols up.
unsafe impl Send for Loaded {}

impl Loaded {
    fn load(path: &CStr) -> Self {
        Self::try_load(path).expect("the plug-in loads")
    }

    fn try_load(path: &CStr) -> Option<Self> {
        // SAFETY: the path ends in a zero.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        (!handle.is_null()).then_some(Self(handle))
    }

    fn work(self) {
        // SAFETY: the function is there, of this type.
        let pairs = unsafe {
            let symbol = libc::dlsym(self.0, c"plugin_work".as_ptr());
            assert!(!symbol.is_null(), "the plug-in has its function");
            let work = (&raw const symbol)
                .cast::<extern "C" fn() -> usize>()
                .read();
            work()
        };
        assert_eq!(pairs, 1999);
    }

    fn unload(self, path: &CStr) {
        // SAFETY: loaded, and nobody is in it.
        unsafe { libc::dlclose(self.0) };
        // SAFETY: the path ends in a zero; nothing is loaded.
        let left = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD) };
        assert!(left.is_null(), "the plug-in is gone");
    }
}

/// Libraries before it took all static thread-local storage that the loader had left.
#[test]
fn a_plugin_without_static_tls_loads_when_there_is_none_left() {
    let name = "a_plugin_without_static_tls_loads_when_there_is_none_left";
    passes_in_child(name, || {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("static-tls");
        std::fs::create_dir_all(&dir).expect("a directory");
        let [Some(large), Some(small)] = [512, 8].map(|bytes| greedy_library(&dir, bytes)) else {
            return;
        };
        assert!(load_copies(&large), "there is some at first");
        load_copies(&small);
        let loaded = Loaded::load(&plugin("late_plugin", "dynamic-tls"));
        loaded.work();
        thread::spawn(move || loaded.work())
            .join()
            .expect("it ends");
    });
}

#[test]
fn threads_that_used_a_plugin_outlive_it() {
    passes_in_child("threads_that_used_a_plugin_outlive_it", || {
        let path = plugin("plugin", FEATURES);
        for _ in 0..5 {
            let loaded = Loaded::load(&path);
            let ((used, is_used), (gone, is_gone)) = (channel(), channel::<()>());
            let other = thread::spawn(move || {
                loaded.work();
                used.send(()).expect("the test waits");
                is_gone.recv().expect("the test says when");
            });
            loaded.work();
            is_used.recv().expect("the thread uses it");
            loaded.unload(&path);
            gone.send(()).expect("the thread waits");
            other.join().expect("the thread ends");
            // Handlers of `fork` that are gone are not called.
            // SAFETY: the child only ends.
            unsafe {
                let child = libc::fork();
                if child == 0 {
                    libc::_exit(0);
                }
                let mut status = -1;
                assert_eq!(libc::waitpid(child, &mut status, 0), child);
                assert_eq!(status, 0);
            }
        }
    });
}
