//! Converts the events of a process to its trace.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use recording::coder::Coder;

use super::clock::Clock;
use super::linked;
use super::raw::{self, Event, HEAD_LEN, HEADER_LEN, Kind, PAGE_LEN, Stamped};
use crate::by_address::{ByAddress, Moment, Request};
use crate::{BlockError, BlockId, ColumnSet, Origin, PLAIN_ALIGN, Provenance, Trace};

/// The recording of one process.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The process's id.
    pub pid: u32,
    /// The id of the process that started it.
    pub parent: u32,
    /// The program's file, if `/proc` named it.
    pub image: Option<PathBuf>,
    /// Its allocation calls, with each call's thread, and with times unless there are very few calls.
    pub trace: Trace,
    /// The ticket of each allocation, by which its call stack is found.
    pub tickets: Vec<u64>,
    /// The number of frees of blocks that were allocated before the recording began, such as blocks that a
    /// forked process inherits. They are not in the trace.
    pub n_inherited: usize,
    /// The number of frees that were not seen: an address was handed out again while its block was live. The
    /// trace has them at the latest possible moment.
    pub n_unseen: usize,
    /// The error number that ended the recording before the process did, or 0.
    pub stopped: i32,
}

/// Turns a raw recording into a trace; `None` if the file has no header of that kind.
/// O(events · log of the pages).
///
/// Accepts any bytes: leaves out an event that contradicts the events before it.
pub fn convert(bytes: &[u8]) -> Option<Recording> {
    let (header, pages) = bytes.split_at_checked(HEADER_LEN)?;
    if header[..8] != raw::MAGIC.to_ne_bytes() {
        return None;
    }
    let pages: Vec<Page<'_>> = pages.chunks_exact(PAGE_LEN).filter_map(Page::new).collect();
    let clock = Clock::new(pages.iter().map(|page| (page.ticks, page.ns)));
    let mut events: Vec<(u32, Stamped)> = pages.iter().flat_map(Page::events).collect();
    // Each page is in order already, which this sort finds.
    events.sort_by_key(|(_, stamped)| stamped.ticket);
    let mut converter = Converter::default();
    for (thread, stamped) in events {
        let ns = clock
            .as_ref()
            .map_or(0, |clock| clock.nanoseconds(stamped.ticks));
        converter.take(stamped, thread, ns).ok()?;
    }
    Some(converter.finish(header, clock.is_some()))
}

/// Consecutive events of one thread.
struct Page<'a> {
    thread: u32,
    ticks: u64,
    ns: u64,
    events: &'a [u8],
}

impl<'a> Page<'a> {
    /// Reads the page's head; `None` if no thread took the page.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let (head, events) = bytes.split_at(HEAD_LEN);
        let word = |index: usize| u64::from_ne_bytes(core::array::from_fn(|i| head[index * 8 + i]));
        let [thread, ticks, ns] = [word(0), word(1), word(2)];
        (thread >> 32 == 1).then_some(Self {
            thread: thread as u32,
            ticks,
            ns,
            events,
        })
    }

    fn events(&self) -> impl Iterator<Item = (u32, Stamped)> {
        let mut coder = Coder::new(self.ticks);
        let (thread, mut rest) = (self.thread, self.events);
        core::iter::from_fn(move || Some((thread, coder.take(&mut rest)?)))
    }
}

#[derive(Default)]
struct Converter {
    calls: ByAddress,
    /// The block that each thread is resizing.
    moving: HashMap<u32, Move>,
    tickets: Vec<u64>,
}

/// A block during its resize, and its old address.
#[derive(Clone, Copy)]
struct Move {
    old: u64,
    block: BlockId,
}

impl Converter {
    fn take(&mut self, stamped: Stamped, thread: u32, ns: u64) -> Result<(), BlockError> {
        let Stamped { event, ticket, .. } = stamped;
        let moment = Moment {
            thread,
            ns,
            sized: event.is_sized,
        };
        match event.kind {
            Kind::Allocate => self.allocate(event, ticket, moment, false),
            Kind::AllocateZeroed => self.allocate(event, ticket, moment, true),
            Kind::Free => self.calls.free(event.address, moment).map(drop),
            Kind::ResizeBegin => {
                self.begin_resize(event.address, thread);
                Ok(())
            }
            Kind::ResizeEnd => self.end_resize(event, ticket, moment),
        }
    }

    fn allocate(
        &mut self,
        event: Event,
        ticket: u64,
        moment: Moment,
        zeroed: bool,
    ) -> Result<(), BlockError> {
        self.tickets.push(ticket);
        let request = Request {
            size: event.size,
            align: event.align.map_or(PLAIN_ALIGN, |log2| 1 << log2.min(31)),
            zeroed,
        };
        self.calls.allocate(event.address, request, moment)
    }

    fn begin_resize(&mut self, old: u64, thread: u32) {
        self.moving.remove(&thread);
        if let Some(block) = self.calls.lift(old) {
            self.moving.insert(thread, Move { old, block });
        }
    }

    fn end_resize(&mut self, event: Event, ticket: u64, moment: Moment) -> Result<(), BlockError> {
        match (self.moving.remove(&moment.thread), event.address) {
            (Some(Move { old, block }), 0) => self.calls.place(old, block, moment),
            (Some(Move { block, .. }), new) => self.calls.resize(block, new, event.size, moment),
            (None, 0) => Ok(()),
            // From now on an inherited block counts as the process's own.
            (None, _) => self.allocate(event, ticket, moment, false),
        }
    }

    fn finish(self, header: &[u8], gaps: bool) -> Recording {
        let word = |at: usize| u32::from_ne_bytes(core::array::from_fn(|i| header[at + i]));
        let program = plain(&String::from_utf8_lossy(text(
            header,
            raw::NAME_AT,
            raw::NAME_LEN,
        )));
        let image = text(header, raw::IMAGE_AT, raw::IMAGE_LEN);
        let image: Option<PathBuf> = (!image.is_empty()).then(|| OsStr::from_bytes(image).into());
        let linked = image.as_deref().and_then(linked::with);
        let provenance = Provenance {
            origin: Origin::Recorded,
            program: program.clone(),
            allocator: linked.map_or_else(String::new, |linked| linked.library),
            threads: self.calls.n_threads() as u32,
            ..Provenance::default()
        };
        let set = ColumnSet {
            gaps,
            ..ColumnSet::ALL
        };
        Recording {
            pid: word(raw::PID_AT),
            parent: word(raw::PARENT_AT),
            image,
            tickets: self.tickets,
            n_inherited: self.calls.n_foreign(),
            n_unseen: self.calls.n_unseen(),
            trace: self.calls.finish(&program, provenance, set),
            stopped: word(raw::STOPPED_AT) as i32,
        }
    }
}

/// Returns the header's field of `len` bytes, up to the first 0.
fn text(header: &[u8], at: usize, len: usize) -> &[u8] {
    let field = &header[at..][..len];
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(len);
    &field[..end]
}

/// Returns a program's name with only characters that a file's name may have.
pub(super) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    match plain.is_empty() {
        true => "program".to_owned(),
        false => plain,
    }
}
