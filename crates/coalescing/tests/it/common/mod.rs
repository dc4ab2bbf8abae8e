//! Memory, sources and shorthands for the tests.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use coalescing::{CoalescingHeap, Immediate};
use core_api::{Allocator, BlockState, Fixed, Growth, Inspect, Region, Source};

/// `len` bytes at a multiple of 4096 that live as long as the tests do, filled with `fill`.
pub(crate) fn filled(len: usize, fill: u8) -> Region {
    let layout = Layout::from_size_align(len.max(1), 4096).expect("a valid layout");
    // SAFETY: the layout has a size.
    let base = NonNull::new(unsafe { std::alloc::alloc(layout) }).expect("memory for the test");
    // SAFETY: the memory is new, is never freed, and nobody else has it.
    unsafe {
        base.write_bytes(fill, len);
        Region::new(base, len)
    }
}

/// `n` regions of `len` bytes, of which the first one to be handed out is the last in memory.
pub(crate) fn banks(n: usize, len: usize) -> Vec<Region> {
    let mut rest = filled(n * len, 0xA5);
    let mut banks = Vec::new();
    for _ in 0..n {
        let (bank, more) = rest.split_at(len).expect("room for all banks");
        banks.push(bank);
        rest = more;
    }
    banks
}

/// A heap that merges at once, so that what a test sees is what its last call did.
pub(crate) type Strict<S, const GRANULE: usize = 8> = CoalescingHeap<S, GRANULE, Immediate>;

/// A heap in a region of `len` bytes.
pub(crate) fn heap(len: usize) -> Strict<Fixed> {
    Strict::new(
        // SAFETY: the region is handed out for this heap alone.
        unsafe { Fixed::new(filled(len, 0xA5)) },
    )
}

pub(crate) fn bytes(size: usize) -> Layout {
    Layout::from_size_align(size, 1).expect("a valid layout")
}

/// A block of `size` bytes, if there is room.
pub(crate) fn take<A: Allocator>(heap: &mut A, size: usize) -> Option<NonNull<u8>> {
    heap.allocate(bytes(size)).ok().map(NonNull::cast)
}

/// A block that takes exactly `block` bytes of a heap with 8-byte granules.
pub(crate) fn take_block<A: Allocator>(heap: &mut A, block: usize) -> NonNull<u8> {
    take(heap, block - 4).expect("room for the block")
}

/// Frees what `take_block` returned.
pub(crate) fn give_block<A: Allocator>(heap: &mut A, block: NonNull<u8>, size: usize) {
    // SAFETY: the tests give back what they took, once.
    unsafe { heap.deallocate(block, bytes(size - 4)) };
}

/// The heap in address order, by state and size: `used 16, free 32`. The bytes before the first
/// block and behind the last one are left out.
pub(crate) fn blocks(heap: &impl Inspect) -> String {
    let mut all = Vec::new();
    let _ = heap.walk(&mut |block| {
        all.push(block);
        ControlFlow::Continue(())
    });
    let inner = &all[1..all.len() - 1];
    let word = |state| match state {
        BlockState::Used => "used",
        BlockState::Free => "free",
        _ => "pad",
    };
    let words: Vec<_> = inner
        .iter()
        .map(|block| format!("{} {}", word(block.state), block.size))
        .collect();
    words.join(", ")
}

/// Hands out parts of one region, by default one behind the other, and can be extended.
pub(crate) struct Parts<const ZEROED: bool = false> {
    /// The parts not handed out yet; the last one is next.
    pub(crate) left: Vec<Region>,
    /// What came back.
    pub(crate) released: Vec<Region>,
}

impl<const ZEROED: bool> Parts<ZEROED> {
    pub(crate) fn new(parts: Vec<Region>) -> Self {
        Self {
            left: parts,
            released: Vec::new(),
        }
    }
}

// SAFETY: the parts are disjoint and each is handed out once.
unsafe impl<const ZEROED: bool> Source for Parts<ZEROED> {
    const ZEROED: bool = ZEROED;
    const CAN_RELEASE: bool = true;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        let fits = self.left.last().is_some_and(|part| part.len() >= min_len);
        if fits { self.left.pop() } else { None }
    }

    unsafe fn release(&mut self, region: Region) {
        self.released.push(region);
    }
}

/// One region of a fixed place that grows and shrinks in units of 4096 bytes.
pub(crate) struct Elastic {
    whole: Region,
    len: usize,
    released: bool,
}

impl Elastic {
    pub(crate) const UNIT: usize = 4096;

    /// A source that can grow to `limit` bytes of zeros.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            whole: filled(limit, 0),
            len: 0,
            released: false,
        }
    }

    /// Bytes that the heap has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn cut(&mut self, len: usize) -> Option<Region> {
        let (head, _) = self.whole.split_at(len)?;
        self.len = len;
        Some(head)
    }
}

// SAFETY: there is one region, inside `whole`; what is cut off is cleared before it comes again.
unsafe impl Source for Elastic {
    const ZEROED: bool = true;
    const CAN_RELEASE: bool = true;
    const GROWTH: Growth = Growth::InPlace;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        assert_eq!(self.len, 0, "one region is acquired once");
        self.cut(min_len.next_multiple_of(Self::UNIT))
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        assert_eq!(region.len(), self.len);
        self.cut((region.len() + by).next_multiple_of(Self::UNIT))
    }

    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        assert_eq!(region.len(), self.len);
        let by = by - by % Self::UNIT;
        let (kept, cut) = region
            .split_at(region.len() - by)
            .expect("no more than all");
        // SAFETY: the heap does not use the bytes any more.
        unsafe { cut.base().write_bytes(0, cut.len()) };
        self.len = kept.len();
        kept
    }

    unsafe fn release(&mut self, _region: Region) {
        assert!(!self.released, "a region is released once");
        self.released = true;
    }

    fn granularity(&self) -> usize {
        Self::UNIT
    }
}
