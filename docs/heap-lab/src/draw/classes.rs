//! The size classes of `thread-cached` as a staircase: what a request of each size gets, and what of that is waste.

use heap_lab_threads::block_size;

use super::Table;
use super::svg::{Anchor, Kind, Picture};
use crate::say::thousands;

/// The largest request that the staircase shows.
const LARGEST: u32 = 1024;

const HEIGHT: f64 = 180.0;
const AXIS: f64 = 18.0;

/// Returns the bytes of the block that a request gets, from the allocator's own table.
fn block_of(request: u32) -> u32 {
    block_size(request as usize).map_or(request, |size| size as u32)
}

/// Returns the bytes of a block of each class, up to the largest request.
fn sizes() -> Vec<u32> {
    let first = block_of(1);
    let next = |&size: &u32| (size < LARGEST).then(|| block_of(size + 1));
    std::iter::successors(Some(first), next).collect()
}

/// Draws the staircase, with a mark at `request`.
pub fn classes(request: u32, width: u32, figure: u32) -> Picture {
    let mut picture = Picture::new(figure);
    let scale = (f64::from(width) - 1.0) / f64::from(LARGEST);
    let rise = HEIGHT / f64::from(LARGEST);
    let at = |bytes: u32| f64::from(bytes) * scale + 0.5;
    let level = |bytes: u32| HEIGHT - f64::from(bytes) * rise + 0.5;
    let mut below = 0;
    for size in sizes() {
        picture.rect(
            Kind::Padding,
            at(below),
            level(size),
            at(size) - at(below),
            f64::from(size) * rise,
        );
        below = size;
    }
    let (right, bottom) = (at(LARGEST), level(0));
    picture.add(format_args!(
        r#"<path class="used" d="M{:.1} {bottom:.1}L{right:.1} {:.1}L{right:.1} {bottom:.1}z"/>"#,
        at(0),
        level(LARGEST)
    ));
    let block = block_of(request);
    let (x, top, foot) = (at(request), level(block), level(0));
    picture.add(format_args!(
        r#"<path class="mark" d="M{x:.1} {foot:.1}V{top:.1}H0"/>"#
    ));
    for bytes in (0..=LARGEST).step_by(256) {
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
    let rows = sizes().into_iter().map(|size| {
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
