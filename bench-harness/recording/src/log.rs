//! The log: pages of events, in a file mapped extent by extent.

use core::ffi::{CStr, c_char, c_int};
use core::ptr::{self, NonNull};
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

use crate::clock;
use crate::cursor::{self, Page};
use crate::os::{self, Room};
use crate::raw::{self, EXTENT_PAGES, Event, HEAD_LEN, HEADER_LEN, PAGE_LEN, Stamped};
use crate::stacks;

const EXTENT_LEN: usize = EXTENT_PAGES * PAGE_LEN;

/// The most extents: room for 128 GiB.
const N_EXTENTS: usize = 1 << 16;

/// Bytes of a file's longest path, including the 0 at its end.
const PATH_LEN: usize = 4096;

/// The states of a log.
const UNOPENED: u8 = 0;
const OPENING: u8 = 1;
const OPEN: u8 = 2;
const STOPPED: u8 = 3;

/// A value that all threads write, on a cache line of its own.
#[repr(align(128))]
struct Shared<T>(T);

/// A process's log. Zero bytes are an unopened log; the kernel zeroes the log in a forked child.
struct Log {
    state: AtomicU8,
    /// The time when it was opened, which distinguishes it from the parent's log; written before `state` is
    /// `OPEN`.
    number: AtomicU64,
    header: AtomicPtr<u8>,
    /// The next ticket.
    ticket: Shared<AtomicU64>,
    /// The next page.
    page: Shared<AtomicUsize>,
    extents: [AtomicPtr<u8>; N_EXTENTS],
    /// How many places of an extent's size the file has.
    n_placed: AtomicUsize,
    /// The file's path; the thread that opens the log writes it before `state` is `OPEN`.
    path: [AtomicU8; PATH_LEN],
}

/// The log of this process. Its children have the same log, wiped.
static LOG: AtomicPtr<Log> = AtomicPtr::new(ptr::null_mut());

/// True if the process is not recorded.
static OFF: AtomicBool = AtomicBool::new(false);

/// Writes an event of the calling thread, and returns its ticket. It takes no lock, allocates nothing, and keeps the
/// caller's error number. Does nothing in a process that is not recorded.
///
/// The ticket needs no ordering of its own: a block goes from one thread to another through the allocator's or
/// the program's synchronisation, and the two threads' tickets follow that order.
#[inline(always)]
pub fn append(event: Event) -> Option<u64> {
    let log = open_log()?;
    let mut taken = None;
    cursor::write(
        log.number.load(Ordering::Relaxed),
        || log.next_page(),
        || {
            let ticket = log.ticket.0.fetch_add(1, Ordering::Relaxed);
            taken = Some(ticket);
            Stamped {
                event,
                ticket,
                ticks: clock::ticks(),
            }
        },
    );
    taken
}

/// Begins the recording of the calling process, so that even a process that makes no call leaves a file.
pub fn begin() {
    open_log();
}

/// Ends the recording of the calling process, and gives back the room that its file has reserved and not used.
/// A script can run thousands of processes, each with a file.
pub fn end() {
    // SAFETY: as in `open_log`.
    let log = unsafe { LOG.load(Ordering::Acquire).as_ref() };
    os::keep_errno(|| log.map(Log::end));
}

/// Returns the open log; `None` if the process is not recorded, or while another thread is opening the log.
#[inline(always)]
fn open_log() -> Option<&'static Log> {
    // SAFETY: the pointer is null or from `map_log`, whose mapping is never unmapped.
    match unsafe { LOG.load(Ordering::Acquire).as_ref() } {
        Some(log) if log.state.load(Ordering::Acquire) == OPEN => Some(log),
        _ if OFF.load(Ordering::Relaxed) => None,
        log => first_call(log),
    }
}

#[cold]
#[inline(never)]
fn first_call(log: Option<&'static Log>) -> Option<&'static Log> {
    os::keep_errno(|| log.or_else(map_log)?.open())
}

/// Maps the log's memory. If two threads do so at once, both get the same mapping.
fn map_log() -> Option<&'static Log> {
    if !is_wanted() {
        OFF.store(true, Ordering::Relaxed);
        return None;
    }
    let fresh = os::map_wiped_on_fork(size_of::<Log>())?;
    let log = fresh.as_ptr().cast();
    let won = LOG.compare_exchange(ptr::null_mut(), log, Ordering::AcqRel, Ordering::Acquire);
    let log = won.map_or_else(
        |other| {
            os::unmap(fresh, size_of::<Log>());
            other
        },
        |_| log,
    );
    // SAFETY: the mapping is at least as large and as aligned as a `Log`, is never unmapped, and
    // zeroes are a valid `Log`.
    unsafe { log.as_ref() }
}

/// Returns the directory for recordings from the environment; null if the variable is not set.
fn directory() -> *const c_char {
    const NAME: &CStr = c"ALLOCATION_RECORD_DIR";
    const { assert!(NAME.count_bytes() == raw::DIRECTORY_VARIABLE.len()) };
    // SAFETY: a `CStr` ends with 0.
    unsafe { libc::getenv(NAME.as_ptr()) }
}

fn is_wanted() -> bool {
    !directory().is_null()
}

impl Log {
    fn open(&'static self) -> Option<&'static Self> {
        let turn = (Ordering::AcqRel, Ordering::Acquire);
        self.state
            .compare_exchange(UNOPENED, OPENING, turn.0, turn.1)
            .ok()?;
        match self.create_file() {
            Ok(header) => {
                self.header.store(header.as_ptr(), Ordering::Release);
                self.number.store(clock::nanoseconds(), Ordering::Relaxed);
                self.state.store(OPEN, Ordering::Release);
                Some(self)
            }
            Err(_) => {
                self.state.store(STOPPED, Ordering::Release);
                None
            }
        }
    }

    /// Creates this process's file. A process has one file for each program that it executes, so this takes
    /// the first free name.
    fn create_file(&self) -> Result<NonNull<u8>, c_int> {
        for program in 0.. {
            self.set_path(program)?;
            match os::create(self.path()) {
                Err(libc::EEXIST) => {}
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
        let header = os::map_file(self.path(), 0, HEADER_LEN, Room::Reserved)?;
        write_header(header);
        stacks::open(self.path());
        Ok(header)
    }

    /// Sets the path to `DIRECTORY/PID-PROGRAM.raw`.
    fn set_path(&self, program: c_int) -> Result<(), c_int> {
        if !is_wanted() {
            return Err(libc::ENOENT);
        }
        let out = self.path.as_ptr().cast_mut().cast::<c_char>();
        // SAFETY: `out` has room for `PATH_LEN` bytes, which only the opening thread uses now; the
        // directory is not null and the format fits the arguments.
        let len = unsafe {
            let format = c"%s/%d-%d.raw".as_ptr();
            libc::snprintf(out, PATH_LEN, format, directory(), libc::getpid(), program)
        };
        match usize::try_from(len) {
            Ok(len) if len < PATH_LEN => Ok(()),
            _ => Err(libc::ENAMETOOLONG),
        }
    }

    fn path(&self) -> &CStr {
        // SAFETY: `set_path` ended the path with 0, and nothing writes the path once the log is open.
        unsafe { CStr::from_ptr(self.path.as_ptr().cast()) }
    }

    #[cold]
    #[inline(never)]
    fn next_page(&self) -> Option<Page> {
        os::keep_errno(|| self.take_page())
    }

    /// Takes a page for the calling thread and writes its head.
    fn take_page(&self) -> Option<Page> {
        let number = self.page.0.fetch_add(1, Ordering::Relaxed);
        let slot = self.extents.get(number / EXTENT_PAGES)?;
        let extent = match NonNull::new(slot.load(Ordering::Acquire)) {
            Some(extent) => extent,
            None => self.map_extent(number / EXTENT_PAGES, slot)?,
        };
        // SAFETY: the call takes no argument and cannot fail.
        let thread = unsafe { libc::gettid() } as u64;
        let ticks = clock::ticks();
        let head = [1 << 32 | thread, ticks, clock::nanoseconds(), 0];
        const { assert!(HEAD_LEN == size_of::<[u64; 4]>()) };
        // SAFETY: the extent has `EXTENT_PAGES` pages, and a page has room for its head.
        let first = unsafe {
            let page = extent.add(number % EXTENT_PAGES * PAGE_LEN);
            page.cast::<[u64; 4]>().write(head);
            page.add(HEAD_LEN)
        };
        Some(Page { first, ticks })
    }

    /// Maps an extent. If two threads do so at once, both get the same one.
    fn map_extent(&self, index: usize, slot: &AtomicPtr<u8>) -> Option<NonNull<u8>> {
        // Each thread takes a place of its own in the file; the loser's place stays unused.
        let place = self.n_placed.fetch_add(1, Ordering::Relaxed);
        let offset = HEADER_LEN + place * EXTENT_LEN;
        // Most processes need at most one extent, and little of it.
        let room = match index {
            0 => Room::Reserved,
            _ => Room::Filled,
        };
        let fresh = match os::map_file(self.path(), offset, EXTENT_LEN, room) {
            Ok(fresh) => fresh,
            Err(error) => {
                self.stop(error);
                return None;
            }
        };
        let turn = (Ordering::AcqRel, Ordering::Acquire);
        match slot.compare_exchange(ptr::null_mut(), fresh.as_ptr(), turn.0, turn.1) {
            Ok(_) => Some(fresh),
            Err(other) => {
                os::unmap(fresh, EXTENT_LEN);
                NonNull::new(other)
            }
        }
    }

    /// Ends the recording. A thread that still runs may be writing to its page, so no page in use is given back.
    fn end(&self) {
        let turn = (Ordering::AcqRel, Ordering::Acquire);
        let ended = self.state.compare_exchange(OPEN, STOPPED, turn.0, turn.1);
        if ended.is_err() {
            return;
        }
        // From now on no thread gets a page: there is no extent behind the last.
        let n_pages = self
            .page
            .0
            .swap(N_EXTENTS * EXTENT_PAGES, Ordering::Relaxed);
        let n_left = EXTENT_PAGES.saturating_sub(n_pages);
        if n_left > 0 {
            let offset = HEADER_LEN + n_pages * PAGE_LEN;
            os::give_back(self.path(), offset, n_left * PAGE_LEN);
        }
    }

    /// Ends the recording and writes the reason to the header.
    fn stop(&self, error: c_int) {
        self.state.store(STOPPED, Ordering::Release);
        let header = self.header.load(Ordering::Acquire);
        // SAFETY: the header was mapped before the log was open and is never unmapped; the word is aligned.
        let stopped = unsafe { &*header.add(raw::STOPPED_AT).cast::<AtomicU32>() };
        stopped.store(error as u32, Ordering::Release);
    }
}

fn write_header(header: NonNull<u8>) {
    // SAFETY: the mapping has `HEADER_LEN` bytes, and the offsets lie within it and are aligned. The kernel
    // writes a name of at most `NAME_LEN` bytes and a path of at most `IMAGE_LEN`.
    unsafe {
        header.cast::<u64>().write(raw::MAGIC);
        header
            .add(raw::PID_AT)
            .cast::<u32>()
            .write(libc::getpid() as u32);
        header
            .add(raw::PARENT_AT)
            .cast::<u32>()
            .write(libc::getppid() as u32);
        const { assert!(raw::NAME_LEN >= 16) };
        libc::prctl(libc::PR_GET_NAME, header.add(raw::NAME_AT).as_ptr());
        let image = header.add(raw::IMAGE_AT).as_ptr().cast();
        libc::readlink(c"/proc/self/exe".as_ptr(), image, raw::IMAGE_LEN);
    }
}
