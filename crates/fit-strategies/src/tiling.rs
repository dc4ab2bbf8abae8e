//! The heap as bytes: blocks that tile a region, each with its header in front.

use core::ptr::NonNull;

use core_api::{Block, BlockState, Region, align};

use crate::{GRANULE, HEADER, MAX_HEAP, MIN_BLOCK};

/// The eight bytes in front of every payload. The state is spelled in letters, so that a memory
/// dump can be read.
///
/// They are those of `freelist`, written again: a stage owns its block format, which the reader should find in one place.
#[derive(Clone, Copy)]
#[repr(C)]
struct Header {
    granules: u32,
    state: [u8; 4],
}

const USED: [u8; 4] = *b"USED";
const FREE: [u8; 4] = *b"FREE";

/// The stretch of a region that blocks tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiling {
    region: Region,
    start: usize,
    end: usize,
}

impl Tiling {
    pub(crate) const EMPTY: Self = Self {
        region: Region::EMPTY,
        start: 0,
        end: 0,
    };

    /// The granules of `region`, at most [`MAX_HEAP`] bytes, and none if they make no block.
    ///
    /// Until the caller has written headers, they hold no blocks.
    pub(crate) fn new(region: Region) -> Self {
        let pad = align::padding(region.start(), GRANULE).min(region.len());
        let start = region.start() + pad;
        let len = align::round_down(region.len() - pad, GRANULE).min(MAX_HEAP);
        let end = start + if len < MIN_BLOCK { 0 } else { len };
        Self { region, start, end }
    }

    pub(crate) const fn region(&self) -> Region {
        self.region
    }

    /// Address of the first block.
    pub(crate) const fn start(&self) -> usize {
        self.start
    }

    /// Address one past the last block.
    pub(crate) const fn end(&self) -> usize {
        self.end
    }

    /// The eight bytes at `address`, or `None` where no block can begin: outside the tiling nothing
    /// is read.
    #[inline]
    fn header_at(&self, address: usize) -> Option<Header> {
        if address < self.start || address >= self.end || !align::is_aligned(address, GRANULE) {
            return None;
        }
        // SAFETY: the header's bytes lie within the tiling, which lies in the region, and are
        // aligned. They are initialized if a block begins there (by I1), and no one asks about any
        // other address unless a caller passed a pointer that is no block's.
        Some(unsafe { self.region.at(address).cast::<Header>().read() })
    }

    /// The block that begins at `address`, or `None` if no valid header stands there. `address` may
    /// be anything.
    #[inline]
    pub(crate) fn block_at(&self, address: usize) -> Option<Block> {
        let header = self.header_at(address)?;
        let size = header.granules as usize * GRANULE;
        let (state, overhead) = match header.state {
            USED => (BlockState::Used, HEADER),
            FREE => (BlockState::Free, 0),
            _ => return None,
        };
        (size >= MIN_BLOCK && size <= self.end - address).then_some(Block {
            address,
            size,
            overhead,
            state,
        })
    }

    /// As [`block_at`](Self::block_at) for free blocks only, and without a look at the size: for
    /// searches, which look at many blocks and take one.
    #[inline]
    pub(crate) fn free_block_at(&self, address: usize) -> Option<Block> {
        let header = self.header_at(address)?;
        (header.state == FREE).then_some(Block {
            address,
            size: header.granules as usize * GRANULE,
            overhead: 0,
            state: BlockState::Free,
        })
    }

    /// The blocks in address order, up to the first address that holds no valid header.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Block> {
        let mut address = self.start;
        core::iter::from_fn(move || {
            let block = self.block_at(address)?;
            address = block.end();
            Some(block)
        })
    }

    /// Makes `size` bytes from `address` a block.
    ///
    /// # Safety
    ///
    /// The bytes lie in the tiling, are multiples of the granule, and no caller uses them, except
    /// for the payload of a block that begins at `address` already.
    #[inline]
    pub(crate) unsafe fn set_block(&self, address: usize, size: usize, state: BlockState) {
        let header = Header {
            granules: (size / GRANULE) as u32,
            state: if state == BlockState::Used {
                USED
            } else {
                FREE
            },
        };
        // SAFETY: the bytes are in the region and no one else's, as the caller promised.
        unsafe { self.region.at(address).cast::<Header>().write(header) }
    }

    /// The address stored in the payload of the free block at `address`.
    ///
    /// # Safety
    ///
    /// A free block begins there, and its link was set.
    #[inline]
    pub(crate) unsafe fn link(&self, address: usize) -> usize {
        let link = self.region.at(address + HEADER).cast::<usize>();
        // SAFETY: a free block has a payload of at least a granule, aligned and initialized by
        // `set_link`.
        unsafe { link.read() }
    }

    /// Stores an address in the payload of the free block at `address`.
    ///
    /// # Safety
    ///
    /// A free block begins there.
    #[inline]
    pub(crate) unsafe fn set_link(&self, address: usize, to: usize) {
        let link = self.region.at(address + HEADER).cast::<usize>();
        // SAFETY: as in `link`; no one else uses the payload of a free block.
        unsafe { link.write(to) }
    }

    /// The payload of a block of `size` bytes at `address`.
    ///
    /// # Safety
    ///
    /// A block of that size begins there.
    #[inline]
    pub(crate) unsafe fn payload(&self, address: usize, size: usize) -> NonNull<[u8]> {
        // SAFETY: the payload lies in the region, which does not begin at null.
        let start = unsafe { NonNull::new_unchecked(self.region.at(address + HEADER)) };
        NonNull::slice_from_raw_parts(start, size - HEADER)
    }
}
