//! Where a block enters the free list.
#![forbid(unsafe_code)]

/// The order of the free list: [`AddressOrder`] or [`Lifo`].
///
/// ```
/// use fit_strategies::{AddressOrder, Lifo, Order};
///
/// assert!(AddressOrder::SORTED && !Lifo::SORTED);
/// ```
pub trait Order: sealed::Sealed {
    /// Whether the list is kept sorted by address.
    const SORTED: bool;
}

/// Sorted by address: freeing walks the list, and first fit packs the heap towards its start.
///
/// ```
/// # use core::alloc::Layout;
/// # use core::mem::MaybeUninit;
/// # use core_api::{Allocator, Borrowed};
/// # use fit_strategies::{FirstFit, Heap, AddressOrder};
/// # let mut buffer = [MaybeUninit::uninit(); 256];
/// let mut heap = Heap::<FirstFit, _, AddressOrder>::new(Borrowed::new(&mut buffer));
/// assert!(heap.allocate(Layout::new::<u64>()).is_ok());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AddressOrder;

/// The block freed last comes first: freeing is O(1), and the list is as scattered as the frees.
///
/// ```
/// # use core::alloc::Layout;
/// # use core::mem::MaybeUninit;
/// # use core_api::{Allocator, Borrowed};
/// # use fit_strategies::{FirstFit, Heap, Lifo};
/// # let mut buffer = [MaybeUninit::uninit(); 256];
/// let mut heap = Heap::<FirstFit, _, Lifo>::new(Borrowed::new(&mut buffer));
/// assert!(heap.allocate(Layout::new::<u64>()).is_ok());
/// ```
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
