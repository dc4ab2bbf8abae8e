//! The page map: what each KiB of a region is used for. It lies apart from the pages, which hold blocks only.
//!
//! ```text
//!   unit      class  detail
//!   a slab's    7      0      the slab's first KiB
//!   a slab's    7      1      its second
//!   other       0    1..=5    free, being purged, cached, large, behind a guard; 0: no block starts here
//! ```

use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU32;

use crate::layout::units::UNITS_OF_PAGE;
use crate::primitive::{AtomicU16, Ordering};

/// Bytes of a kind.
pub(crate) const KIND: usize = 2;

/// Bytes of kinds for a page.
pub(crate) const KINDS_OF_PAGE: usize = UNITS_OF_PAGE * KIND;

/// The use of a unit, in two bytes: the class of its slab, and its distance from the slab's first unit. If the class is
/// 0 there is no slab, and the second byte tells the other use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind(u16);

/// No block starts here: the unit is inside a span, metadata, or was never used.
pub(crate) const NONE: Kind = Kind::special(0);
/// First or last page of a free span.
pub(crate) const FREE: Kind = Kind::special(1);
/// First page of a free span that is being purged, out of every bin.
pub(crate) const PURGING: Kind = Kind::special(2);
/// First page of a freed large block that lies in a span cache, not merged yet.
pub(crate) const CACHED: Kind = Kind::special(3);
/// First page of a block that has its pages for itself.
pub(crate) const LARGE: Kind = Kind::special(4);
/// In the hardened mode: first page of such a block, with a guard before it, with which the span begins.
pub(crate) const GUARDED: Kind = Kind::special(5);

impl Kind {
    const fn special(detail: u8) -> Self {
        Self(u16::from_ne_bytes([0, detail]))
    }

    /// The kind of the unit this many behind the first of a slab of this class.
    pub(crate) const fn slab(class: usize, distance: usize) -> Self {
        Self(u16::from_ne_bytes([class as u8, distance as u8]))
    }

    /// The kind of a unit, by the kinds of the region.
    ///
    /// # Safety
    ///
    /// The kinds begin at `kinds`, with one for this unit.
    #[inline(always)]
    pub(crate) unsafe fn read(kinds: *mut u8, unit: usize) -> Self {
        // SAFETY: by the caller's promise the kind is there; all threads use it as an atomic.
        let kind = unsafe { &*kinds.cast::<AtomicU16>().wrapping_add(unit) };
        Self(kind.load(Ordering::Relaxed))
    }

    /// The class, if it is a slab's.
    #[inline(always)]
    pub(crate) const fn class(self) -> Option<usize> {
        match self.0.to_ne_bytes() {
            [0, _] => None,
            [class, _] => Some(class as usize),
        }
    }

    /// How many units before this one its slab begins.
    pub(crate) const fn distance(self) -> usize {
        self.0.to_ne_bytes()[1] as usize
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
    /// The span's pages are zero: no thread wrote to them since they came from the OS.
    pub(crate) const CLEAN: u32 = 0;

    pub(crate) const fn is_clean(self) -> bool {
        self.since == Self::CLEAN
    }
}

/// One kind for each KiB, and one record for each page. A span sets only the kind of each page's first KiB.
///
/// Kinds are read by any thread that frees a block; everything is written with the heap's span
/// lock held, or by the owner for pages that are its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageMap {
    /// Where the kind of unit 0 would be; there may be none of the first units.
    kinds: *mut u8,
    records: NonNull<u8>,
}

impl PageMap {
    /// The map of no pages.
    pub(crate) const NONE: Self = Self {
        kinds: core::ptr::null_mut(),
        records: NonNull::dangling(),
    };

    /// A map with the kinds at `kinds`, `first_page`'s first, and the records at `records`, page 0's first.
    ///
    /// # Safety
    ///
    /// Kinds of as many units and [`Record`]s of as many pages as are ever asked for follow, zero at first.
    pub(crate) unsafe fn new(kinds: NonNull<u8>, first_page: usize, records: NonNull<u8>) -> Self {
        Self {
            kinds: kinds.as_ptr().wrapping_sub(first_page * KINDS_OF_PAGE),
            records,
        }
    }

    pub(crate) fn unit_kind(&self, unit: usize) -> Kind {
        // SAFETY: by the promise in `new` there is a kind for each unit.
        unsafe { Kind::read(self.kinds, unit) }
    }

    fn set_unit_kind(&self, unit: usize, kind: Kind) {
        // SAFETY: as in `unit_kind`.
        let place = unsafe { &*self.kinds.cast::<AtomicU16>().wrapping_add(unit) };
        place.store(kind.0, Ordering::Relaxed);
    }

    /// Makes the units a slab of this class.
    pub(crate) fn begin_slab(&self, units: Range<usize>, class: usize) {
        for (distance, unit) in units.enumerate() {
            self.set_unit_kind(unit, Kind::slab(class, distance));
        }
    }

    /// Ends the slab that has these units.
    pub(crate) fn end_slab(&self, units: Range<usize>) {
        units.for_each(|unit| self.set_unit_kind(unit, NONE));
    }

    pub(crate) fn kind(&self, page: usize) -> Kind {
        self.unit_kind(page * UNITS_OF_PAGE)
    }

    pub(crate) fn set_kind(&self, page: usize, kind: Kind) {
        self.set_unit_kind(page * UNITS_OF_PAGE, kind);
    }

    pub(crate) fn record(&self, page: usize) -> Record {
        // Acquire: whoever finds a run by this length sees the run's own kind and record.
        let len = self.len(page).load(Ordering::Acquire);
        let place = self.record_at(page);
        // SAFETY: by the promise in `new` there is a record for each page, zero at first.
        unsafe {
            Record {
                len,
                next: (&raw const (*place).next).read(),
                prev: (&raw const (*place).prev).read(),
                since: (&raw const (*place).since).read(),
            }
        }
    }

    pub(crate) fn set_record(&self, page: usize, record: Record) {
        let place = self.record_at(page);
        // SAFETY: as in `record`; the caller holds the span lock, or owns the pages.
        unsafe {
            (&raw mut (*place).next).write(record.next);
            (&raw mut (*place).prev).write(record.prev);
            (&raw mut (*place).since).write(record.since);
        }
        self.set_len(page, record.len);
    }

    /// Sets the length of a span that is the caller's own. Runs that lie behind the new length are described by now.
    pub(crate) fn set_len(&self, page: usize, len: u32) {
        self.len(page).store(len, Ordering::Release);
    }

    /// The length in a record: its owner may change it while the holder of the span lock reads it.
    fn len(&self, page: usize) -> &AtomicU32 {
        // SAFETY: as in `record`; the length is the first field, and only this atomic touches it.
        unsafe { &*self.record_at(page).cast() }
    }

    fn record_at(&self, page: usize) -> *mut Record {
        self.records.cast::<Record>().as_ptr().wrapping_add(page)
    }
}
