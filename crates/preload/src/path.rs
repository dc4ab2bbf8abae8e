//! The path of an output file, from the environment.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::{c_library, files};

/// Bytes of the longest path, including the zero byte at its end.
const ROOM: usize = 256;

/// A path, stored by value because programs overwrite their environment. `%p` in it stands for the process
/// ID.
pub(crate) struct Path {
    bytes: UnsafeCell<[u8; ROOM]>,
    is_set: AtomicBool,
}

// SAFETY: `set` writes the bytes once, before it stores `is_set` with Release; after that all threads only
// read them.
unsafe impl Sync for Path {}

impl Path {
    /// Returns a place for a path, without one yet.
    pub(crate) const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new([0; ROOM]),
            is_set: AtomicBool::new(false),
        }
    }

    /// Stores the path; returns false if it is empty, too long, or set already.
    pub(crate) fn set(&self, path: &CStr) -> bool {
        let from = path.to_bytes();
        if from.is_empty() || from.len() >= ROOM || self.is_set() {
            return false;
        }
        // SAFETY: only the thread that starts the process sets paths, before any other thread can read them.
        unsafe { (&mut *self.bytes.get())[..from.len()].copy_from_slice(from) };
        self.is_set.store(true, Ordering::Release);
        true
    }

    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    /// Opens the emptied file for writing; creates it if there is none.
    pub(crate) fn create(&self) -> Option<i32> {
        files::create(self.expanded().as_c_str()?)
    }

    /// Opens the file for writing at its end; creates it if there is none.
    pub(crate) fn append(&self) -> Option<i32> {
        files::append(self.expanded().as_c_str()?)
    }

    fn expanded(&self) -> Expanded {
        // SAFETY: nothing writes the bytes once the path is set; before that they are zero.
        let bytes = unsafe { &*self.bytes.get() };
        let path = CStr::from_bytes_until_nul(bytes).unwrap_or_default();
        let mut expanded = Expanded {
            bytes: [0; ROOM + 32],
            len: 0,
        };
        let mut rest = path.to_bytes();
        while let Some((&byte, behind)) = rest.split_first() {
            if rest.starts_with(b"%p") {
                // Never fails: `add` drops what has no room.
                let _ = write!(expanded, "{}", c_library::process());
                rest = &behind[1..];
            } else {
                expanded.add(&[byte]);
                rest = behind;
            }
        }
        expanded
    }
}

/// A buffer for the expanded path; its last byte stays zero.
struct Expanded {
    bytes: [u8; ROOM + 32],
    len: usize,
}

impl Expanded {
    fn add(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if let Some(place) = self.bytes[..ROOM + 31].get_mut(self.len..end) {
            place.copy_from_slice(bytes);
            self.len = end;
        }
    }

    fn as_c_str(&self) -> Option<&CStr> {
        CStr::from_bytes_until_nul(&self.bytes).ok()
    }
}

impl Write for Expanded {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}
