//! Rounding up, bit by bit.

use core_api::align::round_up;

use super::Table;
use super::svg::{Anchor, Kind, Picture};

/// Bits that are shown.
const SHOWN: u32 = 16;

const LABELS: [&str; 4] = ["a", "a + n − 1", "!(n − 1)", "both"];
const LABEL_WIDTH: f64 = 76.0;
const ROW: f64 = 26.0;

/// The rows: the address, the sum, the mask, the result.
fn rows(address: u32, align: u32) -> [u32; 4] {
    let sum = address + align - 1;
    let result = round_up(address as usize, align as usize) as u32;
    [address, sum, !(align - 1), result]
}

/// Draws `address` rounded up to a multiple of `align` by the function that the stages use.
///
/// `address` has at most 15 bits, and `align` is a power of two.
pub fn bits(address: u32, align: u32, width: u32, figure: u32) -> Picture {
    let mut picture = Picture::new(figure);
    let cell = ((f64::from(width) - LABEL_WIDTH - 1.0) / f64::from(SHOWN)).min(28.0);
    for (row, (label, value)) in LABELS.into_iter().zip(rows(address, align)).enumerate() {
        let y = row as f64 * (ROW + 4.0) + 0.5;
        picture.text("small", Anchor::Start, 0.0, y + 17.0, label);
        for bit in 0..SHOWN {
            let is_low = bit < align.ilog2();
            let x = LABEL_WIDTH + f64::from(SHOWN - 1 - bit) * cell;
            let kind = match (is_low, value >> bit & 1) {
                (true, _) => Kind::Marked,
                (false, 1) => Kind::Used,
                (false, _) => Kind::Plain,
            };
            picture.rect(kind, x, y, cell, ROW);
            let digit = (value >> bit & 1).to_string();
            picture.text("bit", Anchor::Middle, x + cell / 2.0, y + 17.0, &digit);
        }
    }
    picture.height = 4 * 30;
    picture
}

/// Says the same in words.
pub fn say_bits(address: u32, align: u32) -> String {
    let [_, sum, _, result] = rows(address, align);
    let how = match result == address {
        true => "it is one already".to_owned(),
        false => format!("{} bytes of padding", result - address),
    };
    format!(
        "{address:#x} rounded up to a multiple of {align} is {result:#x}: {how}. The sum is {sum:#x}; the mask clears its low {} bits.",
        align.ilog2()
    )
}

/// The same as a table.
pub fn table_bits(address: u32, align: u32) -> Table {
    let head = ["term", "hexadecimal", "binary"]
        .map(str::to_owned)
        .to_vec();
    let rows = LABELS.into_iter().zip(rows(address, align));
    let rows = rows.map(|(label, value)| {
        let shown = value & ((1 << SHOWN) - 1);
        vec![
            label.to_owned(),
            format!("{shown:#06x}"),
            format!("{shown:016b}"),
        ]
    });
    [head].into_iter().chain(rows).collect()
}
