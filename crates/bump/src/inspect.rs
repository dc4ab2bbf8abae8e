//! Looking into the heap, as far as an allocator without records can.

use core::ops::ControlFlow;

use core_api::align::is_aligned;
use core_api::{Block, BlockState, Corruption, Inspect, Source};

use crate::{Bump, GRANULE};

const I1: &str = "I1: first <= cursor <= end, and the bytes from first to end are the region's";
const I2: &str = "I2: the cursor is a multiple of 8";

impl<S: Source> Inspect for Bump<S> {
    /// At most four blocks: bytes before the first granule, all that is used (blocks and padding
    /// are not told apart), all that remains, and bytes after the last granule.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.region().is_empty() {
            return ControlFlow::Continue(());
        }
        let borders = [
            (self.region().start(), self.first(), BlockState::Metadata),
            (self.first(), self.cursor(), BlockState::Used),
            (self.cursor(), self.end(), BlockState::Free),
            (self.end(), self.region().end(), BlockState::Metadata),
        ];
        for (address, end, state) in borders {
            if address < end {
                visit(block(address, end, state))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// O(1).
    fn check(&self) -> Result<(), Corruption> {
        let broken = |invariant| Corruption::new(invariant, self.cursor());
        let within = self.region().is_empty() || self.end() <= self.region().end();
        let ordered = self.first() <= self.cursor() && self.cursor() <= self.end();
        if !(within && ordered) {
            return Err(broken(I1));
        }
        if !is_aligned(self.cursor(), GRANULE) {
            return Err(broken(I2));
        }
        Ok(())
    }
}

fn block(address: usize, end: usize, state: BlockState) -> Block {
    let size = end - address;
    let overhead = if state == BlockState::Metadata {
        size
    } else {
        0
    };
    Block {
        address,
        size,
        overhead,
        state,
    }
}

#[cfg(test)]
mod tests {
    use core::alloc::Layout;
    use core::mem::MaybeUninit;

    use super::*;
    use core_api::{Allocator, Borrowed};

    /// The invariant that `check` finds broken after the cursor was moved by `offset` bytes.
    fn broken_by(offset: isize) -> Option<&'static str> {
        let mut buffer = [MaybeUninit::uninit(); 256];
        let mut bump = Bump::new(Borrowed::new(&mut buffer));
        bump.allocate(Layout::new::<[u64; 4]>()).ok()?;
        bump.displace_cursor(offset);
        bump.check().err().map(|corruption| corruption.invariant)
    }

    #[test]
    fn check_finds_a_displaced_cursor() {
        assert_eq!(broken_by(0), None);
        assert_eq!(broken_by(-40), Some(I1), "before the first granule");
        assert_eq!(broken_by(256), Some(I1), "beyond the end");
        assert_eq!(broken_by(4), Some(I2));
    }
}
