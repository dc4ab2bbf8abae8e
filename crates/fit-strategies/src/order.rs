//! Where a block enters the free list.
#![forbid(unsafe_code)]

/// The order of the free list: [`AddressOrder`] or [`Lifo`].
///
/// ```
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{AllocError, Allocator, Borrowed};
/// use fit_strategies::{AddressOrder, FirstFit, FitHeap, Lifo, Order};
///
/// /// Frees the first, then the third of four blocks, and asks for one: which it gets.
/// fn taken<O: Order>() -> Result<usize, AllocError> {
///     let mut buffer = [MaybeUninit::uninit(); 256];
///     let mut heap = FitHeap::<_, FirstFit, O>::new(Borrowed::new(&mut buffer));
///     let layout = Layout::new::<u64>();
///     let mut place = || heap.allocate(layout).map(|block| block.cast());
///     let blocks = [place()?, place()?, place()?, place()?];
///     for freed in [blocks[0], blocks[2]] {
///         // SAFETY: the block is live, and not used again.
///         unsafe { heap.deallocate(freed, layout) };
///     }
///     let block = heap.allocate(layout)?.cast();
///     Ok(blocks.iter().position(|&other| other == block).expect("one of the two"))
/// }
/// assert_eq!((taken::<AddressOrder>(), taken::<Lifo>()), (Ok(0), Ok(2)));
/// ```
pub trait Order: sealed::Sealed {
    /// Whether the list is kept sorted by address.
    const SORTED: bool;
}

/// Sorted by address: freeing walks the list, and first fit packs the heap towards its start.
#[derive(Clone, Copy, Debug)]
pub struct AddressOrder;

/// The block freed last comes first: freeing is O(1), and the list is as scattered as the frees.
#[derive(Clone, Copy, Debug)]
pub struct Lifo;

impl Order for AddressOrder {
    const SORTED: bool = true;
}

impl Order for Lifo {
    const SORTED: bool = false;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AddressOrder {}
    impl Sealed for super::Lifo {}
}
