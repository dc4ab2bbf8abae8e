//! Op programs on the heap for WebAssembly; the first byte picks the number of lists, and whether the heap has all of its
//! memory at once or grows.

#![no_main]

use core_api::{Fixed, Region};
use libfuzzer_sys::fuzz_target;
use wasm::{Heap, Linear};

/// A region that is handed out from its start on, piece by piece.
struct Stepwise(Region);

// SAFETY: the pieces are parts of the region, each handed out once, the next behind the last.
unsafe impl Linear for Stepwise {
    fn more(&mut self, _: usize, len: usize) -> Option<Region> {
        let (piece, rest) = self.0.split_at(len)?;
        self.0 = rest;
        Some(piece)
    }
}

fn play<const LISTS: usize>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        // SAFETY: the region is handed out for this heap alone.
        Heap::<_, LISTS>::new(unsafe { Fixed::new(region) })
    });
}

fn play_growing<const LISTS: usize>(name: &str, data: &[u8]) {
    fuzz::play(name, data, |region| {
        Heap::<_, LISTS>::new(Stepwise(region))
    });
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else {
        return;
    };
    match choice % 4 {
        0 => play::<56>("wasm", data),
        1 => play::<7>("wasm, 7 lists", data),
        2 => play_growing::<7>("wasm, growing, 7 lists", data),
        _ => play_growing::<112>("wasm, growing, 112 lists", data),
    }
});
