//! The heap's memory: takes regions from the source, and turns offsets into pointers.

use core::ptr::NonNull;

use core_api::align::{checked_round_up, round_up};
use core_api::{Growth, Region, Source};

use crate::bins::{Bin, bin_of};
use crate::header::Header;
use crate::{Granules, Offset};

/// The regions of a heap, and offsets into them in granules.
///
/// All offsets count granules relative to the first region. If the source has one region, that region starts at
/// offset 0. Other sources may hand out regions below the first one; then the first region starts at the
/// offset in the middle of the range, and the heap finds a region by comparing addresses.
pub(crate) struct Regions<S, const GRANULE: usize> {
    /// The pointer to offset 0, with the first region's provenance.
    pub(super) origin: *mut u8,
    /// Granules of the first region that blocks can use.
    first_len: Granules,
    first: Region,
    /// The record of the newest region; `None` if there is only the first.
    newest: Option<NonNull<Record>>,
    pub(crate) source: S,
}

/// The record at the start of every region but the first.
#[derive(Clone, Copy)]
struct Record {
    region: Region,
    older: Option<NonNull<Record>>,
}

/// The blocks of one region: the offset of the first one, and the end of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: Offset,
    pub(crate) end: Offset,
}

// SAFETY: the pointers point into regions that the heap owns, and only the heap's methods use them.
unsafe impl<S: Send, const GRANULE: usize> Send for Regions<S, GRANULE> {}

impl<S: Source, const GRANULE: usize> Regions<S, GRANULE> {
    /// Whether there can be more than one region.
    pub(crate) const MANY: bool = matches!(S::GROWTH, Growth::Regions);

    /// The offset where the first region, and with it the first list head, starts.
    pub(crate) const HEADS: Offset = if Self::MANY && usize::BITS > 32 {
        1 << 31
    } else {
        0
    };

    /// The most granules of a region.
    const MAX_LEN: Granules = {
        let longest = S::MAX_REGION / GRANULE;
        if longest < Header::MAX_SIZE as usize {
            longest as Granules
        } else {
            Header::MAX_SIZE
        }
    };

    /// Granules between the last list head and the first block, for the first block's header. With granules
    /// of 16 bytes or more, the header fits in the granule of the last head, behind its two links.
    const AFTER_HEADS: Granules = if GRANULE >= 16 { 0 } else { 1 };

    pub(crate) const fn new(source: S) -> Self {
        const { assert!(GRANULE.is_power_of_two() && GRANULE >= 8) };
        Self {
            origin: core::ptr::null_mut(),
            first_len: 0,
            first: Region::EMPTY,
            newest: None,
            source,
        }
    }

    /// Returns the pointer to `offset`. Needs one comparison for blocks of the first region, and a walk over
    /// the newer regions for others.
    #[inline]
    pub(crate) fn at(&self, offset: Offset) -> *mut u8 {
        let here = self
            .origin
            .wrapping_add((offset as usize).wrapping_mul(GRANULE));
        // A header lies before its offset. So offset `HEADS` does not belong to the first region: it can be the
        // end of a region that lies right in front of it.
        if !Self::MANY || offset.wrapping_sub(Self::HEADS + 1) < self.first_len {
            here
        } else {
            self.at_slow(here.addr())
        }
    }

    #[cold]
    fn at_slow(&self, address: usize) -> *mut u8 {
        // The place of the header decides: the end of one region may be the start of another.
        let owner = self
            .iter()
            .find(|region| region.contains(address - Self::TAG));
        owner.unwrap_or(self.first).at(address)
    }

    /// Returns the offset of an address in a region.
    #[inline]
    pub(crate) fn offset_of(&self, address: usize) -> Offset {
        (address.wrapping_sub(self.origin.addr()) / GRANULE) as Offset
    }

    /// Returns the address of an offset.
    #[inline]
    pub(crate) fn address_of(&self, offset: Offset) -> usize {
        let distance = (offset as usize).wrapping_mul(GRANULE);
        self.origin.addr().wrapping_add(distance)
    }

    /// Returns whether there is no region yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Returns the regions, newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Region> {
        let records =
            core::iter::successors(self.newest().map(read), |record| record.older.map(read));
        let first = Some(self.first).filter(|region| !region.is_empty());
        records.map(|record| record.region).chain(first)
    }

    /// Returns the granules of all regions together, at most `u32::MAX`. O(regions).
    pub(crate) fn len(&self) -> Granules {
        let n_granules = self
            .iter()
            .map(|region| region.len() / GRANULE)
            .sum::<usize>();
        n_granules.min(Granules::MAX as usize) as Granules
    }

    /// Returns the region that the top is in.
    pub(crate) fn last(&self) -> Region {
        self.newest()
            .map_or(self.first, |record| read(record).region)
    }

    /// Returns the record of the newest region; `None` if there is only the first.
    #[inline]
    fn newest(&self) -> Option<NonNull<Record>> {
        self.newest.filter(|_| Self::MANY)
    }

    /// Returns the region that `address` lies in.
    pub(crate) fn find(&self, address: usize) -> Option<Region> {
        self.iter().find(|region| region.contains(address))
    }

    /// Returns the number of bins: no block is longer than its region.
    pub(crate) fn n_bins(&self) -> Bin {
        let longest = match S::GROWTH {
            Growth::Never => self.first_len,
            _ => Self::MAX_LEN,
        };
        bin_of(longest) + 1
    }

    /// Returns the span for blocks in `region`; `None` if the region is too short for its metadata, or out of
    /// an offset's reach.
    pub(crate) fn span(&self, region: Region) -> Option<Span> {
        if !Self::MANY || region.start() == self.first.start() {
            return self.first_span();
        }
        let record = checked_round_up(region.start(), align_of::<Record>())?;
        let metadata = record.checked_add(size_of::<Record>() + Self::TAG)?;
        let first = self.checked_offset_of(checked_round_up(metadata, GRANULE)?)?;
        let end = self.checked_offset_of(region.end()).unwrap_or(Offset::MAX);
        let len = end.checked_sub(first)?.min(Self::MAX_LEN);
        Some(Span {
            first,
            end: first + len,
        })
    }

    /// As [`span`](Self::span), for the first region.
    #[inline]
    fn first_span(&self) -> Option<Span> {
        let metadata = self.n_bins() + Self::AFTER_HEADS;
        (metadata <= self.first_len).then_some(Span {
            first: Self::HEADS + metadata,
            end: Self::HEADS + self.first_len,
        })
    }

    /// As `offset_of`, but `None` for addresses out of an offset's reach.
    fn checked_offset_of(&self, address: usize) -> Option<Offset> {
        let distance = address.wrapping_sub(self.origin.addr());
        Offset::try_from(distance / GRANULE).ok()
    }

    /// Asks the source for a region that holds a block of `size` granules.
    ///
    /// Returns a region to the source if it is too short or out of an offset's reach.
    pub(crate) fn acquire(&mut self, size: Granules) -> Option<Span> {
        let is_first = self.is_empty();
        if !is_first && !Self::MANY {
            return None;
        }
        let metadata = match (is_first, S::GROWTH) {
            (true, Growth::Never) => 0,
            (true, _) => (self.n_bins() + 3) as usize * GRANULE,
            (false, _) => round_up(size_of::<Record>(), GRANULE) + 3 * GRANULE,
        };
        let len = (size as usize)
            .checked_mul(GRANULE)?
            .checked_add(metadata)?;
        let region = self.source.acquire(len)?;
        let span = match is_first {
            true => {
                self.set_origin(region);
                self.first_span()
            }
            false => self.span(region),
        };
        if span.is_none() {
            // SAFETY: the source returned the region just now, and nothing refers to it.
            unsafe { self.source.release(region) };
        } else if is_first {
            self.first = region;
        } else {
            self.push(region);
        }
        span
    }

    /// Sets the origin of the offsets from `region`, the first one.
    fn set_origin(&mut self, region: Region) {
        let distance = (Self::HEADS as usize).wrapping_mul(GRANULE);
        let start = round_up(region.start(), GRANULE);
        let n_granules = region.end().saturating_sub(start) / GRANULE;
        self.origin = region.at(start).wrapping_sub(distance);
        self.first_len = n_granules.min(Self::MAX_LEN as usize) as Granules;
    }

    fn push(&mut self, region: Region) {
        let address = round_up(region.start(), align_of::<Record>());
        let place = region.at(address).cast::<Record>();
        let record = Record {
            region,
            older: self.newest,
        };
        // SAFETY: `span` found room for an aligned record before the first block of the region.
        unsafe { place.write(record) };
        self.newest = NonNull::new(place);
    }

    /// Asks the source to extend the last region by `size` granules; returns the new span.
    pub(crate) fn extend(&mut self, size: Granules) -> Option<Span> {
        if matches!(S::GROWTH, Growth::Never) || self.first.is_empty() {
            return None;
        }
        let by = (size as usize).checked_mul(GRANULE)?;
        let last = self.last();
        // SAFETY: `last` is the region as the source returned it last: every call stores the source's answer.
        let longer = unsafe { self.source.extend(last, by) }?;
        self.set_last(longer);
        self.span(longer)
    }

    /// Gives up to `by` bytes at the end of the last region back; returns the new span.
    ///
    /// # Safety
    ///
    /// No block lies in these bytes.
    pub(crate) unsafe fn release_tail(&mut self, by: usize) -> Option<Span> {
        let last = self.last();
        // SAFETY: `last` is the region as the source returned it last; the caller promises that nothing uses
        // the bytes.
        let shorter = unsafe { self.source.release_tail(last, by) };
        self.set_last(shorter);
        self.span(shorter)
    }

    fn set_last(&mut self, region: Region) {
        let Some(record) = self.newest() else {
            self.set_origin(region);
            self.first = region;
            return;
        };
        let record = region.at(record.addr().get()).cast::<Record>();
        // SAFETY: the record of the last region stays at its address: the region's start does not move.
        unsafe { (*record).region = region };
        self.newest = NonNull::new(record);
    }

    /// Gives every region back.
    ///
    /// # Safety
    ///
    /// Nothing uses the heap or its blocks again.
    pub(crate) unsafe fn release_all(&mut self) {
        let mut record = self.newest.take();
        while let Some(newest) = record {
            let Record { region, older } = read(newest);
            record = older;
            // SAFETY: the region is as the source returned it last; by the caller's promise nothing uses it.
            unsafe { self.source.release(region) };
        }
        if !self.first.is_empty() {
            // SAFETY: as above.
            unsafe { self.source.release(self.first) };
            self.first = Region::EMPTY;
        }
    }
}

fn read(record: NonNull<Record>) -> Record {
    // SAFETY: `push` writes a record before it stores the pointer, and no block overlaps the record (I1).
    unsafe { record.read() }
}
