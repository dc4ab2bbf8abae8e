//! Large blocks: one mapping each, given back as they are freed and resized by `mremap`.

use core::alloc::Layout;

use core_api::align::{checked_round_up, padding};
use core_api::{AllocError, Corruption, Misuse};

use crate::os::{self, Mapping};
use crate::table::Table;

/// The direct mappings of one heap. The payload is the whole mapping: there is no header, what
/// `free` needs to know stands in the table.
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

    /// Number of live mappings.
    pub(crate) const fn count(&self) -> usize {
        self.table.len()
    }

    /// Bytes of live mappings.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The table's own pages.
    pub(crate) const fn table(&self) -> Mapping {
        self.table.slots()
    }

    /// A new mapping for `layout`, whose bytes are zero. Two system calls more if the alignment
    /// is larger than an OS page.
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
    /// If a mapping starts there, nobody uses it again.
    pub(crate) unsafe fn unmap(&mut self, address: usize) -> Result<usize, Misuse> {
        let mapping = self.table.remove(address).ok_or(Misuse::ForeignPointer)?;
        self.bytes -= mapping.len();
        // SAFETY: by I3 and I4 the pages are those of this one block; the caller is done with it.
        unsafe { mapping.unmap() };
        Ok(mapping.len())
    }

    /// The mapping that starts at `address`.
    pub(crate) fn get(&self, address: usize) -> Option<Mapping> {
        self.table.get(address)
    }

    /// Makes the mapping at `address` `new_size` bytes long, rounded up to whole OS pages; pages
    /// that are added are zero, pages that go are given back. O(pages) at most, when the kernel
    /// has to move page tables; the bytes themselves are never copied.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no such mapping or the system refuses; nothing has changed.
    ///
    /// # Safety
    ///
    /// After a success, the old block is used only where it lies in the mapping returned.
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
        // SAFETY: by I3 and I4 the pages are those of this one block; the caller's promise.
        let new = unsafe { old.resized(new_len, may_move) }.ok_or(AllocError)?;
        self.table.remove(address);
        self.table.insert(new);
        self.bytes = self.bytes - old.len() + new_len;
        Ok(new)
    }

    /// Every live mapping once, in no particular order.
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
        Err(Corruption {
            invariant: "I5: the table's counts are those of its entries",
            address: self.table.slots().start(),
        })
    }
}

impl Drop for DirectMappings {
    fn drop(&mut self) {
        for mapping in self.iter() {
            // SAFETY: the heap is gone, and with it every block; by I3 each comes up once.
            unsafe { mapping.unmap() };
        }
    }
}

/// `size` rounded up to whole OS pages, at least one; `None` beyond what a mapping can be.
fn whole_pages(size: usize) -> Option<usize> {
    checked_round_up(size.max(1), os::page_size()).filter(|&len| len <= isize::MAX as usize)
}

/// `len` bytes at a multiple of `align`: maps as much more as the worst place would need, and
/// gives both ends back.
fn map_aligned(len: usize, align: usize) -> Option<Mapping> {
    let page = os::page_size();
    if align <= page {
        return Mapping::committed(len);
    }
    let mapped = Mapping::committed(len.checked_add(align - page)?)?;
    let (head, rest) = mapped.split_at(padding(mapped.start(), align));
    let (aligned, tail) = rest.split_at(len);
    // SAFETY: nobody has seen these addresses yet.
    unsafe {
        head.unmap();
        tail.unmap();
    }
    Some(aligned)
}

fn fail_if(broken: Option<Mapping>, invariant: &'static str) -> Result<(), Corruption> {
    match broken {
        None => Ok(()),
        Some(mapping) => Err(Corruption {
            invariant,
            address: mapping.start(),
        }),
    }
}
