//! Frees with all the checks that the headers allow.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{CheckedFree, Misuse, Source};

use crate::Offset;
use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::regions::Span;

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Frees a block, or returns the mistake if it is not a live block. O(1), or O(regions) if the heap has
    /// several regions.
    ///
    /// [`deallocate`](core_api::Allocator::deallocate) compares one header with the layout. This function
    /// checks all headers around the block. It finds
    ///
    /// - addresses outside the heap or between granules,
    /// - blocks that are already free, if nothing has overwritten their header,
    /// - overwritten headers and footers, of the block and its neighbours, that contradict each other,
    /// - layouts whose size is not the block's.
    ///
    /// [`Checked`](core_api::Checked) does this for every free.
    ///
    /// The function cannot see a second free after the heap handed out the same address again, nor payload
    /// bytes that look like headers.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed, Misuse};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second call is a mistake that the function finds.
    /// let mut free = || unsafe { heap.try_deallocate(block, layout) };
    /// assert_eq!((free(), free()), (Ok(()), Err(Misuse::DoubleFree)));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that the function found; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this heap and `layout` fits it, or the call is one of the mistakes that the
    /// function finds.
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let (block, header) = self.examine_block(block, Some(layout))?;
        let size = header.size();
        // SAFETY: `examine_block` found the headers of a used block of `size` granules, which the caller gives up.
        unsafe { self.give_up(block, size, header) };
        Ok(())
    }

    /// Returns the block with the payload `block`, if all headers around it say that it is used, and by `layout`'s
    /// size.
    fn examine_block(
        &self,
        block: NonNull<u8>,
        layout: Option<Layout>,
    ) -> Result<(Offset, Header), Misuse> {
        let (block, header) = self.used_block(block.addr().get())?;
        let is_of_size = match layout {
            Some(layout) => Self::granules(layout.size()) == Some(header.size()),
            None => true,
        };
        match is_of_size {
            true => Ok((block, header)),
            false => Err(Misuse::CorruptHeader),
        }
    }

    /// Returns the block whose payload is at `address`, if all headers around it say that it is used.
    fn used_block(&self, address: usize) -> Result<(Offset, Header), Misuse> {
        let span = self.span_around(address).ok_or(Misuse::ForeignPointer)?;
        let block = self.regions.offset_of(address);
        if self.top < block && block < self.end {
            return Err(Misuse::DoubleFree);
        }
        // SAFETY: the address is a granule among the blocks of a region, and not in the top. There, the four
        // bytes before each granule are initialised or were handed out to the program.
        let header = unsafe { self.regions.header(block) };
        if !header.is_used() || self.is_deferred(header) {
            return Err(Misuse::DoubleFree);
        }
        let is_sound = Self::MIN_SIZE <= header.size()
            && header.size() <= span.end - block
            && self.fits_before(block, header, span)
            && self.fits_behind(block + header.size(), span);
        match is_sound {
            true => Ok((block, header)),
            false => Err(Misuse::CorruptHeader),
        }
    }

    /// Returns true if the block before `block` is used, or free with a matching header and footer; `header`
    /// is `block`'s.
    fn fits_before(&self, block: Offset, header: Header, span: Span) -> bool {
        if header.is_previous_used() {
            return true;
        }
        // SAFETY: the first block's previous-used bit is set, so another block lies before this one in the
        // region.
        let size = unsafe { self.regions.size_before(block) };
        if size == 0 || size > block - span.first {
            return false;
        }
        // SAFETY: the size was compared with the region's start, so the offset is a granule of the region.
        let before = unsafe { self.regions.header(block - size) };
        before == Header::free(size)
    }

    /// Returns true if `next`, which follows a used block, is the top, the end of the region, or a block
    /// whose header and footer agree.
    fn fits_behind(&self, next: Offset, span: Span) -> bool {
        // SAFETY: the block before ends within the region, so a header follows it.
        let header = unsafe { self.regions.header(next) };
        if !header.is_previous_used() {
            return false;
        }
        if next == self.top || next == span.end || self.is_deferred(header) {
            return true;
        }
        let size = header.size();
        if size == 0 || size > span.end - next {
            return false;
        }
        if header.is_used() {
            return true;
        }
        // SAFETY: the size was compared with the region's end, so footer and next header lie in the region.
        let (footer, is_known_free) = unsafe {
            let after = self.regions.header(next + size);
            (
                self.regions.size_before(next + size),
                !after.is_previous_used(),
            )
        };
        footer == size && is_known_free
    }

    /// Returns the span of the region in which `address` is a granule.
    fn span_around(&self, address: usize) -> Option<Span> {
        let region = self.regions.find(address)?;
        let span = self.regions.span(region)?;
        let block = self.regions.offset_of(address);
        let is_inside = is_aligned(address, GRANULE) && span.first <= block && block < span.end;
        is_inside.then_some(span)
    }
}

// SAFETY: `used_block` reads headers at granules of a region only. It returns a block only if the headers on both
// sides agree with its own, which is all that merging the block needs.
unsafe impl<S: Source, const GRANULE: usize, M: Merging> CheckedFree
    for CoalescingHeap<S, GRANULE, M>
{
    #[inline]
    unsafe fn deallocate_unchecked(&mut self, block: NonNull<u8>, layout: Layout) {
        let size = Self::granules_of_live(layout.size());
        // SAFETY: the caller promises that the block is live, so it has a header (I1), and gives it up.
        unsafe {
            let (block, header) = self.regions.block_at(block.addr().get());
            self.give_up(block, size, header)
        }
    }

    fn examine(&self, block: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse> {
        self.examine_block(block, layout).map(|_| ())
    }
}
