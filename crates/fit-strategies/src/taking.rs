//! Allocating: search the list, and cut a block out of the hole.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, BlockState, Misuse, Source, fatal};

use crate::fit::{Candidate, Fit};
use crate::free_list::{END, Hole};
use crate::heap::FitHeap;
use crate::order::Order;
use crate::request::Request;
use crate::tiling::Tiling;

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// One block for `request`, from the list as it is, or from the list after the slow path made
    /// what it could of the heap.
    #[inline]
    pub(crate) fn take(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let request = Request::new(layout)?;
        let hole = match self.search(&request) {
            Some(hole) => hole,
            None => self.search_slow(&request).ok_or(AllocError)?,
        };
        Ok(self.place(hole, &request))
    }

    #[inline]
    fn search(&mut self, request: &Request) -> Option<Hole> {
        let start = if P::ROVING { self.list.rover() } else { END };
        let holes = self.list.holes(&self.tiling, request, start);
        let choice = fatal::without_unwinding(|| self.policy.choose(request.size, holes));
        let hole = choice.filter(Hole::fits)?;
        if self.tiling.block_at(hole.block.address) != Some(hole.block) {
            fatal(Misuse::CorruptHeader);
        }
        Some(hole)
    }

    /// Acquires the region, or sweeps it if that can help, and searches again.
    #[cold]
    fn search_slow(&mut self, request: &Request) -> Option<Hole> {
        if self.tiling.region().is_empty() {
            self.acquire(request.size)?;
        } else if self.list.bytes() >= request.size {
            self.sweep();
        } else {
            return None;
        }
        self.search(request)
    }

    /// Makes the source's region one free block.
    fn acquire(&mut self, min_len: usize) -> Option<()> {
        self.tiling = Tiling::new(self.source.acquire(min_len)?);
        let (start, end) = (self.tiling.start(), self.tiling.end());
        if start < end {
            // SAFETY: the region is the heap's own, and there is no block in it yet.
            unsafe { self.insert_after(END, start, end - start) };
        }
        Some(())
    }

    /// Cuts the block for `request` out of `hole`.
    #[inline]
    fn place(&mut self, hole: Hole, request: &Request) -> NonNull<[u8]> {
        let Hole {
            block, mut link, ..
        } = hole;
        self.list.unlink(&self.tiling, link, &block);
        if P::ROVING {
            self.list.set_rover(link);
        }
        let pad = request.pad(block.address);
        let address = block.address + pad;
        // SAFETY: the block was free and is no longer in the list; it has room for pad and
        // request, since the hole fits.
        unsafe {
            if pad > 0 {
                self.insert_after(link, block.address, pad);
                link = block.address;
            }
            let size = self.carve(address, block.size - pad, request.size, link);
            self.tiling.payload(address, size)
        }
    }

    /// Makes a used block of at least `size` bytes out of the `room` bytes at `address` and
    /// returns its size. What is left over becomes a free block behind `link`, or part of the
    /// used one if it is below the threshold.
    ///
    /// # Safety
    ///
    /// The bytes from `address + size` are the heap's own and in no block of the list, `link` is
    /// a block of the list or the list's end, and `size <= room`.
    #[inline]
    pub(crate) unsafe fn carve(
        &mut self,
        address: usize,
        room: usize,
        size: usize,
        link: usize,
    ) -> usize {
        let rest = room - size;
        let size = if rest < self.split_threshold {
            room
        } else {
            size
        };
        // SAFETY: as the caller promised; `rest` has at least the smallest block's bytes.
        unsafe {
            self.tiling.set_block(address, size, BlockState::Used);
            if size < room {
                self.insert_after(link, address + size, rest);
            }
        }
        size
    }
}
