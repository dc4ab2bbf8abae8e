//! Frees that are checked as far as the headers allow.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{Misuse, Source};

use crate::Offset;
use crate::header::Header;
use crate::heap::Heap;
use crate::merging::Merging;
use crate::regions::Span;

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Gives a block back, or says why it cannot be one. O(1) (O(regions) with more than one).
    ///
    /// Where [`deallocate`](core_api::Allocator::deallocate) compares one header with the layout,
    /// this looks at everything that the headers around the block can tell. It finds
    ///
    /// - addresses outside the heap or between granules,
    /// - blocks that were freed before, as long as their header was not used for something else,
    /// - headers and footers that were overwritten, the block's own and its neighbours', so that they
    ///   contradict each other,
    /// - layouts of another size than the block's.
    ///
    /// [`Checked`](crate::Checked) frees so every time.
    ///
    /// What it cannot see: a second free after the memory was handed out again at the same
    /// address, and payload bytes that happen to look like headers.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed, Misuse};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second call is a mistake that is found.
    /// let mut free = || unsafe { heap.try_deallocate(block, layout) };
    /// assert_eq!((free(), free()), (Ok(()), Err(Misuse::DoubleFree)));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that was seen; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this heap and `layout` fits it, or the call is one of the mistakes that
    /// are found.
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let size = Self::granules(layout.size()).ok_or(Misuse::CorruptHeader)?;
        let (block, header) = self.examine(block.addr().get())?;
        if size != header.size() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: the headers around the block are those of a used block, which the caller gives
        // up.
        unsafe { self.give_up(block, size, header) };
        Ok(())
    }

    /// The block whose payload is at `address`, if everything says that it is used.
    pub(crate) fn examine(&self, address: usize) -> Result<(Offset, Header), Misuse> {
        let span = self.span_around(address).ok_or(Misuse::ForeignPointer)?;
        let block = self.regions.offset_of(address);
        if self.top < block && block < self.end {
            return Err(Misuse::DoubleFree);
        }
        // SAFETY: the address is that of a granule among the blocks of a region and not in the top,
        // where any four bytes before a granule were written or handed out.
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

    /// Whether the block before `block`, which has `header`, is used or as free as it should be.
    fn fits_before(&self, block: Offset, header: Header, span: Span) -> bool {
        if header.is_previous_used() {
            return true;
        }
        // SAFETY: the bytes before the block lie in its region: the first block's bit is set.
        let size = unsafe { self.regions.size_before(block) };
        if size == 0 || size > block - span.first {
            return false;
        }
        // SAFETY: the offset is that of a granule of the region.
        let before = unsafe { self.regions.header(block - size) };
        before == Header::free(size)
    }

    /// Whether the block `next`, which follows a used one, is the top, the end, or a block that ends
    /// where it should.
    fn fits_behind(&self, next: Offset, span: Span) -> bool {
        // SAFETY: the block before ends in the region, so a header comes after it.
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
        // SAFETY: a free block ends in the region, so it has a footer, and a header follows.
        let (footer, is_known_free) = unsafe {
            let after = self.regions.header(next + size);
            (
                self.regions.size_before(next + size),
                !after.is_previous_used(),
            )
        };
        footer == size && is_known_free
    }

    /// The blocks of the region in which `address` is a granule.
    fn span_around(&self, address: usize) -> Option<Span> {
        let region = self.regions.find(address)?;
        let span = self.regions.span(region)?;
        let block = self.regions.offset_of(address);
        let is_inside = is_aligned(address, GRANULE) && span.first <= block && block < span.end;
        is_inside.then_some(span)
    }
}
