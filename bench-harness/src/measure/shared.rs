//! Memory that this process has in common with its forks.

use std::io;
use std::ptr::{NonNull, null_mut};

/// What a number is before it is written.
pub(crate) const UNCLOCKED: u32 = u32::MAX;

/// Numbers that forks of this process write and it reads; all are [`UNCLOCKED`] at first.
#[derive(Debug)]
pub(crate) struct Shared {
    base: NonNull<u32>,
    len: usize,
}

impl Shared {
    /// `len` numbers.
    pub(crate) fn new(len: usize) -> io::Result<Self> {
        let bytes = len.max(1) * size_of::<u32>();
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let base = unsafe { libc::mmap(null_mut(), bytes, access, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        let mut shared = Self { base, len };
        shared.numbers().fill(UNCLOCKED);
        Ok(shared)
    }

    /// The numbers. Those that a fork writes meanwhile are not seen in any order.
    pub(crate) fn numbers(&mut self) -> &mut [u32] {
        // SAFETY: `len` numbers were mapped, the kernel zeroed them, and a fork has its own borrow
        // of them; this process waits for its forks before it reads.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let bytes = self.len.max(1) * size_of::<u32>();
        // SAFETY: mapped in `new` with this length.
        unsafe { libc::munmap(self.base.as_ptr().cast(), bytes) };
    }
}
