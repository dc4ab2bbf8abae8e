//! What a pointer is: an address, a step, and a right.
//!
//! ```text
//! cargo run -p malloc-ladder-core-api --example pointers
//! ```

use std::ptr;

/// As in `freelist`: the allocator's own word, and behind it what the caller gets.
#[repr(C)]
struct Block {
    header: u64,
    payload: [u8; 24],
}

fn main() {
    let numbers = [10_u32, 20, 30, 40];
    let first = numbers.as_ptr();
    println!("A step is the size of a number, 4 bytes:");
    for n in 0..=numbers.len() {
        let here = first.wrapping_add(n);
        let value = numbers
            .get(n)
            .map_or("one past the end".into(), u32::to_string);
        println!("  first + {n} = {:#x}: {value}", here.addr());
    }
    let last = &raw const numbers[3];
    // SAFETY: both point into `numbers`.
    let steps = unsafe { last.offset_from(first) };
    let bytes = last.addr() - first.addr();
    println!("  last - first = {steps} steps, {bytes} bytes");

    println!("\nAn aligned address has bits to spare:");
    let pointer = &raw const numbers[0];
    let tagged = pointer.map_addr(|address| address | 1);
    let clean = tagged.map_addr(|address| address & !1);
    println!("  pointer  {:#x}", pointer.addr());
    println!("  tagged   {:#x}", tagged.addr());
    // SAFETY: the address is that of the first number again, and the right came along.
    println!("  clean    {:#x}: {}", clean.addr(), unsafe {
        clean.read()
    });

    println!("\nTwo pointers to one address:");
    // ANCHOR: rights
    let mut block = Block {
        header: 24,
        payload: [0; 24],
    };
    let whole = &raw mut block;
    // SAFETY: `whole` points to a block; the caller gets a reference to its payload alone.
    let payload = unsafe { &mut (*whole).payload };
    payload.fill(7);
    // As `free` would find the header, by the caller's pointer, and by the allocator's own:
    let narrow = ptr::from_mut(payload).cast::<u64>().wrapping_sub(1);
    let wide = whole.cast::<u8>().with_addr(narrow.addr()).cast::<u64>();
    // ANCHOR_END: rights
    println!("  narrow  {:#x}", narrow.addr());
    println!("  wide    {:#x}", wide.addr());
    println!("  equal: {}", narrow == wide);
    // SAFETY: `wide` has the right to all of the block, and points to its header.
    println!("  wide may read the header: {}", unsafe { wide.read() });
    println!("  narrow may not");
}
