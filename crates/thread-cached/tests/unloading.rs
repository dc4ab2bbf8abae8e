//! A plug-in that brings this allocator with it, and goes while threads that used it live on.

#[path = "../../mmap-backed/tests/support/mod.rs"]
mod support;

use std::ffi::{CStr, CString, c_void};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;

use support::passes_in_child;

/// The plug-in, which cargo builds like this test.
fn plugin() -> CString {
    let test = std::env::current_exe().expect("the test's own path");
    let profile = test.ancestors().nth(2).expect("a profile's directory");
    let is_released = profile.ends_with("release");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--example", "plugin", "--profile"])
        .arg(if is_released { "release" } else { "test" })
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.expect("cargo runs").success());
    let plugin = profile.join("examples/libplugin.so");
    CString::new(plugin.to_string_lossy().into_owned()).expect("a path")
}

/// A plug-in that was loaded.
#[derive(Clone, Copy)]
struct Loaded(*mut c_void);

// SAFETY: any thread may look symbols up.
unsafe impl Send for Loaded {}

impl Loaded {
    fn load(path: &CStr) -> Self {
        // SAFETY: the path ends in a zero.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null(), "the plug-in loads");
        Self(handle)
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

#[test]
fn threads_that_used_a_plugin_outlive_it() {
    passes_in_child("threads_that_used_a_plugin_outlive_it", || {
        let path = plugin();
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
