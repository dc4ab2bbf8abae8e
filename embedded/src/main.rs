//! A sensor's program on a microcontroller: collections of `alloc` on 8 KiB of static memory, and a second heap on two
//! banks, in a processor that has no compare-and-swap.
//!
//! `cargo xtask emulate` builds it for a Cortex-M0 and runs it in QEMU. What it prints goes through semihosting to the
//! terminal.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::mem::size_of_val;
use core::panic::PanicInfo;
use core::ptr::NonNull;

use coalescing::{CoalescingHeap, Immediate};
use core_api::{Allocator, HeapStats, Inspect, Locked, StaticHeap};
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

/// Bytes of the heap.
const LEN: usize = 8 << 10;

/// The heap's memory: zeros, which take no room in the flash memory.
static MEMORY: StaticHeap<LEN> = StaticHeap::new();

type SmallHeap = CoalescingHeap<&'static StaticHeap<LEN>, 8, Immediate>;

/// The allocator. Interrupts are off while a thread or a handler uses it.
#[global_allocator]
static HEAP: Locked<SmallHeap> = Locked::new(CoalescingHeap::new(&MEMORY));

/// Two banks of memory. The heap keeps its lists' heads in the one that it takes first.
static LARGE: StaticHeap<2048> = StaticHeap::new();
static SMALL: StaticHeap<1024> = StaticHeap::new();

type Banks = (&'static StaticHeap<2048>, &'static StaticHeap<1024>);

/// A second heap, with figures of its own.
static MESSAGES: Locked<CoalescingHeap<Banks, 8, Immediate>> =
    Locked::new(CoalescingHeap::new((&LARGE, &SMALL)));

/// Bytes of state that a heap may have beside its memory.
const MOST_STATE: usize = 256;

const _: () = {
    assert!(size_of::<Locked<SmallHeap>>() <= MOST_STATE);
    assert!(size_of_val(&MESSAGES) <= MOST_STATE);
    assert!(size_of::<StaticHeap<LEN>>() <= LEN + 16);
};

#[entry]
fn main() -> ! {
    hprintln!(
        "state: {} bytes beside a heap of {}",
        size_of_val(&HEAP),
        LEN
    );
    let busy = measure();
    hprintln!(
        "busy: {} blocks, {} bytes free, {} of them in one piece",
        busy.n_used,
        busy.free,
        busy.largest_free
    );
    let too_much = Vec::<u8>::new().try_reserve(LEN);
    hprintln!(
        "{} bytes more: {}",
        LEN,
        if too_much.is_err() {
            "refused"
        } else {
            "granted"
        }
    );
    let after = stats();
    hprintln!(
        "after: {} blocks, {} bytes free in one piece",
        after.n_used,
        after.largest_free
    );
    let is_sound = HEAP.inspect(|heap| heap.check().is_ok());
    let is_whole = after.n_used == 0 && after.free == after.largest_free;
    let uses_both_banks = fill_banks();
    let has_passed =
        is_sound && is_whole && busy.n_used > 0 && too_much.is_err() && uses_both_banks;
    hprintln!("{}", if has_passed { "passed" } else { "failed" });
    end(has_passed)
}

/// Keeps readings of some sensors, drops some of them, and returns the heap's figures at the end of that.
fn measure() -> HeapStats {
    let mut readings: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for step in 0..120_u16 {
        let sensor = format!("sensor {}", step % 6);
        readings
            .entry(sensor)
            .or_default()
            .push(step.wrapping_mul(7919));
    }
    readings.retain(|sensor, _| !sensor.ends_with('3'));
    stats()
}

/// Fills the second heap and empties it. Returns whether both banks were used and became whole again.
fn fill_banks() -> bool {
    let layout = Layout::new::<[u32; 15]>();
    let mut heap = &MESSAGES;
    let blocks = [(); 64].map(|()| heap.allocate(layout).ok().map(NonNull::cast::<u8>));
    let full = MESSAGES.inspect(|heap| heap.stats());
    hprintln!(
        "banks: {} bytes of state, {} blocks of 60 bytes, {} bytes free",
        size_of_val(&MESSAGES),
        full.n_used,
        full.free
    );
    for block in blocks.into_iter().flatten() {
        // SAFETY: the block is live, and was allocated with this layout.
        unsafe { heap.deallocate(block, layout) };
    }
    let is_sound = MESSAGES.inspect(|heap| heap.check().is_ok());
    let empty = MESSAGES.inspect(|heap| heap.stats());
    hprintln!(
        "banks: {} bytes free in {} pieces, {} in the largest",
        empty.free,
        empty.n_free,
        empty.largest_free
    );
    let in_one_bank = empty.largest_free / 64;
    is_sound && full.n_used > in_one_bank && empty.n_used == 0 && empty.n_free == 2
}

/// The heap's figures. Nothing may be allocated inside, which would take the same lock.
fn stats() -> HeapStats {
    HEAP.inspect(|heap| heap.stats())
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    end(false)
}

/// Ends the emulator.
fn end(has_passed: bool) -> ! {
    debug::exit(if has_passed {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}
