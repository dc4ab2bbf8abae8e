//! The heap: search, cut, free, resize.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::NonNull;

use core_api::{AllocError, Block, BlockState, Misuse, Source, fatal};

use crate::fit::{Candidate, Fit};
use crate::free_list::{END, FreeList, Hole};
use crate::order::{Lifo, Order};
use crate::request::Request;
use crate::tiling::Tiling;
use crate::{HEADER, MIN_BLOCK, SPLIT_THRESHOLD};

/// A heap that searches its free list by the policy `P`.
///
/// It takes one region from `S`, on the first allocation, and keeps its free list in the order
/// `O`. The crate's documentation draws the blocks and states the invariants.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, StaticHeap};
/// use fit_strategies::{BestFit, FitHeap};
///
/// static MEMORY: StaticHeap = StaticHeap::new();
/// let mut heap = FitHeap::<_, BestFit>::new(&MEMORY);
/// let block = heap.allocate(Layout::new::<[u8; 100]>())?;
/// assert_eq!(block.len(), 104, "whole granules");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct FitHeap<S: Source, P: Fit, O: Order = Lifo> {
    pub(crate) tiling: Tiling,
    pub(crate) list: FreeList,
    pub(crate) split_threshold: usize,
    policy: P,
    source: S,
    order: PhantomData<O>,
}

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// A heap over what `source` will hand out on the first allocation.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.free_bytes(), 0, "no region yet");
    /// assert!(heap.allocate(Layout::new::<u64>()).is_ok());
    /// ```
    pub const fn new(source: S) -> Self {
        Self::with_split_threshold(source, SPLIT_THRESHOLD)
    }

    /// As [`new`](Self::new), with a split threshold in bytes, at least 16.
    ///
    /// A block is cut if what is left over has at least that many bytes, and is handed out whole
    /// otherwise: up to `threshold - 1` bytes more than requested (internal fragmentation)
    /// instead of a free block that may be too small for anything (external fragmentation).
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::with_split_threshold(Borrowed::new(&mut buffer), 64);
    /// let block = heap.allocate(Layout::new::<[u8; 200]>())?;
    /// assert!(block.len() > 200, "no cut: it would leave less than 64 bytes");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn with_split_threshold(source: S, threshold: usize) -> Self {
        Self {
            tiling: Tiling::EMPTY,
            list: FreeList::EMPTY,
            policy: P::NEW,
            source,
            split_threshold: if threshold < MIN_BLOCK {
                MIN_BLOCK
            } else {
                threshold
            },
            order: PhantomData,
        }
    }

    /// The policy, for what it knows ([`Counting`](crate::Counting)).
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.policy(), &FirstFit);
    /// ```
    pub const fn policy(&self) -> &P {
        &self.policy
    }

    /// Bytes of a remainder from which on a block is cut.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert!(heap.split_threshold() >= 16);
    /// ```
    pub const fn split_threshold(&self) -> usize {
        self.split_threshold
    }

    /// Bytes of all free blocks, headers included.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// let before = heap.free_bytes();
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.free_bytes(), before - 16, "eight bytes and a header");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn free_bytes(&self) -> usize {
        self.list.bytes()
    }

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

    /// # Safety
    ///
    /// As [`FreeList::insert_after`].
    #[inline]
    unsafe fn insert_after(&mut self, link: usize, address: usize, size: usize) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.list.insert_after(&self.tiling, link, address, size) }
    }

    /// The used block whose payload begins at `payload`.
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer, as far as headers tell. A pointer into a payload that
    /// happens to hold a header's bytes passes for a block's.
    #[inline]
    pub(crate) fn used_block(&self, payload: NonNull<u8>) -> Result<Block, Misuse> {
        let address = payload.addr().get().wrapping_sub(HEADER);
        match self.tiling.block_at(address) {
            Some(block) if block.state == BlockState::Used => Ok(block),
            Some(_) => Err(Misuse::DoubleFree),
            None => Err(self.diagnose(address)),
        }
    }

    /// Why no header was found at `address`. O(blocks).
    #[cold]
    fn diagnose(&self, address: usize) -> Misuse {
        let blocks = self.tiling.blocks();
        let end = blocks
            .last()
            .map_or(self.tiling.start(), |block| block.end());
        if end < self.tiling.end() && address >= end && address < self.tiling.end() {
            Misuse::CorruptHeader
        } else {
            Misuse::ForeignPointer
        }
    }

    /// Gives a block back, or says what is wrong with it.
    ///
    /// O(1) with [`Lifo`], O(free blocks) with [`AddressOrder`](crate::AddressOrder).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// If a used block of this heap begins at `block`, nobody uses its payload again.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second free is a mistake that is found.
    /// unsafe {
    ///     assert_eq!(heap.try_deallocate(block, layout), Ok(()));
    ///     assert_eq!(heap.try_deallocate(block, layout), Err(core_api::Misuse::DoubleFree));
    /// }
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let used = self.used_block(block)?;
        if layout.size() > used.payload() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: a used block was found, and its caller gives it up.
        unsafe { self.release(used) };
        Ok(())
    }

    /// Gives a block back without its layout, or says what is wrong with it. Costs as
    /// [`try_deallocate`](Self::try_deallocate).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// As [`try_deallocate`](Self::try_deallocate).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u64>())?.cast();
    /// // SAFETY: the block is live, and not used again.
    /// assert_eq!(unsafe { heap.try_free(block) }, Ok(()));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub unsafe fn try_free(&mut self, block: NonNull<u8>) -> Result<(), Misuse> {
        let used = self.used_block(block)?;
        // SAFETY: a used block was found, and its caller gives it up.
        unsafe { self.release(used) };
        Ok(())
    }

    /// Puts a used block into the list, where the order wants it.
    ///
    /// # Safety
    ///
    /// `used` is a used block of this heap, and nobody uses its payload again.
    #[inline]
    pub(crate) unsafe fn release(&mut self, used: Block) {
        let link = self.list.place::<O>(&self.tiling, used.address);
        // SAFETY: a used block is in no list (by I2), and its bytes are the heap's now.
        unsafe { self.insert_after(link, used.address, used.size) }
    }
}

impl<S: Source, P: Fit, O: Order> Drop for FitHeap<S, P, O> {
    /// Gives the region back to a source that takes it.
    fn drop(&mut self) {
        if S::CAN_RELEASE && !self.tiling.region().is_empty() {
            // SAFETY: the region is as the source returned it; no block outlives the heap.
            unsafe { self.source.release(self.tiling.region()) }
        }
    }
}
