//! From the events of a process to its trace.

use std::collections::{HashMap, HashSet};

use super::raw::{self, Event, Kind};
use crate::trace::compact::MAX_SIZE;
use crate::trace::{BlockError, BlockId, Builder, Origin, PLAIN_ALIGN, Provenance, Trace};

/// What one process did.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The process's id.
    pub pid: u32,
    /// Its allocation calls.
    pub trace: Trace,
    /// Frees of blocks that were allocated before the recording began, such as those that a forked
    /// process inherits. They are not in the trace.
    pub n_inherited: usize,
    /// Frees that were not seen: the address was handed out again while its block was live. They
    /// are in the trace, at the latest moment possible.
    pub n_unseen: usize,
    /// The error number that ended the recording before the process did, or 0.
    pub stopped: i32,
}

/// Turns a raw recording into a trace; `None` if the file has no header of that kind. O(events).
///
/// Any bytes are taken: an event that makes no sense after those before it is left out.
pub fn convert(bytes: &[u8]) -> Option<Recording> {
    let (header, events) = bytes.split_at_checked(raw::HEADER_LEN)?;
    if header[..8] != raw::MAGIC.to_ne_bytes() {
        return None;
    }
    let mut converter = Converter::default();
    for event in events.chunks_exact(raw::EVENT_LEN).filter_map(event) {
        converter.take(event).ok()?;
    }
    Some(converter.finish(header))
}

fn event(bytes: &[u8]) -> Option<Event> {
    let word = |index: usize| u64::from_ne_bytes(core::array::from_fn(|i| bytes[index * 8 + i]));
    Event::from_words([word(0), word(1), word(2)])
}

#[derive(Default)]
struct Converter {
    builder: Builder,
    /// The live blocks by address.
    blocks: HashMap<u64, BlockId>,
    /// The blocks that a thread is resizing, each with its old address.
    moving: HashMap<u32, (u64, BlockId)>,
    threads: HashSet<u32>,
    n_inherited: usize,
    n_unseen: usize,
}

impl Converter {
    fn take(&mut self, event: Event) -> Result<(), BlockError> {
        self.threads.insert(event.thread);
        match event.kind {
            Kind::Allocate => self.allocate(event, false),
            Kind::AllocateZeroed => self.allocate(event, true),
            Kind::Free => self.free(event),
            Kind::ResizeBegin => {
                self.begin_resize(event);
                Ok(())
            }
            Kind::ResizeEnd => self.end_resize(event),
        }
    }

    fn allocate(&mut self, event: Event, zeroed: bool) -> Result<(), BlockError> {
        let align = match event.log2_align {
            0 => PLAIN_ALIGN,
            log2 => 1 << log2.min(31),
        };
        let block = self.builder.allocate_with(size(event), align, zeroed)?;
        self.place(event.address, block)
    }

    /// Notes where a block is. If another was there, its free was not seen.
    fn place(&mut self, address: u64, block: BlockId) -> Result<(), BlockError> {
        let Some(gone) = self.blocks.insert(address, block) else {
            return Ok(());
        };
        self.n_unseen += 1;
        self.builder.free(gone)
    }

    fn free(&mut self, event: Event) -> Result<(), BlockError> {
        let Some(block) = self.blocks.remove(&event.address) else {
            self.n_inherited += 1;
            return Ok(());
        };
        self.builder.free(block)
    }

    fn begin_resize(&mut self, event: Event) {
        self.moving.remove(&event.thread);
        if let Some(block) = self.blocks.remove(&event.address) {
            self.moving.insert(event.thread, (event.address, block));
        }
    }

    fn end_resize(&mut self, event: Event) -> Result<(), BlockError> {
        match (self.moving.remove(&event.thread), event.address) {
            (Some((old, block)), 0) => self.place(old, block),
            (Some((_, block)), new) => {
                self.builder.resize(block, size(event))?;
                self.place(new, block)
            }
            (None, 0) => Ok(()),
            // An inherited block is the process's own from now on.
            (None, _) => self.allocate(event, false),
        }
    }

    fn finish(mut self, header: &[u8]) -> Recording {
        let word = |at: usize| u32::from_ne_bytes(core::array::from_fn(|i| header[at + i]));
        let program = name(header);
        self.builder.set_provenance(Provenance {
            origin: Origin::Recorded,
            program: program.clone(),
            threads: self.threads.len() as u32,
            ..Provenance::default()
        });
        Recording {
            pid: word(raw::PID_AT),
            trace: self.builder.finish(&program),
            n_inherited: self.n_inherited,
            n_unseen: self.n_unseen,
            stopped: word(raw::STOPPED_AT) as i32,
        }
    }
}

fn size(event: Event) -> usize {
    usize::try_from(event.size)
        .unwrap_or(MAX_SIZE)
        .min(MAX_SIZE)
}

/// The program's name, with nothing in it that a file's name may not have.
fn name(header: &[u8]) -> String {
    let name = &header[raw::NAME_AT..][..raw::NAME_LEN];
    let end = name
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(name.len());
    let is_plain = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    let name = String::from_utf8_lossy(&name[..end]);
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    match plain.is_empty() {
        true => "program".to_owned(),
        false => plain,
    }
}
