//! Call stacks of allocations, in a file beside the recording, if [`VARIABLE`] is set.
//!
//! Each stack is written once; an allocation is its ticket and the stack's number, 16 bytes. The file is a row of
//! 64-bit words in the machine's byte order, in extents of [`EXTENT_LEN`] bytes:
//!
//! | record | words |
//! |---|---|
//! | allocation | kind 1 and the ticket; the stack's number |
//! | stack | kind 2 and the number of frames; its number; the address that each frame returns to, the innermost first |
//! | module | kind 3 and the bytes of its path; the address where it is loaded; the path, padded with 0 |
//!
//! The kind is in the top byte of the first word, which is written last. No record crosses the end of an extent; 0 is no
//! record. A stack's number is a hash of its frames: two stacks with one number would be taken for one.
//!
//! The unwinder finds the frames by the tables that exceptions use, so the program needs no frame pointers. A forked
//! child has a file of its own, as it has a log of its own.

use core::cell::Cell;
use core::ffi::{CStr, c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use crate::os::{self, Room};

/// The environment variable that asks for stacks.
pub const VARIABLE: &str = "ALLOCATION_RECORD_STACKS";

/// Bytes of an extent.
pub const EXTENT_LEN: usize = 1 << 20;

/// The kinds of records.
pub const ALLOCATION: u8 = 1;
/// A stack.
pub const STACK: u8 = 2;
/// A module.
pub const MODULE: u8 = 3;

/// The most frames of a stack.
const MOST_FRAMES: usize = 40;

/// The most extents: room for 64 GiB.
const N_EXTENTS: usize = 1 << 16;

/// Places for the numbers of stacks and modules that were written: a power of two.
const N_KNOWN: usize = 1 << 21;

const WORD: usize = size_of::<u64>();

/// The states of a file.
const UNOPENED: u8 = 0;
const OPENING: u8 = 1;
const OPEN: u8 = 2;
const STOPPED: u8 = 3;

/// A process's file. Zero bytes are an unopened one; the kernel zeroes it in a forked child.
struct Stacks {
    state: AtomicU8,
    /// The next word.
    next: AtomicUsize,
    extents: [AtomicPtr<u8>; N_EXTENTS],
    /// The numbers that were written, by open addressing.
    known: [AtomicU64; N_KNOWN],
    /// The path of the file, which ends with 0.
    path: [AtomicU8; 4096],
}

static STACKS: AtomicPtr<Stacks> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    /// True while the thread unwinds: calls from within have no stack.
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
}

type Context = c_void;

unsafe extern "C" {
    fn _Unwind_Backtrace(
        step: extern "C" fn(*mut Context, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut Context) -> usize;
}

/// Opens the file of stacks beside the recording at `path`, if stacks are wanted.
pub(crate) fn open(path: &CStr) {
    const NAME: &CStr = c"ALLOCATION_RECORD_STACKS";
    const { assert!(NAME.count_bytes() == VARIABLE.len()) };
    // SAFETY: a `CStr` ends with 0.
    if unsafe { libc::getenv(NAME.as_ptr()) }.is_null() {
        return;
    }
    // SAFETY: the pointer is null or to a mapping that is never unmapped.
    let known = unsafe { STACKS.load(Ordering::Acquire).as_ref() };
    let Some(stacks) = known.or_else(map_stacks) else {
        return;
    };
    stacks.begin(path);
}

fn map_stacks() -> Option<&'static Stacks> {
    let fresh = os::map_wiped_on_fork(size_of::<Stacks>())?;
    STACKS.store(fresh.as_ptr().cast(), Ordering::Release);
    // SAFETY: the mapping is as large and as aligned as `Stacks`, is never unmapped, and zeroes are a valid value.
    Some(unsafe { fresh.cast().as_ref() })
}

/// Writes the stack of the calling thread for the allocation with this ticket. Does nothing unless stacks are wanted.
#[inline]
pub fn append(ticket: u64) {
    // SAFETY: as in `open`.
    let stacks = unsafe { STACKS.load(Ordering::Acquire).as_ref() };
    if let Some(stacks) = stacks.filter(|stacks| stacks.state.load(Ordering::Acquire) == OPEN) {
        unwind(stacks, ticket);
    }
}

#[cold]
#[inline(never)]
fn unwind(stacks: &Stacks, ticket: u64) {
    if IS_BUSY.replace(true) {
        return;
    }
    os::keep_errno(|| {
        let mut frames = Frames::new();
        // SAFETY: the argument is the `Frames` that `step` expects, and outlives the call.
        unsafe { _Unwind_Backtrace(step, (&raw mut frames).cast()) };
        let number = frames.number();
        if stacks.is_new(number) {
            stacks.put_stack(number, frames.all());
        }
        stacks.put(ALLOCATION, ticket, number, &[]);
    });
    IS_BUSY.set(false);
}

/// The frames of a stack, the innermost first.
struct Frames {
    all: [MaybeUninit<u64>; MOST_FRAMES],
    len: usize,
}

impl Frames {
    fn new() -> Self {
        Self {
            all: [MaybeUninit::uninit(); MOST_FRAMES],
            len: 0,
        }
    }

    fn all(&self) -> &[u64] {
        // SAFETY: the first `len` are filled in.
        unsafe { core::slice::from_raw_parts(self.all.as_ptr().cast(), self.len) }
    }

    /// FNV-1a of the frames; never 0.
    fn number(&self) -> u64 {
        let hash = |hash: u64, frame: &u64| {
            (hash ^ frame)
                .wrapping_mul(0x0100_0000_01b3)
                .rotate_left(23)
        };
        self.all().iter().fold(0xcbf2_9ce4_8422_2325, hash) | 1
    }
}

/// Takes a frame in; stops the unwinder when there is no room for another.
extern "C" fn step(context: *mut Context, frames: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const STOP: c_int = 4;
    // SAFETY: `unwind` passes a `Frames`, which nothing else uses meanwhile.
    let frames = unsafe { &mut *frames.cast::<Frames>() };
    // SAFETY: the unwinder passes its own context.
    let address = unsafe { _Unwind_GetIP(context) };
    match frames.all.get_mut(frames.len) {
        Some(place) => {
            place.write(address as u64);
            frames.len += 1;
            GO_ON
        }
        None => STOP,
    }
}

impl Stacks {
    /// Creates the file beside that at `path`: its name ends in `.stacks` instead.
    fn begin(&self, path: &CStr) {
        let turn = (Ordering::AcqRel, Ordering::Acquire);
        let first = self
            .state
            .compare_exchange(UNOPENED, OPENING, turn.0, turn.1);
        if first.is_err() {
            return;
        }
        let stem = path
            .to_bytes()
            .strip_suffix(b".raw")
            .unwrap_or(path.to_bytes());
        let name = stem.iter().chain(b".stacks");
        for (place, byte) in self.path[..self.path.len() - 1].iter().zip(name) {
            place.store(*byte, Ordering::Relaxed);
        }
        let state = match os::create(self.path()) {
            Ok(()) => OPEN,
            Err(_) => STOPPED,
        };
        self.state.store(state, Ordering::Release);
    }

    fn path(&self) -> &CStr {
        // SAFETY: the last byte is 0, and nothing writes the path once the file is open.
        unsafe { CStr::from_ptr(self.path.as_ptr().cast()) }
    }

    /// Whether the number was not written yet. From now on it is.
    fn is_new(&self, number: u64) -> bool {
        let first = number as usize;
        for offset in 0..64 {
            let place = &self.known[(first + offset) % N_KNOWN];
            match place.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(known) if known == number => return false,
                Err(_) => {}
            }
        }
        // The table is full here: a stack that is written twice does no harm.
        true
    }

    fn put_stack(&self, number: u64, frames: &[u64]) {
        for frame in frames {
            self.put_module(*frame);
        }
        self.put(STACK, frames.len() as u64, number, frames);
    }

    /// Writes the module that has the code at `address`, if it is new.
    fn put_module(&self, address: u64) {
        let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
        let code = ptr::without_provenance(address as usize);
        // SAFETY: the call only looks the address up, and fills in `found`, for which zeroes are valid.
        let found = unsafe {
            let has_module = libc::dladdr(code, found.as_mut_ptr()) != 0;
            has_module.then(|| found.assume_init())
        };
        let Some(found) = found.filter(|found| !found.dli_fname.is_null()) else {
            return;
        };
        let base = found.dli_fbase.addr() as u64;
        if !self.is_new(base | 1) {
            return;
        }
        // SAFETY: the linker's name of a loaded module ends with 0.
        let path = unsafe { CStr::from_ptr(found.dli_fname) }.to_bytes();
        let mut words = [0_u64; 64];
        let path = &path[..path.len().min(words.len() * WORD)];
        for (word, bytes) in words.iter_mut().zip(path.chunks(WORD)) {
            let mut padded = [0; WORD];
            padded[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(padded);
        }
        self.put(
            MODULE,
            path.len() as u64,
            base,
            &words[..path.len().div_ceil(WORD)],
        );
    }

    /// Writes a record.
    fn put(&self, kind: u8, low: u64, second: u64, rest: &[u64]) {
        let n = 2 + rest.len();
        const PER_EXTENT: usize = EXTENT_LEN / WORD;
        let (extent, at) = loop {
            let first = self.next.fetch_add(n, Ordering::Relaxed);
            if first % PER_EXTENT + n <= PER_EXTENT {
                break (first / PER_EXTENT, first % PER_EXTENT);
            }
        };
        let Some(extent) = self.extent(extent) else {
            return;
        };
        // SAFETY: the words lie in the extent, which is aligned to a page, and no other record has them.
        unsafe {
            let words = extent.cast::<u64>().add(at);
            words.add(1).write(second);
            for (index, word) in rest.iter().enumerate() {
                words.add(2 + index).write(*word);
            }
            let first = (u64::from(kind) << 56) | (low & ((1 << 56) - 1));
            words
                .cast::<AtomicU64>()
                .as_ref()
                .store(first, Ordering::Release);
        }
    }

    fn extent(&self, index: usize) -> Option<NonNull<u8>> {
        let slot = self.extents.get(index)?;
        if let Some(extent) = NonNull::new(slot.load(Ordering::Acquire)) {
            return Some(extent);
        }
        let Ok(fresh) = os::map_file(self.path(), index * EXTENT_LEN, EXTENT_LEN, Room::Reserved)
        else {
            self.state.store(STOPPED, Ordering::Release);
            return None;
        };
        // Of two threads that map the same place, both have the same bytes.
        slot.store(fresh.as_ptr(), Ordering::Release);
        Some(fresh)
    }
}
