//! [`Live`]: the live blocks by their ids, and the record of them in the middle of a file.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::calls::Call;
use super::{MAX_SIZE, varint};
use crate::{BlockError, BlockId};

/// A live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveBlock {
    /// Its id.
    pub block: BlockId,
    /// Requested bytes.
    pub size: usize,
    /// Requested alignment in bytes, a power of two.
    pub align: u32,
}

/// The number of blocks in a page of the table.
const PAGE: usize = 256;

/// The live blocks of one page: size and alignment.
struct Page {
    n_live: usize,
    blocks: [Option<(usize, u32)>; PAGE],
}

/// Hashes page numbers, which are often consecutive, by one multiplication.
#[derive(Default)]
struct PageHasher(u64);

impl Hasher for PageHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The live blocks at one point of a trace. Its memory grows with the number of live blocks, not of all blocks.
#[derive(Default)]
pub struct Live {
    pages: HashMap<u64, Box<Page>, BuildHasherDefault<PageHasher>>,
    n_blocks: BlockId,
    n_live: usize,
    bytes: usize,
}

impl Live {
    /// Returns the state after `n_blocks` allocations, of which `blocks` are live.
    pub fn at(n_blocks: BlockId, blocks: &[LiveBlock]) -> Self {
        let mut live = Self {
            n_blocks,
            ..Self::default()
        };
        for block in blocks {
            live.insert(block.block, block.size, block.align);
        }
        live
    }

    /// Returns the number of blocks allocated so far, which is the next block's id.
    pub fn n_blocks(&self) -> BlockId {
        self.n_blocks
    }

    /// Returns the number of live blocks.
    pub fn n_live(&self) -> usize {
        self.n_live
    }

    /// Returns the requested bytes of all live blocks.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Iterates over the live blocks, the oldest first. O(pages · log pages) to begin.
    pub fn iter(&self) -> impl Iterator<Item = LiveBlock> {
        let mut pages: Vec<(&u64, &Box<Page>)> = self.pages.iter().collect();
        pages.sort_unstable_by_key(|(number, _)| **number);
        pages.into_iter().flat_map(|(&number, page)| {
            let first = number * PAGE as u64;
            let live = move |(at, block): (usize, &Option<(usize, u32)>)| {
                let (size, align) = (*block)?;
                let block = first + at as u64;
                Some(LiveBlock { block, size, align })
            };
            page.blocks.iter().enumerate().filter_map(live)
        })
    }

    /// Applies a call, and returns the size that its block had before. O(1).
    ///
    /// # Errors
    ///
    /// [`BlockError`] if the block is not live; nothing changes.
    pub fn apply(&mut self, call: &Call) -> Result<usize, BlockError> {
        match *call {
            Call::Allocate { size, align, .. } => {
                let block = self.n_blocks;
                self.n_blocks += 1;
                self.insert(block, size, align);
                Ok(0)
            }
            Call::Resize { block, size } => {
                let (old, _) = self.slot(block)?.as_mut().ok_or(BlockError::Freed)?;
                let old = core::mem::replace(old, size);
                self.bytes = self.bytes.wrapping_sub(old).wrapping_add(size);
                Ok(old)
            }
            Call::Free { block } => self.remove(block),
        }
    }

    fn insert(&mut self, block: BlockId, size: usize, align: u32) {
        let page = self.pages.entry(block / PAGE as u64).or_insert_with(|| {
            Box::new(Page {
                n_live: 0,
                blocks: [None; PAGE],
            })
        });
        page.n_live += 1;
        page.blocks[(block % PAGE as u64) as usize] = Some((size, align));
        self.n_live += 1;
        self.bytes = self.bytes.wrapping_add(size);
    }

    fn remove(&mut self, block: BlockId) -> Result<usize, BlockError> {
        let (size, _) = self.slot(block)?.take().ok_or(BlockError::Freed)?;
        self.n_live -= 1;
        self.bytes = self.bytes.wrapping_sub(size);
        let number = block / PAGE as u64;
        if let Some(page) = self.pages.get_mut(&number) {
            page.n_live -= 1;
            if page.n_live == 0 {
                self.pages.remove(&number);
            }
        }
        Ok(size)
    }

    fn slot(&mut self, block: BlockId) -> Result<&mut Option<(usize, u32)>, BlockError> {
        if block >= self.n_blocks {
            return Err(BlockError::NeverAllocated);
        }
        let page = self.pages.get_mut(&(block / PAGE as u64));
        let page = page.ok_or(BlockError::Freed)?;
        Ok(&mut page.blocks[(block % PAGE as u64) as usize])
    }
}

/// Encodes a record of live blocks: for each block its distance from the previous one, its size, and the
/// logarithm of its alignment.
pub(super) fn put(live: &Live) -> Vec<u8> {
    let mut out = Vec::new();
    let mut next = 0;
    for block in live.iter() {
        varint::put(&mut out, block.block - next);
        varint::put(&mut out, block.size as u64);
        varint::put(&mut out, u64::from(block.align.trailing_zeros()));
        next = block.block + 1;
    }
    out
}

/// Decodes such a record, whose blocks all have ids below `n_blocks`; `None` if the record is garbled.
pub(super) fn take(mut content: &[u8], n: u32, n_blocks: BlockId) -> Option<Vec<LiveBlock>> {
    let mut blocks = Vec::new();
    let mut next: BlockId = 0;
    for _ in 0..n {
        let block = next.checked_add(varint::take(&mut content)?)?;
        let size = usize::try_from(varint::take(&mut content)?).ok()?;
        let log2 = u32::try_from(varint::take(&mut content)?).ok()?;
        let align = 1_u32.checked_shl(log2)?;
        if block >= n_blocks || size > MAX_SIZE {
            return None;
        }
        blocks.push(LiveBlock { block, size, align });
        next = block + 1;
    }
    content.is_empty().then_some(blocks)
}
