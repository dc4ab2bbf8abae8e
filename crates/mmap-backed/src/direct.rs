//! Large blocks: each has a mapping of its own, which a free unmaps and `mremap` resizes.

use core::alloc::Layout;

use core_api::align::{checked_round_up, padding};
use core_api::{AllocError, Corruption, Misuse};

use crate::mapping::Mapping;
use crate::table::Table;

/// The direct mappings of one heap. The payload is the whole mapping: there is no header, because the table
/// holds what `free` needs.
#[derive(Debug)]
pub(crate) struct DirectMappings {
    table: Table,
    bytes: usize,
}

impl DirectMappings {
    pub(crate) const fn new() -> Self {
        Self {
            table: Table::new(),
            bytes: 0,
        }
    }

    /// Returns the number of live mappings.
    pub(crate) const fn count(&self) -> usize {
        self.table.len()
    }

    /// Returns the bytes of live mappings.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the table's own pages.
    pub(crate) const fn table(&self) -> Mapping {
        self.table.slots()
    }

    /// Makes a new mapping for `layout`; its bytes are zero. Takes two more system calls if the alignment is
    /// larger than an OS page.
    pub(crate) fn map(&mut self, layout: Layout) -> Result<Mapping, AllocError> {
        let len = whole_pages(layout.size()).ok_or(AllocError)?;
        if !self.table.make_room() {
            return Err(AllocError);
        }
        let mapping = map_aligned(len, layout.align()).ok_or(AllocError)?;
        self.table.insert(mapping);
        self.bytes += len;
        Ok(mapping)
    }

    /// Gives the mapping at `address` back to the OS and returns its length.
    ///
    /// # Safety
    ///
    /// If a mapping starts there, nothing uses it again.
    pub(crate) unsafe fn unmap(&mut self, address: usize) -> Result<usize, Misuse> {
        let mapping = self.table.remove(address).ok_or(Misuse::ForeignPointer)?;
        self.bytes -= mapping.len();
        // SAFETY: by I3 and I4 the pages belong to this block only; by the caller's promise nothing uses it.
        unsafe { mapping.unmap() };
        Ok(mapping.len())
    }

    /// Returns the mapping that starts at `address`.
    pub(crate) fn get(&self, address: usize) -> Option<Mapping> {
        self.table.get(address)
    }

    /// Resizes the mapping at `address` to `new_size` bytes, rounded up to whole OS pages. Added pages are
    /// zero; removed pages go back to the OS. O(pages) at most, when the kernel has to move page table entries;
    /// it never copies the bytes.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no such mapping or the system refuses; nothing has changed.
    ///
    /// # Safety
    ///
    /// After a success, the caller uses the old block only where it lies in the returned mapping.
    pub(crate) unsafe fn resize(
        &mut self,
        address: usize,
        new_size: usize,
        may_move: bool,
    ) -> Result<Mapping, AllocError> {
        let old = self.table.get(address).ok_or(AllocError)?;
        let new_len = whole_pages(new_size).ok_or(AllocError)?;
        if new_len == old.len() {
            return Ok(old);
        }
        // SAFETY: by I3 and I4 the pages belong to this block only; the caller's promise is passed on.
        let new = unsafe { old.resized(new_len, may_move) }.ok_or(AllocError)?;
        self.table.remove(address);
        self.table.insert(new);
        self.bytes = self.bytes - old.len() + new_len;
        Ok(new)
    }

    /// Iterates over the live mappings, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Mapping> + '_ {
        self.table.iter()
    }

    /// Tests I3, I4 and I5; `heap` is the reservation. O(mappings²).
    pub(crate) fn check(&self, heap: Mapping) -> Result<(), Corruption> {
        self.check_each()?;
        self.check_disjoint(heap)?;
        self.check_sums()
    }

    fn check_each(&self) -> Result<(), Corruption> {
        let broken = self.iter().find(|mapping| {
            let whole = mapping.start() | mapping.len();
            !whole.is_multiple_of(os::page_size())
                || mapping.len() == 0
                || self.get(mapping.start()) != Some(*mapping)
        });
        fail_if(
            broken,
            "I3: a direct mapping is whole pages and found at its start",
        )
    }

    fn check_disjoint(&self, heap: Mapping) -> Result<(), Corruption> {
        let overlaps = |a: Mapping, b: Mapping| a.start() < b.end() && b.start() < a.end();
        let broken = self.iter().find(|&mapping| {
            let n_overlapping = self
                .iter()
                .filter(|&other| overlaps(mapping, other))
                .count();
            n_overlapping != 1 || overlaps(mapping, heap) || overlaps(mapping, self.table.slots())
        });
        fail_if(
            broken,
            "I4: direct mappings, reservation and table are disjoint",
        )
    }

    fn check_sums(&self) -> Result<(), Corruption> {
        let (n, bytes) = self
            .iter()
            .fold((0, 0), |(n, bytes), mapping| (n + 1, bytes + mapping.len()));
        if n == self.count() && bytes == self.bytes {
            return Ok(());
        }
        Err(Corruption::new(
            "I5: the table's counts are those of its entries",
            self.table.slots().start(),
        ))
    }
}

impl Drop for DirectMappings {
    fn drop(&mut self) {
        for mapping in self.iter() {
            // SAFETY: the heap is dropped, and its blocks with it; by I3 the iterator returns each mapping once.
            unsafe { mapping.unmap() };
        }
    }
}

/// Rounds `size` up to whole OS pages, at least one; `None` if the result is longer than a mapping can be.
fn whole_pages(size: usize) -> Option<usize> {
    checked_round_up(size.max(1), os::page_size()).filter(|&len| len <= isize::MAX as usize)
}

/// Maps `len` bytes at a multiple of `align`: maps enough for the worst address, and gives both ends back.
fn map_aligned(len: usize, align: usize) -> Option<Mapping> {
    let page = os::page_size();
    if align <= page {
        return Mapping::committed(len);
    }
    let mapped = Mapping::committed(len.checked_add(align - page)?)?;
    let (head, rest) = mapped.split_at(padding(mapped.start(), align));
    let (aligned, tail) = rest.split_at(len);
    // SAFETY: the mapping is new, and these two ends have not been handed out.
    unsafe {
        head.unmap();
        tail.unmap();
    }
    Some(aligned)
}

fn fail_if(broken: Option<Mapping>, invariant: &'static str) -> Result<(), Corruption> {
    match broken {
        None => Ok(()),
        Some(mapping) => Err(Corruption::new(invariant, mapping.start())),
    }
}
