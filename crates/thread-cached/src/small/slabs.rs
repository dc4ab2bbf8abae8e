//! The slabs of each class: which have free blocks, and when a slab changes its standing.
//!
//! Free blocks outside the magazines wait in the record of their slab. A heap that needs blocks takes the whole list
//! of one slab, so consecutive allocations lie side by side. snmalloc
//! (Liétar et al., "snmalloc: A Message Passing Allocator", 2019) and mimalloc (Leijen, Zorn and de Moura,
//! "Mimalloc: Free List Sharding in Action", 2019) shard their lists so.

use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::heap::owned::Owned;
use crate::heap::slab_record::{SlabRecord, Standing};
use crate::layout::classes;
use crate::layout::units::{PAGE, UNIT_LOG2};
use crate::link;
use crate::pages::page_map::Kind;
use crate::small::runs;
use crate::small::slab::Slab;
use crate::small::slab_pages;

/// A slab is listed when one in this many of its blocks is free, …
const PARTS_TO_WAKE: usize = 8;

/// … or this many.
const MOST_TO_WAKE: usize = 8;

/// Bytes of spare slabs that a class keeps; one slab at least.
const SPARE_BYTES: usize = 64 << 10;

/// Free blocks that a slab needs before it is listed.
fn wake(class: usize, record: &SlabRecord) -> u16 {
    let n = classes::slab_blocks(class) / PARTS_TO_WAKE;
    (n.clamp(1, MOST_TO_WAKE) as u16).min(record.n_carved())
}

/// Takes all waiting blocks of one slab of a class. Returns the first, and their number.
#[inline]
pub(crate) fn take(heap: Owned<'_>, class: usize) -> Option<(NonNull<u8>, usize)> {
    let record = match heap.class_state(class).listed.get() {
        0 => heap.record(take_spare(heap, class)?),
        first => {
            let record = heap.record(first);
            unlink(heap, class, record);
            record
        }
    };
    record.set_standing(Standing::Out);
    let first = heap.at(record.free());
    record.set_free(0);
    Some((first, usize::from(record.n_free.replace(0))))
}

fn link_first(heap: Owned<'_>, class: usize, at: u32, record: &SlabRecord) {
    let next = heap.class_state(class).listed.replace(at);
    record.next.set(next);
    record.prev.set(0);
    if next != 0 {
        heap.record(next).prev.set(at);
    }
}

fn unlink(heap: Owned<'_>, class: usize, record: &SlabRecord) {
    let (next, prev) = (record.next.get(), record.prev.get());
    match prev {
        0 => heap.class_state(class).listed.set(next),
        prev => heap.record(prev).next.set(next),
    }
    if next != 0 {
        heap.record(next).prev.set(prev);
    }
}

/// Lists a slab that has enough free blocks; makes it spare, or gives it up, if all of its blocks are free.
#[inline(never)]
fn update_standing(heap: Owned<'_>, class: usize, at: u32) {
    let record = heap.record(at);
    if record.standing() == Standing::Out {
        record.set_standing(Standing::Listed);
        link_first(heap, class, at, record);
    }
    if record.is_all_free() {
        unlink(heap, class, record);
        keep_or_give_up(heap, class, at);
    }
}

/// Lists every slab that has a free block. O(pages of the heap).
pub(crate) fn wake_all(heap: Owned<'_>) {
    runs::each(heap.heap_ref(), |run| {
        if let Some(slab) = run.slab() {
            let (at, class) = (slab.unit(), slab.class);
            let record = heap.record(at);
            if record.standing() == Standing::Out && record.n_free.get() > 0 {
                record.set_standing(Standing::Listed);
                link_first(heap, class, at, record);
            }
        }
    });
}

fn keep_or_give_up(heap: Owned<'_>, class: usize, at: u32) {
    let (of_class, record) = (heap.class_state(class), heap.record(at));
    let n = of_class.n_spare.get();
    let slab_bytes = classes::slab_pages(class) * PAGE;
    if n > 0 && (n as usize + 1) * slab_bytes > SPARE_BYTES {
        return slab_pages::give_up(heap, Slab::at(heap.heap_ref(), at));
    }
    record.set_standing(Standing::Spare);
    record.next.set(of_class.spare.replace(at));
    of_class.n_spare.set(n + 1);
}

fn take_spare(heap: Owned<'_>, class: usize) -> Option<u32> {
    let of_class = heap.class_state(class);
    let at = of_class.spare.get();
    if at == 0 {
        return None;
    }
    of_class.spare.set(heap.record(at).next.get());
    of_class.n_spare.set(of_class.n_spare.get() - 1);
    Some(at)
}

/// Gives up the spare slabs of a class.
#[inline(never)]
pub(crate) fn give_up_spares(heap: Owned<'_>, class: usize) {
    while let Some(spare) = take_spare(heap, class) {
        slab_pages::give_up(heap, Slab::at(heap.heap_ref(), spare));
    }
}

/// Puts a chain of this heap's blocks of one class, which ends in null, back into their slabs. Neighbours in the chain
/// that share a slab go back together. A broken chain ends the process. O(blocks).
pub(crate) fn put_back(heap: Owned<'_>, class: usize, first: *mut u8) {
    let (parts, map, described) = (heap.parts(), heap.page_map(), heap.described());
    let (in_subpages, in_pages) = (Slab::len_of(class, true), Slab::len_of(class, false));
    let subpage_end = parts.subpage_end();
    let slab_of = |block| {
        let offset = heap.offset_of(block);
        let unit = offset >> UNIT_LOG2;
        if offset.wrapping_sub(described.start) < described.len() {
            let kind = map.unit_kind(unit);
            let distance = kind.distance();
            if kind == Kind::slab(class, distance) {
                return unit - distance;
            }
        }
        fatal(Misuse::CorruptHeader)
    };
    let mut rest = NonNull::new(first);
    while let Some(first) = rest {
        let at = slab_of(first);
        let record = heap.record_at(parts.slab_record(at));
        let len = if at < subpage_end {
            in_subpages
        } else {
            in_pages
        };
        let is_in_slab = |block| heap.offset_of(block).wrapping_sub(at << UNIT_LOG2) < len;
        let n_missing = record.n_carved() - record.n_free.get();
        let (mut last, mut n) = (first, 1);
        // SAFETY: the chain's blocks are free and linked (I3).
        unsafe {
            rest = NonNull::new(link::read(last));
            while let Some(block) = rest
                && n <= n_missing
                && is_in_slab(block)
            {
                (last, n) = (block, n + 1);
                rest = NonNull::new(link::read(last));
            }
            if n > n_missing {
                // One of them is free already.
                fatal(Misuse::DoubleFree);
            }
            link::write(last, waiting(heap, record));
            record.set_free(heap.offset_of(first));
        }
        let n_free = record.n_free.get() + n;
        record.n_free.set(n_free);
        let is_out = record.standing() == Standing::Out;
        if (is_out && n_free >= wake(class, record)) || record.is_all_free() {
            update_standing(heap, class, at as u32);
        }
    }
}

/// The first waiting block of a record; null if there is none.
pub(crate) fn waiting(heap: Owned<'_>, record: &SlabRecord) -> *mut u8 {
    match record.free() {
        0 => null_mut(),
        offset => heap.at(offset).as_ptr(),
    }
}
