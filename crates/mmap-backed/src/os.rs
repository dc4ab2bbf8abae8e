//! What this stage asks of the operating system, and the only file that calls libc.
//!
//! Every call that can fail says so in its result; `MAP_FAILED` is looked at before anything else.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use core_api::align::{round_down, round_up};

/// Bytes of an OS page: asked once, then remembered.
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
    // SAFETY: `sysconf` only reads its argument.
    let answer = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(answer).unwrap_or(4096)
}

/// Address space that the kernel gave: base pointer and length, both in whole OS pages.
///
/// A plain value: whoever holds it unmaps it. The base pointer carries the right to all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping belongs to the process; whichever thread holds the value may use it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// A mapping of no bytes.
    pub(crate) const NONE: Self = Self {
        base: NonNull::dangling(),
        len: 0,
    };

    /// Readable and writable pages that are zero; `len` is a multiple of the page size.
    pub(crate) fn committed(len: usize) -> Option<Self> {
        Self::create(len, libc::PROT_READ | libc::PROT_WRITE, 0)
    }

    /// Address space and nothing behind it: touching it faults, and it is not charged for.
    pub(crate) fn reserved(len: usize) -> Option<Self> {
        Self::create(len, libc::PROT_NONE, libc::MAP_NORESERVE)
    }

    fn create(len: usize, protection: i32, extra_flags: i32) -> Option<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | extra_flags;
        // SAFETY: without `MAP_FIXED` the kernel picks addresses that nobody uses.
        let base = unsafe { libc::mmap(core::ptr::null_mut(), len, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        let base = NonNull::new(base.cast())?;
        Some(Self { base, len })
    }

    /// A mapping as it was written down: both values as [`base`](Self::base) and
    /// [`len`](Self::len) gave them.
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

    /// The payload as the contract returns it.
    pub(crate) fn payload(self) -> NonNull<[u8]> {
        NonNull::slice_from_raw_parts(self.base, self.len)
    }

    /// Cuts the mapping in two at `offset`, a multiple of the page size below the length.
    pub(crate) fn split_at(self, offset: usize) -> (Self, Self) {
        debug_assert!(offset <= self.len);
        // SAFETY: `offset` lies within the mapping or at its end.
        let middle = unsafe { self.base.add(offset) };
        let low = Self {
            len: offset,
            ..self
        };
        (low, Self::from_parts(middle, self.len - offset))
    }

    /// Makes `len` reserved bytes from `offset` readable and writable; they are zero.
    ///
    /// # Safety
    ///
    /// The bytes lie in this mapping, in whole pages, and are reserved.
    pub(crate) unsafe fn commit(self, offset: usize, len: usize) -> bool {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let start = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: the caller's promise: only reserved pages of this mapping change.
        unsafe { libc::mprotect(start.cast(), len, protection) == 0 }
    }

    /// Turns `len` committed bytes from `offset` back into address space, in one call: a fresh
    /// reservation is mapped over them, which frees the pages and their commit charge.
    ///
    /// # Safety
    ///
    /// The bytes lie in this mapping, in whole pages, and nobody uses them.
    pub(crate) unsafe fn decommit(self, offset: usize, len: usize) -> bool {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        let start = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: `MAP_FIXED` replaces only pages that are ours and unused, says the caller.
        let mapped = unsafe { libc::mmap(start.cast(), len, libc::PROT_NONE, flags, -1, 0) };
        mapped != libc::MAP_FAILED
    }

    /// Changes the length to `new_len`, a multiple of the page size; pages that are added are
    /// zero. Elsewhere if it must and `may_move`.
    ///
    /// # Safety
    ///
    /// After a success, `self` and what lies beyond the new length are not used again.
    pub(crate) unsafe fn resized(self, new_len: usize, may_move: bool) -> Option<Self> {
        let flags = if may_move { libc::MREMAP_MAYMOVE } else { 0 };
        // SAFETY: without `MREMAP_FIXED` the kernel takes only addresses that nobody uses.
        let base = unsafe { libc::mremap(self.base.as_ptr().cast(), self.len, new_len, flags) };
        if base == libc::MAP_FAILED {
            return None;
        }
        let base = NonNull::new(base.cast())?;
        Some(Self { base, len: new_len })
    }

    /// Gives the pages and the address space back.
    ///
    /// The kernel can refuse when this would cut a mapping in two and the process has its limit
    /// of them; then the pages go back all the same and only the addresses stay taken.
    ///
    /// # Safety
    ///
    /// Nobody uses the mapping again.
    pub(crate) unsafe fn unmap(self) {
        if self.len == 0 {
            return;
        }
        // SAFETY: the caller's promise.
        let refused = unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) != 0 };
        if refused {
            // SAFETY: the pages are ours, and nobody looks at what they hold.
            unsafe { purge(self.base.as_ptr(), self.len) };
        }
    }
}

/// Frees the whole OS pages within `len` bytes from `start` and returns how many bytes that was.
/// They stay usable and read as zero.
///
/// `MADV_DONTNEED` and not `MADV_FREE`: resident memory falls at once and not when the machine
/// runs short, and what the pages hold afterwards is defined.
///
/// # Safety
///
/// The bytes are committed, private and anonymous, and what they hold is not needed.
pub(crate) unsafe fn purge(start: *mut u8, len: usize) -> usize {
    let first = round_up(start.addr(), page_size());
    let end = round_down(start.addr() + len, page_size());
    let Some(whole) = end.checked_sub(first).filter(|&bytes| bytes > 0) else {
        return 0;
    };
    let first = start.with_addr(first);
    // SAFETY: the caller's promise; the range only shrank.
    let refused = unsafe { libc::madvise(first.cast(), whole, libc::MADV_DONTNEED) != 0 };
    if refused { 0 } else { whole }
}

/// Where the kernel looks at a word: its lower half, where it has 64 bits.
fn lower_half(word: &AtomicUsize) -> *const u32 {
    let last = size_of::<usize>() / size_of::<u32>() - 1;
    let index = if cfg!(target_endian = "big") { last } else { 0 };
    word.as_ptr().cast::<u32>().wrapping_add(index)
}

/// Sleeps while the lower half of `word` is that of `expected`; may return early.
pub(crate) fn wait(word: &AtomicUsize, expected: usize) {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let forever = core::ptr::null::<libc::timespec>();
    let (place, expected) = (lower_half(word), expected as u32);
    // SAFETY: the kernel reads the word, which outlives the call; no time limit is given.
    unsafe { libc::syscall(libc::SYS_futex, place, operation, expected, forever) };
}

/// Wakes one thread that sleeps on `word`.
pub(crate) fn wake_one(word: &AtomicUsize) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the kernel uses the word's address as a key and nothing else.
    unsafe { libc::syscall(libc::SYS_futex, lower_half(word), operation, 1) };
}

/// Where glibc keeps a byte that is not 0 while the process has one thread; null if nobody knows.
static ONE_THREAD: AtomicPtr<AtomicU8> = AtomicPtr::new(core::ptr::null_mut());

/// Whether the C library says that there is no other thread; `false` where it does not say.
#[inline]
pub(crate) fn has_one_thread() -> bool {
    let flag = ONE_THREAD.load(Ordering::Relaxed);
    // SAFETY: the pointer is null or that of glibc's variable, which lives as long as the process.
    unsafe { flag.as_ref() }.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
}

/// Asks where the C library counts threads. May allocate.
pub(crate) fn find_thread_count() {
    // SAFETY: the name ends with a zero.
    let flag = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) };
    ask_for_one_thread(flag.cast());
}

/// From now on the byte at `flag`, if it is not null, says whether there is one thread.
pub(crate) fn ask_for_one_thread(flag: *mut AtomicU8) {
    ONE_THREAD.store(flag, Ordering::Relaxed);
}

/// From now on nobody knows how many threads there are.
pub(crate) fn forget_thread_count() {
    ask_for_one_thread(core::ptr::null_mut());
}

/// Has `fork` call these three functions: before, and after in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. A failure (no memory for the list of
    // handlers) leaves `fork` as unprotected as it was, which nothing here could improve.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}
