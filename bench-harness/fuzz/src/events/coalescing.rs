//! A heap in several regions gives back what it can.

use coalescing::{CoalescingHeap, Merging};

use super::Eventful;
use crate::Scattered;

/// Events from here on.
const TRIMMED: u8 = 240;

impl<const GRANULE: usize, M: Merging> Eventful for CoalescingHeap<Scattered, GRANULE, M> {
    fn happen(&mut self, event: u8) {
        if event >= TRIMMED {
            self.trim(usize::from(event - TRIMMED) * 500);
        }
    }
}
