//! A Rust program whose allocator has probes, and a tracer in it: breakpoints at the probes, as the kernel sets them.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../under_preload/notes.rs"]
mod notes;

use std::ffi::c_void;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use thread_cached::{Probed, ThreadCached};

#[global_allocator]
static GLOBAL: Probed = Probed::new(ThreadCached::new());

static N_ALLOC: AtomicUsize = AtomicUsize::new(0);
static N_FREE: AtomicUsize = AtomicUsize::new(0);
/// The last block that was reported as allocated, its bytes, and the bytes that it stands for.
static LAST: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
static FREED: AtomicUsize = AtomicUsize::new(0);
static ALLOC_PROBE: AtomicUsize = AtomicUsize::new(0);

extern "C" fn at_breakpoint(_: i32, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes the context of the interrupted code.
    let registers = unsafe { (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let register = |number: i32| registers[number as usize] as usize;
    if register(libc::REG_RIP) == ALLOC_PROBE.load(Ordering::Relaxed) + 1 {
        let arguments = [libc::REG_RDI, libc::REG_RSI, libc::REG_RDX];
        for (last, argument) in LAST.iter().zip(arguments) {
            last.store(register(argument), Ordering::Relaxed);
        }
        N_ALLOC.fetch_add(1, Ordering::Relaxed);
    } else {
        FREED.store(register(libc::REG_RDI), Ordering::Relaxed);
        N_FREE.fetch_add(1, Ordering::Relaxed);
    }
}

/// Stores the distance of the program from the addresses in its file: the linker passes the program first.
unsafe extern "C" fn note_base(image: *mut libc::dl_phdr_info, _: usize, base: *mut c_void) -> i32 {
    // SAFETY: both are valid; the caller below passes a number.
    unsafe { base.cast::<usize>().write((*image).dlpi_addr as usize) };
    1
}

/// Puts a breakpoint at a probe.
fn attach(place: *mut u8) {
    let page = 4096;
    let start = place.wrapping_sub(place.addr() % page).cast();
    let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    // SAFETY: the note says that a `nop` of one byte is there; the breakpoint is as long.
    unsafe {
        assert_eq!(libc::mprotect(start, page, rights), 0);
        assert_eq!(place.read_volatile(), 0x90);
        place.write_volatile(0xcc);
    }
}

#[test]
fn a_tracer_hears_of_a_rust_program() {
    let notes = notes::notes(Path::new("/proc/self/exe"));
    let name = |note: &notes::Note| format!("{}:{}", note.provider, note.name);
    let names: Vec<_> = notes.iter().map(name).collect();
    assert_eq!(names, ["otel_memory:alloc", "otel_memory:free"]);
    assert!(notes.iter().all(|note| note.base != 0));
    assert_eq!(
        notes[0].registers().collect::<Vec<_>>(),
        ["%rdi", "%rsi", "%rdx"]
    );
    let mut base = 0_usize;
    // SAFETY: the function gets the place of a number; a handler of this type fits the flag, and zero bytes are valid.
    unsafe {
        libc::dl_iterate_phdr(Some(note_base), (&raw mut base).cast());
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut c_void) = at_breakpoint;
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO;
        assert_eq!(libc::sigaction(libc::SIGTRAP, &action, null_mut()), 0);
    }
    let here = (&raw const GLOBAL).cast_mut().cast::<u8>();
    let at = |address: u64| here.with_addr(base + address as usize);
    ALLOC_PROBE.store(at(notes[0].place).addr(), Ordering::Relaxed);
    notes.iter().for_each(|note| attach(at(note.place)));

    drop(vec![1_u8; 64 << 20]);
    assert_eq!(N_ALLOC.load(Ordering::Relaxed), 0, "nobody listens");
    // SAFETY: the note says that the semaphore is there, which lives as long as the program.
    let semaphore = unsafe { AtomicU16::from_ptr(at(notes[0].semaphore).cast()) };
    semaphore.store(1, Ordering::Relaxed);
    let block = vec![1_u8; 64 << 20];
    let last = LAST.each_ref().map(|word| word.load(Ordering::Relaxed));
    assert_eq!(last, [block.as_ptr().addr(), 64 << 20, 64 << 20]);
    drop(block);
    assert_eq!(FREED.load(Ordering::Relaxed), last[0]);
    let before = N_ALLOC.load(Ordering::Relaxed);
    for _ in 0..10_000 {
        drop(std::hint::black_box(vec![1_u8; 10_000]));
    }
    let n = N_ALLOC.load(Ordering::Relaxed) - before;
    assert!((120..270).contains(&n), "{n}, where 191 are expected");
    semaphore.store(0, Ordering::Relaxed);
    let before = N_ALLOC.load(Ordering::Relaxed);
    drop(vec![1_u8; 64 << 20]);
    assert_eq!(N_ALLOC.load(Ordering::Relaxed), before);
    assert!(N_FREE.load(Ordering::Relaxed) >= n, "each was freed");
}
