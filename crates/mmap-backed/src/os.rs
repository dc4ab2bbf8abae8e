//! The operating system's calls: the only file of this crate that calls libc.
//!
//! Every function that can fail says so in its result, and compares a result with `MAP_FAILED` first.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use core_api::align::{round_down, round_up};

/// Returns the size of an OS page; asks the system once and caches the answer.
#[inline]
pub(crate) fn page_size() -> usize {
    static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            let asked = ask_page_size();
            PAGE_SIZE.store(asked, Ordering::Relaxed);
            asked
        }
        known => known,
    }
}

#[cold]
fn ask_page_size() -> usize {
    // SAFETY: `sysconf` takes a number and touches no memory of ours.
    let answer = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(answer).unwrap_or(4096)
}

/// Address space from the kernel: base pointer and length, both in whole OS pages.
///
/// A mapping is a plain value: dropping it unmaps nothing. The base pointer's provenance covers all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping belongs to the process, not to a thread, so any thread may use it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// A mapping of no bytes.
    pub(crate) const NONE: Self = Self {
        base: NonNull::dangling(),
        len: 0,
    };

    /// Maps readable and writable pages that are zero; `len` is a multiple of the page size.
    pub(crate) fn committed(len: usize) -> Option<Self> {
        Self::create(len, libc::PROT_READ | libc::PROT_WRITE, 0)
    }

    /// Maps address space without memory: touching it faults, and it costs no commit charge.
    pub(crate) fn reserved(len: usize) -> Option<Self> {
        Self::create(len, libc::PROT_NONE, libc::MAP_NORESERVE)
    }

    fn create(len: usize, protection: i32, extra_flags: i32) -> Option<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | extra_flags;
        // SAFETY: without `MAP_FIXED` the kernel picks addresses that are not in use.
        let base = unsafe { libc::mmap(core::ptr::null_mut(), len, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        let base = NonNull::new(base.cast())?;
        Some(Self { base, len })
    }

    /// Restores a mapping from the results of its [`base`](Self::base) and [`len`](Self::len).
    pub(crate) const fn from_parts(base: NonNull<u8>, len: usize) -> Self {
        Self { base, len }
    }

    pub(crate) const fn base(self) -> NonNull<u8> {
        self.base
    }

    pub(crate) const fn len(self) -> usize {
        self.len
    }

    pub(crate) fn start(self) -> usize {
        self.base.addr().get()
    }

    pub(crate) fn end(self) -> usize {
        self.start() + self.len
    }

    #[inline]
    pub(crate) fn contains(self, address: usize) -> bool {
        address.wrapping_sub(self.start()) < self.len
    }

    /// Returns the mapping as the payload of a block.
    pub(crate) fn payload(self) -> NonNull<[u8]> {
        NonNull::slice_from_raw_parts(self.base, self.len)
    }

    /// Cuts the mapping in two at `offset`, a multiple of the page size up to the length.
    pub(crate) fn split_at(self, offset: usize) -> (Self, Self) {
        debug_assert!(offset <= self.len);
        // SAFETY: `offset` is at most the length, so the pointer stays in the mapping or at its end.
        let middle = unsafe { self.base.add(offset) };
        let low = Self {
            len: offset,
            ..self
        };
        (low, Self::from_parts(middle, self.len - offset))
    }

    /// Makes `len` reserved bytes from `offset` readable and writable; they are zero. Returns false if the
    /// system refuses.
    ///
    /// # Safety
    ///
    /// The bytes are whole pages of this mapping, and are reserved.
    pub(crate) unsafe fn commit(self, offset: usize, len: usize) -> bool {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let start = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: by the caller's promise only reserved pages of this mapping change.
        unsafe { libc::mprotect(start.cast(), len, protection) == 0 }
    }

    /// Turns `len` committed bytes from `offset` back into address space. One call maps a fresh reservation
    /// over them, which frees the pages and their commit charge. Returns false if the system refuses.
    ///
    /// # Safety
    ///
    /// The bytes are whole pages of this mapping, and nothing uses them.
    pub(crate) unsafe fn decommit(self, offset: usize, len: usize) -> bool {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        let start = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: `MAP_FIXED` replaces only pages of this mapping that nothing uses, by the caller's promise.
        let mapped = unsafe { libc::mmap(start.cast(), len, libc::PROT_NONE, flags, -1, 0) };
        mapped != libc::MAP_FAILED
    }

    /// Changes the length to `new_len`, a multiple of the page size; added pages are zero. Moves the mapping
    /// if it must and `may_move`.
    ///
    /// # Safety
    ///
    /// After a success, nothing uses `self` or the bytes beyond the new length again.
    pub(crate) unsafe fn resized(self, new_len: usize, may_move: bool) -> Option<Self> {
        let flags = if may_move { libc::MREMAP_MAYMOVE } else { 0 };
        // SAFETY: without `MREMAP_FIXED` the kernel takes only addresses that are not in use; the caller
        // promises the rest.
        let base = unsafe { libc::mremap(self.base.as_ptr().cast(), self.len, new_len, flags) };
        if base == libc::MAP_FAILED {
            return None;
        }
        let base = NonNull::new(base.cast())?;
        Some(Self { base, len: new_len })
    }

    /// Gives the pages and the address space back.
    ///
    /// The kernel can refuse if this would cut a mapping in two and the process is at its limit of mappings.
    /// Then only the pages go back, and the addresses stay taken.
    ///
    /// # Safety
    ///
    /// Nothing uses the mapping again.
    pub(crate) unsafe fn unmap(self) {
        if self.len == 0 {
            return;
        }
        // SAFETY: by the caller's promise nothing uses the mapping again.
        let refused = unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) != 0 };
        if refused {
            // SAFETY: the pages are still mapped, and nothing needs their contents.
            unsafe { purge(self.base.as_ptr(), self.len) };
        }
    }
}

/// Frees the whole OS pages within `len` bytes from `start` and returns their bytes. The pages stay usable
/// and read as zero.
///
/// It uses `MADV_DONTNEED`, not `MADV_FREE`: resident memory falls at once, not only when the machine runs
/// short of memory, and the pages' contents are defined afterwards.
///
/// # Safety
///
/// The bytes are committed, private and anonymous, and nothing needs their contents.
pub(crate) unsafe fn purge(start: *mut u8, len: usize) -> usize {
    let first = round_up(start.addr(), page_size());
    let end = round_down(start.addr() + len, page_size());
    let Some(whole) = end.checked_sub(first).filter(|&bytes| bytes > 0) else {
        return 0;
    };
    let first = start.with_addr(first);
    // SAFETY: the range lies within the bytes for which the caller makes its promise.
    let refused = unsafe { libc::madvise(first.cast(), whole, libc::MADV_DONTNEED) != 0 };
    if refused { 0 } else { whole }
}

/// Returns the address of the half that the kernel compares: the lower half of a 64-bit word.
fn lower_half(word: &AtomicUsize) -> *const u32 {
    let last = size_of::<usize>() / size_of::<u32>() - 1;
    let index = if cfg!(target_endian = "big") { last } else { 0 };
    word.as_ptr().cast::<u32>().wrapping_add(index)
}

/// Sleeps while the lower halves of `word` and `expected` are equal; may return early.
pub(crate) fn wait(word: &AtomicUsize, expected: usize) {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let forever = core::ptr::null::<libc::timespec>();
    let (place, expected) = (lower_half(word), expected as u32);
    // SAFETY: the kernel reads the word, which outlives the call; a null timeout is no time limit.
    unsafe { libc::syscall(libc::SYS_futex, place, operation, expected, forever) };
}

/// Wakes one thread that sleeps on `word`.
pub(crate) fn wake_one(word: &AtomicUsize) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the kernel uses the word's address only as a key.
    unsafe { libc::syscall(libc::SYS_futex, lower_half(word), operation, 1) };
}

/// The address of glibc's byte that is nonzero while the process has one thread; null if unknown.
static ONE_THREAD: AtomicPtr<AtomicU8> = AtomicPtr::new(core::ptr::null_mut());

/// Returns true if the C library says that there is no other thread; false if it does not say.
#[inline]
pub(crate) fn has_one_thread() -> bool {
    let flag = ONE_THREAD.load(Ordering::Relaxed);
    // SAFETY: the pointer is null or points to glibc's variable, which lives as long as the process.
    unsafe { flag.as_ref() }.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
}

/// Looks up the byte by which the C library says that there is one thread. May allocate.
pub(crate) fn find_thread_count() {
    // SAFETY: a C string literal ends in a zero byte, as `dlsym` requires.
    let flag = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) };
    ask_for_one_thread(flag.cast());
}

/// Makes [`has_one_thread`] read the byte at `flag`, or return false if `flag` is null.
pub(crate) fn ask_for_one_thread(flag: *mut AtomicU8) {
    ONE_THREAD.store(flag, Ordering::Relaxed);
}

/// Makes [`has_one_thread`] return false from now on.
pub(crate) fn forget_thread_count() {
    ask_for_one_thread(core::ptr::null_mut());
}

/// Registers three functions that `fork` calls: before it, and after it in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. If the call fails (no memory for the list of
    // handlers), `fork` stays as unprotected as before; nothing here could improve that.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}
