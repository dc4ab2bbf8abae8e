//! Size-class statistics: counts the used and free blocks of each class, for reports.

use crate::front::global::ThreadCached;
use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::all;
use crate::heap::owned::Owned;
use crate::large::direct;
use crate::layout::classes::{self, N_CLASSES};
use crate::observe::access::{is_free, mark_free, with_access};
use crate::observe::marks::Marks;
use crate::pages::page_map::LARGE;
use crate::small::runs;
use crate::small::slab::Slab;

/// The statistics of one size class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassStats {
    /// Bytes of a block.
    pub block_size: usize,
    /// Slabs that are carved into blocks of this size.
    pub n_slabs: usize,
    /// Used blocks.
    pub n_used: usize,
    /// Free blocks.
    pub n_free: usize,
    /// Blocks, used or free, of heaps that other threads own now: only the owner can read their lists.
    pub n_unseen: usize,
}

/// A count of blocks and the sum of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockSum {
    /// Blocks.
    pub n: usize,
    /// Bytes of all of them.
    pub bytes: usize,
}

impl BlockSum {
    fn add(&mut self, bytes: usize) {
        self.n += 1;
        self.bytes += bytes;
    }
}

/// Size-class statistics of all threads' heaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeClassStats {
    classes: [ClassStats; N_CLASSES],
    /// Used blocks that have pages of a heap for themselves.
    pub large: BlockSum,
    /// Used blocks that have a mapping for themselves.
    pub direct: BlockSum,
    /// Runs of free pages, which any class and any large block can have.
    pub free_spans: BlockSum,
}

impl ThreadCached {
    /// Counts the blocks of each size. Allocates nothing. O(pages + free blocks).
    pub fn size_class_stats(&self) -> SizeClassStats {
        let mut census = SizeClassStats::empty();
        for heap in all::heaps() {
            with_access(heap, |owned| census.count(heap, owned));
        }
        let mapped = direct::mappings().chain(hardened::guarded_blocks());
        for (_, len) in mapped {
            census.direct.add(len);
        }
        census
    }
}

impl SizeClassStats {
    /// Returns the statistics of every size class, the smallest first.
    pub fn classes(&self) -> &[ClassStats] {
        &self.classes
    }

    fn empty() -> Self {
        let class = |index| ClassStats {
            block_size: classes::size_of(index + 1),
            ..ClassStats::default()
        };
        Self {
            classes: core::array::from_fn(class),
            large: BlockSum::default(),
            direct: BlockSum::default(),
            free_spans: BlockSum::default(),
        }
    }

    fn count(&mut self, heap: HeapRef, owned: Option<Owned<'_>>) {
        let marked = owned.map(|owned| (owned, mark_free(owned)));
        runs::each(heap, |run| {
            match run.slab() {
                Some(slab) => self.count_slab(marked, slab),
                None if run.kind == LARGE => self.large.add(run.len),
                None => self.free_spans.add(run.len),
            }
            if let Some((_, marks)) = marked {
                marks.clear(run);
            }
        });
    }

    fn count_slab(&mut self, marked: Option<(Owned<'_>, Marks<'_>)>, slab: Slab) {
        let n_blocks = slab.n_blocks();
        let counted = &mut self.classes[slab.class - 1];
        counted.n_slabs += 1;
        let Some((owned, marks)) = marked else {
            counted.n_unseen += n_blocks;
            return;
        };
        let carved_end = slab.offset + slab.n_carved(owned) * slab.size();
        let heap = owned.heap_ref();
        let is_free = |&offset: &usize| offset >= carved_end || is_free(heap, marks, offset);
        let n_free = slab.blocks().step_by(slab.size()).filter(is_free).count();
        counted.n_free += n_free;
        counted.n_used += n_blocks - n_free;
    }
}
