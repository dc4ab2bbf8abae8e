//! Pages that were idle for a while go back to the OS.
//!
//! A span is taken out of its bin, its pages are dropped without a lock held, and it is put back
//! clean: so nobody waits for the system call, and nobody can use the span meanwhile.

use crate::pages::mutex::Mutex;
use crate::pages::spans::{Span, Spans};

/// How long a page must be idle, in milliseconds.
pub(crate) const DELAY: u32 = 1000;

/// Spans that are taken at once: so that one call takes a millisecond or two at most.
const BATCH: usize = 128;

/// What a purge did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purged {
    pub(crate) n_pages: usize,
    /// Whether there may be more.
    pub(crate) has_more: bool,
}

/// Drops some of the spans of at least `least` pages that are idle, as `is_idle` says of the time they were last used.
/// `drop_pages` makes a span's pages zero and returns whether it could.
pub(crate) fn purge(
    spans: &Mutex<Spans>,
    least: u32,
    is_idle: impl Fn(u32) -> bool,
    mut drop_pages: impl FnMut(Span) -> bool,
) -> Purged {
    let mut batch = [Span::default(); BATCH];
    let n = spans.with(|spans| spans.take_idle(least, is_idle, &mut batch));
    let mut dropped = [false; BATCH];
    let mut n_pages = 0;
    for (span, dropped) in batch.iter().zip(&mut dropped).take(n) {
        *dropped = drop_pages(*span);
        n_pages += if *dropped { span.len as usize } else { 0 };
    }
    spans.with(|spans| {
        for (span, &dropped) in batch.iter().zip(&dropped).take(n) {
            spans.give_back(*span, dropped);
        }
    });
    let has_more = n == BATCH && !dropped.contains(&false);
    Purged { n_pages, has_more }
}
