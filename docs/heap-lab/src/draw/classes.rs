//! The size classes of `thread-cached` as a staircase: what a request of each size gets, and what of that is waste.

use super::Table;
use super::svg::{Anchor, Kind, Picture};
use crate::say::thousands;

/// Bytes of a block of each class up to 1,024.
///
/// The code of `thread-cached` does not run in a page, which has no Linux. This is its table; a test asks the
/// allocator itself for a block of every size and compares.
pub const SIZES: &[u32] = &[
    16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160, 176, 192, 208, 224,
    240, 256, 288, 304, 336, 368, 400, 448, 512, 576, 672, 816, 1024,
];

const HEIGHT: f64 = 180.0;
const AXIS: f64 = 18.0;

fn block_of(request: u32) -> u32 {
    let found = SIZES.iter().copied().find(|&size| request <= size);
    found.unwrap_or(request)
}

/// Draws the staircase, with a mark at `request`.
pub fn classes(request: u32, width: u32, figure: u32) -> Picture {
    let mut picture = Picture::new(figure);
    let largest = SIZES[SIZES.len() - 1];
    let scale = (f64::from(width) - 1.0) / f64::from(largest);
    let rise = HEIGHT / f64::from(largest);
    let at = |bytes: u32| f64::from(bytes) * scale + 0.5;
    let level = |bytes: u32| HEIGHT - f64::from(bytes) * rise + 0.5;
    let mut below = 0;
    for &size in SIZES {
        picture.rect(
            Kind::Padding,
            at(below),
            level(size),
            at(size) - at(below),
            f64::from(size) * rise,
        );
        below = size;
    }
    let (right, bottom) = (at(largest), level(0));
    picture.add(format_args!(
        r#"<path class="used" d="M{:.1} {bottom:.1}L{right:.1} {:.1}L{right:.1} {bottom:.1}z"/>"#,
        at(0),
        level(largest)
    ));
    let block = block_of(request);
    let (x, top, foot) = (at(request), level(block), level(0));
    picture.add(format_args!(
        r#"<path class="mark" d="M{x:.1} {foot:.1}V{top:.1}H0"/>"#
    ));
    for bytes in (0..=largest).step_by(256) {
        let x = (at(bytes) + 2.0).min(f64::from(width) - 32.0);
        picture.text("small", Anchor::Start, x, HEIGHT + 14.0, &bytes.to_string());
    }
    picture.height = (HEIGHT + AXIS) as u32;
    picture
}

/// Says what a request gets.
pub fn say_classes(request: u32) -> String {
    let block = block_of(request);
    let waste = block - request;
    let share = f64::from(waste) / f64::from(block.max(1)) * 100.0;
    format!(
        "malloc({}) gets a block of {} bytes: {waste} bytes, {share:.0} %, are waste. There is no header.",
        thousands(request),
        thousands(block)
    )
}

/// The classes as a table.
pub fn table_classes() -> Table {
    let head = ["requests", "block", "waste at most"]
        .map(str::to_owned)
        .to_vec();
    let mut below = 0;
    let rows = SIZES.iter().map(|&size| {
        let first = below + 1;
        below = size;
        vec![
            format!("{first} to {size}"),
            size.to_string(),
            (size - first).to_string(),
        ]
    });
    [head].into_iter().chain(rows).collect()
}
