//! The memory of the stages that live in one fixed region.

use core_api::align::round_down;
use core_api::{Growth, Region, Source};

/// The largest fixed region: address space costs nothing until it is touched.
pub const LARGEST: usize = 64 << 30;

/// One long mapping, made at the stage's first request.
///
/// If the system does not grant the length (`RLIMIT_AS`), the source halves it until the system does. Then
/// the source halves it once more, so that stacks and libraries find as much room as the heap.
#[derive(Debug)]
pub struct Reserved {
    /// 0 once the region is handed out.
    limit: usize,
}

impl Reserved {
    /// Returns a source that maps at most `limit` bytes, a multiple of the page size.
    pub const fn new(limit: usize) -> Self {
        Self { limit }
    }
}

// SAFETY: the region is a new mapping, so it is zero and nothing else uses it. The source makes it once and
// never unmaps it.
unsafe impl Source for Reserved {
    const ZEROED: bool = true;
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        let least = min_len.max(os::page_size());
        let region =
            map(self.limit, least).or_else(|| map_half_of_what_there_is(self.limit, least));
        if region.is_some() {
            self.limit = 0;
        }
        region
    }
}

fn map(len: usize, least: usize) -> Option<Region> {
    if len < least {
        return None;
    }
    let base = os::map_uncharged(len)?;
    // SAFETY: the mapping is new, readable and writable, and nothing else uses it.
    Some(unsafe { Region::new(base, len) })
}

#[cold]
fn map_half_of_what_there_is(limit: usize, least: usize) -> Option<Region> {
    let mut len = limit / 2;
    while len >= least {
        if let Some(granted) = map(len, least) {
            let kept = round_down(len / 2, os::page_size());
            let (kept, rest) = granted.split_at(kept.max(least).min(len))?;
            // SAFETY: the mapping is new, and `rest` has not been handed out.
            unsafe { os::unmap(rest.base(), rest.len()) };
            return Some(kept);
        }
        len = round_down(len / 2, os::page_size());
    }
    None
}
