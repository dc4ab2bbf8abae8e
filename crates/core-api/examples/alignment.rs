//! Rounding up in bits, the padding of structs, and layouts.
//!
//! ```text
//! cargo run -p malloc-ladder-core-api --example alignment
//! ```

use std::alloc::{Layout, LayoutError};
use std::mem::offset_of;

use core_api::align;

#[repr(C)]
struct InOrder {
    flag: u8,
    number: u32,
    pair: u16,
}

struct AnyOrder {
    flag: u8,
    number: u32,
    pair: u16,
}

fn main() -> Result<(), LayoutError> {
    round_up(0x1003, 8);
    round_up(0x1008, 8);
    round_up(0x1003, 64);

    println!("Fields in the order of C, each at a multiple of its alignment:");
    let field = |name, offset, layout: Layout| {
        let (size, align) = (layout.size(), layout.align());
        println!("  {name:6}  size {size}, alignment {align}, at {offset}");
    };
    field("flag", offset_of!(InOrder, flag), Layout::new::<u8>());
    field("number", offset_of!(InOrder, number), Layout::new::<u32>());
    field("pair", offset_of!(InOrder, pair), Layout::new::<u16>());
    println!("  all     {}", text(Layout::new::<InOrder>()));
    println!("In the order that Rust chooses:");
    field("number", offset_of!(AnyOrder, number), Layout::new::<u32>());
    field("pair", offset_of!(AnyOrder, pair), Layout::new::<u16>());
    field("flag", offset_of!(AnyOrder, flag), Layout::new::<u8>());
    println!("  all     {}", text(Layout::new::<AnyOrder>()));

    // ANCHOR: extend
    let header = Layout::new::<u32>();
    let payload = Layout::from_size_align(24, 16)?;
    let (block, offset) = header.extend(payload)?;
    // ANCHOR_END: extend
    println!("\nA header, and a payload behind it:");
    println!("  header   {}", text(header));
    println!("  payload  {}, at {offset}", text(payload));
    println!("  block    {}", text(block));
    println!("  padded   {}", text(block.pad_to_align()));

    println!("\nWhat is no layout:");
    for (size, align) in [(24, 12), (24, 0), (isize::MAX as usize, 8)] {
        let refused = Layout::from_size_align(size, align).is_err();
        println!("  size {size:#x}, alignment {align}: refused: {refused}");
    }
    Ok(())
}

fn text(layout: Layout) -> String {
    format!("size {}, alignment {}", layout.size(), layout.align())
}

/// Prints `(a + n - 1) & !(n - 1)` step by step, the low 16 bits of each.
fn round_up(a: usize, n: usize) {
    let bits = |value: usize| {
        let low = format!("{:016b}", value & 0xffff);
        format!(
            "{} {} {} {}",
            &low[..4],
            &low[4..8],
            &low[8..12],
            &low[12..]
        )
    };
    let result = (a + n - 1) & !(n - 1);
    assert_eq!(result, align::round_up(a, n));
    println!("{a:#x} rounded up to a multiple of {n}: {result:#x}");
    println!("  a                    {}", bits(a));
    println!("  a + n - 1            {}", bits(a + n - 1));
    println!("  !(n - 1)             {}", bits(!(n - 1)));
    println!("  both                 {}\n", bits(result));
}
