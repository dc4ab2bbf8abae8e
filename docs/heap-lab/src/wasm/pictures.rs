//! Pictures, the same in words, and the same as tables.

use super::with;
use crate::{Map, draw};

/// Puts the map into the output as SVG elements, and returns its height.
#[unsafe(no_mangle)]
extern "C" fn draw_map(width: u32, figure: u32, row: u32, has_bits: bool) -> u32 {
    with(|instance| {
        let records = instance.records();
        let options = Map {
            width,
            figure,
            row,
            is_live: true,
            has_bits,
        };
        let Some(lab) = &instance.lab else { return 0 };
        let picture = draw::map(lab, &instance.trace, &records, options);
        instance.put_picture(&picture)
    })
}

/// Puts rounding up into the output as SVG elements, and returns the height.
#[unsafe(no_mangle)]
extern "C" fn draw_bits(address: u32, align: u32, width: u32, figure: u32) -> u32 {
    with(|instance| instance.put_picture(&draw::bits(address, align, width, figure)))
}

/// Puts rounding up into the output in words.
#[unsafe(no_mangle)]
extern "C" fn say_bits(address: u32, align: u32) {
    with(|instance| instance.put(&draw::say_bits(address, align)));
}

/// As [`draw_bits`], for the size classes.
#[unsafe(no_mangle)]
extern "C" fn draw_classes(request: u32, width: u32, figure: u32) -> u32 {
    with(|instance| instance.put_picture(&draw::classes(request, width, figure)))
}

/// As [`say_bits`], for the size classes.
#[unsafe(no_mangle)]
extern "C" fn say_classes(request: u32) {
    with(|instance| instance.put(&draw::say_classes(request)));
}

/// As [`draw_bits`], for the two threads after `index` operations.
#[unsafe(no_mangle)]
extern "C" fn draw_remote(index: usize, width: u32, figure: u32) -> u32 {
    with(|instance| {
        let picture = draw::remote(&instance.threads, index, width, figure, true);
        instance.put_picture(&picture)
    })
}

/// As [`say_bits`], for the operation of the two threads before `index`.
#[unsafe(no_mangle)]
extern "C" fn say_remote(index: usize) {
    with(|instance| {
        let said = instance.threads.said(index).to_owned();
        instance.put(&said);
    });
}

/// Puts rounding up into the output as a table: a line for each row, with tabs between the cells.
#[unsafe(no_mangle)]
extern "C" fn table_bits(address: u32, align: u32) {
    with(|instance| instance.put_table(&draw::table_bits(address, align)));
}

/// As [`table_bits`], for the size classes.
#[unsafe(no_mangle)]
extern "C" fn table_classes() {
    with(|instance| instance.put_table(&draw::table_classes()));
}

/// As [`table_bits`], for the two threads.
#[unsafe(no_mangle)]
extern "C" fn table_remote() {
    with(|instance| {
        let table = draw::table_remote(&instance.threads);
        instance.put_table(&table);
    });
}

/// Puts the patterns that all pictures of a figure use into the output.
#[unsafe(no_mangle)]
extern "C" fn patterns(figure: u32) {
    with(|instance| instance.put(&draw::patterns(figure)));
}
