//! One `malloc(24)` and its `free`, as the bytes of a 96-byte heap.
//!
//! `cargo run -p malloc-ladder-fit-strategies --example step_by_step`

use std::alloc::Layout;
use std::mem::MaybeUninit;

use core_api::{AllocError, Allocator, Inspect, Region};
use fit_strategies::{FirstFit, FitHeap};

/// Prints eight bytes a line: as numbers, as letters, and where a link leads.
fn dump(region: Region) {
    for offset in (0..region.len()).step_by(8) {
        // SAFETY: the region was zeroed before the heap got it, so every byte is initialized.
        let bytes = unsafe { region.at_offset(offset).cast::<[u8; 8]>().read_unaligned() };
        let letters = bytes.map(|byte| {
            if byte.is_ascii_graphic() {
                byte as char
            } else {
                '.'
            }
        });
        let link = (u64::from_ne_bytes(bytes) as usize).wrapping_sub(region.start());
        let hex: String = bytes.iter().map(|byte| format!(" {byte:02x}")).collect();
        let letters: String = letters.iter().collect();
        match link < region.len() {
            true => println!("    {offset:2}   a link to the block at {link}"),
            false => println!("    {offset:2}  {hex}  {letters}"),
        }
    }
    println!();
}

fn main() -> Result<(), AllocError> {
    let mut buffer = [MaybeUninit::new(0_u64); 12];
    let base = core::ptr::NonNull::from(&mut buffer).cast();
    // SAFETY: the buffer is used through the region only, as long as the heap lives.
    let region = unsafe { Region::new(base, size_of_val(&buffer)) };
    let mut heap = FitHeap::<_, FirstFit>::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { core_api::Fixed::new(region) },
    );

    println!("A used block of 16 bytes, and the rest in one free block of 10 granules:");
    heap.allocate(Layout::new::<u64>())?;
    dump(region);

    println!("malloc(24): a block of 32 bytes is cut from the hole; 48 bytes stay free.");
    let text = *b"twenty-four-bytes-of-it.";
    let layout = Layout::for_value(&text);
    let block = heap.allocate(layout)?.cast();
    // SAFETY: the block is live and has room for the text.
    unsafe { block.cast().write(text) };
    dump(region);

    println!("free: the state changes, and the payload's first word becomes a link.");
    // SAFETY: the block was allocated with this layout and is not used again.
    unsafe { heap.deallocate(block, layout) };
    dump(region);

    println!("malloc(64) finds no hole of 72 bytes, though 80 are free: the sweep makes one.");
    heap.allocate(Layout::new::<[u64; 8]>())?;
    println!("    {:?}", heap.stats());
    Ok(())
}
