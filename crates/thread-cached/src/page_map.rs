//! What each page of a region is used for, out of band: the pages themselves hold blocks only.

use core::ops::Range;
use core::ptr::NonNull;

use crate::primitive::{AtomicU8, Ordering};

/// A page has as many kinds, because small slabs share pages.
pub(crate) const UNITS_OF_PAGE: usize = 4;

/// No block starts here: an inner page of a span, a page of metadata, or never used.
pub(crate) const NONE: u8 = 0;
/// First or last page of a free span. Like the next ones, its highest bit is set: no class has that.
pub(crate) const FREE: u8 = 0x81;
/// First page of a free span that is being purged, out of every bin.
pub(crate) const PURGING: u8 = 0x82;
/// First page of a large block that was freed and is not merged yet.
pub(crate) const RESTING: u8 = 0x84;
/// First page of a block that has its pages for itself.
pub(crate) const LARGE: u8 = 0x83;

/// The kind of the pages of a slab: its class.
pub(crate) const fn slab_of(class: usize) -> u8 {
    class as u8
}

/// The class of a page's slab, if it is one's.
#[inline(always)]
pub(crate) const fn class_of(kind: u8) -> Option<usize> {
    if kind as i8 > 0 {
        Some(kind as usize)
    } else {
        None
    }
}

/// What is known of a span at its first page; at the last page of a free span only its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Record {
    /// Pages.
    pub(crate) len: u32,
    /// The next free span in its bin, 0 at the end.
    pub(crate) next: u32,
    /// The one before.
    pub(crate) prev: u32,
    /// Of a free span: when its pages were last used, or [`Record::CLEAN`].
    pub(crate) since: u32,
}

impl Record {
    /// Nobody wrote to the span's pages since they came from the OS: they are zero.
    pub(crate) const CLEAN: u32 = 0;

    pub(crate) const fn is_clean(self) -> bool {
        self.since == Self::CLEAN
    }
}

/// A kind for each unit, of which a span has the first one of its pages only, and a record for each
/// page.
///
/// Kinds are read by any thread that frees a block; everything is written with the heap's span
/// lock held, or by the owner for pages that are its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageMap {
    kinds: NonNull<u8>,
    records: NonNull<u8>,
}

impl PageMap {
    /// The map of no pages.
    pub(crate) const NONE: Self = Self {
        kinds: NonNull::dangling(),
        records: NonNull::dangling(),
    };

    /// The map whose kinds and records lie there.
    ///
    /// # Safety
    ///
    /// Kinds of as many units and [`Record`]s of as many pages as are ever asked for follow, zero at
    /// first.
    pub(crate) unsafe fn new(kinds: NonNull<u8>, records: NonNull<u8>) -> Self {
        Self { kinds, records }
    }

    fn entry(&self, unit: usize) -> &AtomicU8 {
        // SAFETY: by the promise in `new` there is a byte for each unit; bytes are atomics.
        unsafe { &*self.kinds.as_ptr().add(unit).cast::<AtomicU8>() }
    }

    pub(crate) fn unit_kind(&self, unit: usize) -> u8 {
        self.entry(unit).load(Ordering::Relaxed)
    }

    /// Sets the kinds of units of a slab.
    pub(crate) fn set_unit_kinds(&self, units: Range<usize>, kind: u8) {
        units.for_each(|unit| self.entry(unit).store(kind, Ordering::Relaxed));
    }

    pub(crate) fn kind(&self, page: usize) -> u8 {
        self.unit_kind(page * UNITS_OF_PAGE)
    }

    pub(crate) fn set_kind(&self, page: usize, kind: u8) {
        let unit = page * UNITS_OF_PAGE;
        self.entry(unit).store(kind, Ordering::Relaxed);
    }

    pub(crate) fn record(&self, page: usize) -> Record {
        // SAFETY: by the promise in `new` there is a record for each page, zero at first.
        unsafe { self.records.cast::<Record>().add(page).read() }
    }

    pub(crate) fn set_record(&self, page: usize, record: Record) {
        // SAFETY: as in `record`; whoever writes has the span lock.
        unsafe { self.records.cast::<Record>().add(page).write(record) }
    }
}
