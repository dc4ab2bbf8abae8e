//! Where blocks lie: a map of the heap over the whole run, and a log of its first operations.
//!
//! The script is replayed twice on the same heap: first to learn how far it reaches, then to draw.

use std::io::Write;
use std::ops::ControlFlow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::extent::Extent;
use super::{End, Live, Observer, Seen};
use crate::allocators::{Entry, Memory, Role};
use crate::memory::Room;
use crate::report::HeapLog;
use crate::script::{Script, Step};
use crate::trace::compact::varint::put;

/// Rows of the map: addresses.
const ROWS: usize = 48;
/// Columns of the map: operations.
const COLUMNS: usize = 64;
/// Map and log of `entry` on `script`; `None` for those that ask the OS, whose blocks lie all over
/// the address space, and for replays that do not end.
///
/// Only stages have a log, of their first `n_logged` operations.
pub(crate) fn layout(
    entry: &Entry,
    script: &Script,
    n_logged: usize,
    limit: Duration,
) -> Option<HeapLog> {
    if entry.memory == Memory::System {
        return None;
    }
    let mut room = Room::new(entry.room_len(script));
    let mut reach = Reach(Extent::new(room.region()));
    let end = entry
        .subject
        .observe(&mut room, script, limit, &mut reach)?;
    let n_logged = match entry.role {
        Role::Stage => script.steps.len().min(n_logged),
        _ => 0,
    };
    let mut drawing = Drawing::new(reach.0, script, n_logged);
    let drawn = entry
        .subject
        .observe(&mut room, script, limit, &mut drawing)?;
    (end == End::Whole && drawn == End::Whole).then(|| drawing.finish())
}

/// Learns how far a heap reaches.
struct Reach(Extent);

impl Observer for Reach {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        self.0.add(seen);
        ControlFlow::Continue(())
    }
}

/// Draws the map and writes the log.
struct Drawing<'a> {
    script: &'a Script,
    start: usize,
    heap: usize,
    live: Live,
    /// Used bytes of each cell, column by column.
    cells: Vec<[usize; ROWS]>,
    n_logged: usize,
    log: Vec<u8>,
}

impl<'a> Drawing<'a> {
    fn new(reach: Extent, script: &'a Script, n_logged: usize) -> Self {
        Self {
            script,
            start: reach.start(),
            heap: reach.end().saturating_sub(reach.start()).max(1),
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
            let start = block.addr().get() - self.start;
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

    fn write(&mut self, seen: Seen<'_>) {
        let slot = u64::from(seen.step.slot()) << 1;
        match (seen.step, seen.block) {
            (Step::Allocate { layout, .. } | Step::Resize { new: layout, .. }, Some(block)) => {
                let offset = block.addr().get() - self.start;
                for number in [slot, offset as u64, layout.size() as u64] {
                    put(&mut self.log, number);
                }
            }
            _ => put(&mut self.log, slot | 1),
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
            n_ops: self.n_logged,
            heat: STANDARD.encode(heat),
            rows: ROWS,
            columns: self.cells.len(),
            log: STANDARD.encode(deflated(&self.log)),
        }
    }
}

impl Observer for Drawing<'_> {
    fn after(&mut self, seen: Seen<'_>) -> ControlFlow<()> {
        self.live.update(seen);
        if seen.op < self.n_logged {
            self.write(seen);
        }
        let (n_ops, done) = (self.script.steps.len(), seen.op + 1);
        let column = |done: usize| done * COLUMNS / n_ops;
        if column(done) > column(seen.op) {
            let column = self.column();
            self.cells.push(column);
        }
        ControlFlow::Continue(())
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
