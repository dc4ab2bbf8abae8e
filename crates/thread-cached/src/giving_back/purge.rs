//! Purges idle spans: their pages go back to the OS.
//!
//! A purge takes a span out of its bin, drops its pages without holding a lock, and puts it back clean. So no thread
//! waits for the system call, and no thread can use the span meanwhile.

use crate::mutex::Mutex;
use crate::pages::span::Span;
use crate::pages::spans::Spans;

/// Milliseconds that a page must be idle.
pub(crate) const DELAY: u32 = 1000;

/// Most spans of one call, so that it takes a millisecond or two.
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
