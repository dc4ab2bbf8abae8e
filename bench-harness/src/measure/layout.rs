//! Where blocks lie: a map of the heap over the whole run, and a log of its first operations.
//!
//! Both are drawn once the replay is over and it is known which addresses blocks had. A heap in one piece
//! is shown from its start; memory from the operating system, which lies all over the address space,
//! as the ranges that blocks ever took up, side by side.

use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::ptr::NonNull;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::ranges::Ranges;
use super::{End, Live, Observer, Seen};
use crate::allocators::{Entry, Role};
use crate::memory::Room;
use crate::report::HeapLog;
use crate::script::Script;
use crate::trace::compact::varint::put;

/// Rows of the map: addresses.
const ROWS: usize = 48;
/// Columns of the map: operations.
const COLUMNS: usize = 64;

/// Map and log of `entry` on `script`; `None` for replays that do not end, and for the control.
///
/// Only stages have a log, of their first `n_logged` operations.
pub(crate) fn layout(
    entry: &Entry,
    script: &Script,
    n_logged: usize,
    limit: Duration,
) -> Option<HeapLog> {
    if entry.role == Role::Control {
        return None;
    }
    let mut room = Room::new(entry.room_len(script));
    let mut places = Places(Vec::with_capacity(script.steps.len()));
    let end = entry
        .subject
        .observe(&mut room, script, limit, &mut places)?;
    if end != End::Whole {
        return None;
    }
    let heap = room.is_used().then(|| room.region());
    let ranges = Ranges::new(heap, places.blocks(script));
    let n_logged = match entry.role {
        Role::Stage => script.steps.len().min(n_logged),
        _ => 0,
    };
    let mut drawing = Drawing::new(ranges, script, n_logged);
    places.seen(script).for_each(|seen| drawing.add(seen));
    Some(drawing.finish())
}

/// The block of each step.
struct Places(Vec<Option<NonNull<u8>>>);

impl Observer for Places {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        self.0.push(seen.block);
        ControlFlow::Continue(())
    }
}

impl Places {
    /// The replay once more.
    fn seen<'a>(&'a self, script: &'a Script) -> impl Iterator<Item = Seen<'a>> {
        let steps = script.steps.iter().zip(&self.0).enumerate();
        steps.map(|(op, (step, block))| Seen {
            op,
            step: *step,
            block: *block,
            heap: None,
        })
    }

    /// The addresses of each block that was handed out.
    fn blocks<'a>(&'a self, script: &'a Script) -> impl Iterator<Item = Range<usize>> {
        self.seen(script).filter_map(|seen| {
            let (block, layout) = seen.placed()?;
            let start = block.addr().get();
            Some(start..start + layout.size())
        })
    }
}

/// Draws the map and writes the log.
struct Drawing<'a> {
    script: &'a Script,
    ranges: Ranges,
    heap: usize,
    live: Live,
    /// Used bytes of each cell, column by column.
    cells: Vec<[usize; ROWS]>,
    n_logged: usize,
    log: Vec<u8>,
}

impl<'a> Drawing<'a> {
    fn new(ranges: Ranges, script: &'a Script, n_logged: usize) -> Self {
        Self {
            script,
            heap: ranges.len().max(1),
            ranges,
            live: Live::new(script.n_slots),
            cells: Vec::with_capacity(COLUMNS),
            n_logged,
            log: Vec::new(),
        }
    }

    /// The offset at which a row begins.
    fn edge(&self, row: usize) -> usize {
        // Wide enough for any heap that could be mapped.
        (self.heap as u128 * row as u128 / ROWS as u128) as usize
    }

    /// Bytes in use of each row now.
    fn column(&self) -> [usize; ROWS] {
        let mut column = [0; ROWS];
        for (block, layout) in self.live.blocks() {
            let start = self.ranges.offset(block.addr().get());
            let end = start + layout.size();
            let first = (start as u128 * ROWS as u128 / self.heap as u128) as usize;
            for (row, used) in column.iter_mut().enumerate().skip(first) {
                let (low, high) = (self.edge(row).max(start), self.edge(row + 1).min(end));
                *used += high.saturating_sub(low);
                if self.edge(row + 1) >= end {
                    break;
                }
            }
        }
        column
    }

    fn add(&mut self, seen: Seen<'_>) {
        self.live.update(seen);
        if seen.op < self.n_logged {
            self.write(seen);
        }
        let n_ops = self.script.steps.len();
        let column = |done: usize| done * COLUMNS / n_ops;
        if column(seen.op + 1) > column(seen.op) {
            let column = self.column();
            self.cells.push(column);
        }
    }

    fn write(&mut self, seen: Seen<'_>) {
        let slot = u64::from(seen.step.slot()) << 1;
        match seen.placed() {
            Some((block, layout)) => {
                let offset = self.ranges.offset(block.addr().get());
                for number in [slot, offset as u64, layout.size() as u64] {
                    put(&mut self.log, number);
                }
            }
            None => put(&mut self.log, slot | 1),
        }
    }

    fn finish(self) -> HeapLog {
        let mut heat = Vec::with_capacity(ROWS * self.cells.len());
        for row in 0..ROWS {
            let len = (self.edge(row + 1) - self.edge(row)).max(1);
            let shades = self.cells.iter().map(|column| column[row] * 255 / len);
            heat.extend(shades.map(|shade| shade.min(255) as u8));
        }
        HeapLog {
            heap: self.heap,
            ranges: self.ranges.offsets().collect(),
            n_ops: self.n_logged,
            heat: STANDARD.encode(heat),
            rows: ROWS,
            columns: self.cells.len(),
            log: STANDARD.encode(deflated(&self.log)),
        }
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
