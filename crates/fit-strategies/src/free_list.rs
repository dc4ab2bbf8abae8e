//! The free list: one link in each free block's payload.

use core_api::{Block, BlockState, Misuse, fatal};

use crate::fit::Candidate;
use crate::order::Order;
use crate::request::Request;
use crate::tiling::Tiling;

/// The link before the first and after the last block: no block lies at address 0.
pub(crate) const END: usize = 0;

/// A list of every free block, through its payload. Links are addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreeList {
    head: usize,
    rover: usize,
    bytes: usize,
}

impl FreeList {
    pub(crate) const EMPTY: Self = Self {
        head: END,
        rover: END,
        bytes: 0,
    };

    /// The block after which a roving search begins, or [`END`] for the list's start.
    pub(crate) const fn rover(&self) -> usize {
        self.rover
    }

    /// Lets the next roving search begin after `link`, which is a block of the list or [`END`].
    #[inline]
    pub(crate) fn set_rover(&mut self, link: usize) {
        self.rover = link;
    }

    /// Bytes of all blocks in the list, headers included.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The link stored in `link`: the one after `END` is the head.
    #[inline]
    pub(crate) fn next_link(&self, tiling: &Tiling, link: usize) -> usize {
        if link == END {
            return self.head;
        }
        // SAFETY: every block of the list is free and its link was set (by I2).
        unsafe { tiling.link(link) }
    }

    /// The block after `link`. A link that leads to no free block was overwritten, and ends the
    /// process.
    #[inline]
    pub(crate) fn next(&self, tiling: &Tiling, link: usize) -> Option<Block> {
        match self.next_link(tiling, link) {
            END => None,
            next => match tiling.free_block_at(next) {
                None => fatal(Misuse::CorruptHeader),
                block => block,
            },
        }
    }

    /// The blocks in the list's order.
    pub(crate) fn blocks(&self, tiling: &Tiling) -> impl Iterator<Item = Block> {
        let mut link = END;
        core::iter::from_fn(move || {
            let block = self.next(tiling, link)?;
            link = block.address;
            Some(block)
        })
    }

    /// The link before the first block of the list whose address is `found`, or the last link.
    #[inline]
    pub(crate) fn before(&self, tiling: &Tiling, found: impl Fn(usize) -> bool) -> usize {
        let mut link = END;
        while let Some(block) = self.next(tiling, link)
            && !found(block.address)
        {
            link = block.address;
        }
        link
    }

    /// The link behind which a block at `address` enters the list.
    #[inline]
    pub(crate) fn place<O: Order>(&self, tiling: &Tiling, address: usize) -> usize {
        if O::SORTED {
            self.before(tiling, |other| other > address)
        } else {
            END
        }
    }

    /// Makes `size` bytes at `address` a free block, behind `link`.
    ///
    /// # Safety
    ///
    /// The bytes lie in the tiling and no caller uses them; `link` is a block of the list or
    /// [`END`]. The bytes are no part of any block in the list.
    #[inline]
    pub(crate) unsafe fn insert_after(
        &mut self,
        tiling: &Tiling,
        link: usize,
        address: usize,
        size: usize,
    ) {
        let next = self.next_link(tiling, link);
        // SAFETY: the bytes are the heap's, as the caller promised.
        unsafe {
            tiling.set_block(address, size, BlockState::Free);
            tiling.set_link(address, next);
            self.set_link(tiling, link, address);
        }
        self.bytes += size;
    }

    /// Takes `block`, which follows `link`, out of the list. Its header is left as it is.
    #[inline]
    pub(crate) fn unlink(&mut self, tiling: &Tiling, link: usize, block: &Block) {
        let next = self.next_link(tiling, block.address);
        // SAFETY: `link` precedes a block of the list.
        unsafe { self.set_link(tiling, link, next) };
        if self.rover == block.address {
            self.rover = link;
        }
        self.bytes -= block.size;
    }

    /// # Safety
    ///
    /// `link` is a block of the list or [`END`].
    #[inline]
    unsafe fn set_link(&mut self, tiling: &Tiling, link: usize, to: usize) {
        if link == END {
            self.head = to;
        } else {
            // SAFETY: every block of the list is free (by I2).
            unsafe { tiling.set_link(link, to) }
        }
    }

    /// The blocks of the list as candidates for `request`: each once, from behind `start` to the
    /// end and from the head to `start`.
    #[inline]
    pub(crate) fn holes<'a>(
        &'a self,
        tiling: &'a Tiling,
        request: &'a Request,
        start: usize,
    ) -> impl Iterator<Item = Hole> + 'a {
        let mut link = start;
        let mut round = false;
        core::iter::from_fn(move || {
            if round && link == start {
                return None;
            }
            let block = match self.next(tiling, link) {
                None if start != END && !round => {
                    (link, round) = (END, true);
                    self.next(tiling, END)
                }
                next => next,
            }?;
            let previous = core::mem::replace(&mut link, block.address);
            Some(Hole {
                block,
                link: previous,
                fits: request.fits(block.address, block.size),
            })
        })
    }
}

/// A free block in a search.
pub(crate) struct Hole {
    pub(crate) block: Block,
    /// The link before it.
    pub(crate) link: usize,
    fits: bool,
}

impl Candidate for Hole {
    #[inline]
    fn address(&self) -> usize {
        self.block.address
    }

    #[inline]
    fn size(&self) -> usize {
        self.block.size
    }

    #[inline]
    fn fits(&self) -> bool {
        self.fits
    }
}
