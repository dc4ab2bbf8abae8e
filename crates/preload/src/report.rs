//! The report on the heap: as text, as JSON, and in the forms of C's functions.

use core_api::HeapStats;
use thread_cached::{ClassStats, SizeClassStats};

use crate::c_library;
use crate::counts::{self, Requests};
use crate::files::{self, Resident};
use crate::out::Out;
use crate::{heap, stage};

/// The numbers of one report. They can disagree slightly: other threads may allocate between the sums and
/// the size classes.
pub(crate) struct Report {
    requests: Option<Requests>,
    sums: HeapStats,
    size_classes: Option<SizeClassStats>,
    resident: Resident,
}

impl Report {
    /// Collects the numbers. O(blocks).
    pub(crate) fn new() -> Self {
        Self {
            requests: counts::requests(),
            sums: heap::sums(),
            size_classes: heap::size_classes(),
            resident: files::resident(),
        }
    }

    /// Writes two lines for people, and one for each size class that has slabs.
    pub(crate) fn text(&self, out: &mut Out) {
        let (process, mut name) = (c_library::process(), [0; 16]);
        let (name, stage) = (files::program_name(&mut name), stage::NAME);
        out.add(format_args!(
            "malloc-ladder: process {process} ({name}), {stage}: "
        ));
        if let Some(Requests { n, bytes }) = self.requests {
            out.add(format_args!("{n} requests for {bytes} bytes, "));
        }
        let HeapStats {
            n_used,
            used,
            n_free,
            free,
            overhead,
            heap,
            ..
        } = self.sums;
        let Resident { now, peak } = self.resident;
        out.add(format_args!(
            "{n_used} blocks of {used} bytes live\n\
             malloc-ladder: footprint: {now} bytes resident, {peak} at most; heap of {heap} bytes, \
             {free} of them free in {n_free} blocks, {overhead} of headers and other metadata; fragmentation {:.3}\n",
            self.sums.external_fragmentation(),
        ));
        for class in self.classes() {
            let ClassStats {
                block_size,
                n_slabs,
                n_used,
                n_free,
                n_unseen,
                ..
            } = *class;
            out.add(format_args!(
                "malloc-ladder: blocks of {block_size}: {n_used} live, {n_free} free, {n_unseen} of \
                 other threads, in {n_slabs} slabs\n"
            ));
        }
    }

    /// Writes one line of JSON. The book has a table of its fields.
    pub(crate) fn json(&self, out: &mut Out) {
        self.json_of_process(out);
        self.json_of_heap(out);
        if let Some(size_classes) = &self.size_classes {
            let (large, direct) = (size_classes.large, size_classes.direct);
            out.add(format_args!(
                ",\"large_blocks\":{},\"large\":{},\"direct_blocks\":{},\"direct\":{},\"classes\":[",
                large.n, large.bytes, direct.n, direct.bytes
            ));
            for (index, class) in self.classes().enumerate() {
                let ClassStats {
                    block_size,
                    n_slabs,
                    n_used,
                    n_free,
                    n_unseen,
                    ..
                } = *class;
                let comma = if index == 0 { "" } else { "," };
                out.add(format_args!(
                    "{comma}{{\"block_size\":{block_size},\"slabs\":{n_slabs},\"live\":{n_used},\
                     \"free\":{n_free},\"unseen\":{n_unseen}}}"
                ));
            }
            out.add(format_args!("]"));
        }
        out.add(format_args!("}}\n"));
    }

    fn json_of_process(&self, out: &mut Out) {
        let mut name = [0; 16];
        let (process, stage) = (c_library::process(), stage::NAME);
        out.add(format_args!("{{\"process\":{process},\"program\":\""));
        json_text(files::program_name(&mut name), out);
        out.add(format_args!("\",\"stage\":\"{stage}\""));
        if let Some(Requests { n, bytes }) = self.requests {
            out.add(format_args!(",\"requests\":{n},\"requested\":{bytes}"));
        }
    }

    fn json_of_heap(&self, out: &mut Out) {
        let HeapStats {
            heap,
            used,
            free,
            overhead,
            largest_free,
            n_used,
            n_free,
            ..
        } = self.sums;
        let Resident { now, peak } = self.resident;
        let fragmentation = self.sums.external_fragmentation();
        out.add(format_args!(
            ",\"live_blocks\":{n_used},\"live\":{used},\"free_blocks\":{n_free},\"free\":{free},\
             \"largest_free\":{largest_free},\"overhead\":{overhead},\"heap\":{heap},\
             \"fragmentation\":{fragmentation:.6},\"resident\":{now},\"peak_resident\":{peak}"
        ));
    }

    /// Iterates over the size classes that have slabs.
    fn classes(&self) -> impl Iterator<Item = &ClassStats> {
        let classes = self
            .size_classes
            .iter()
            .flat_map(|size_classes| size_classes.classes());
        classes.filter(|class| class.n_slabs > 0)
    }

    /// Returns the number of direct mappings, and their bytes.
    fn direct(&self) -> (usize, usize) {
        let direct = self
            .size_classes
            .as_ref()
            .map(|size_classes| size_classes.direct);
        direct.map_or((0, 0), |direct| (direct.n, direct.bytes))
    }

    /// Fills the fields of `mallinfo2` that have a meaning here; the others are 0.
    pub(crate) fn mallinfo(&self) -> libc::mallinfo2 {
        let (n_direct, direct) = self.direct();
        // SAFETY: `mallinfo2` has only integer fields, for which zero bytes are valid.
        let mut info: libc::mallinfo2 = unsafe { core::mem::zeroed() };
        info.arena = self.sums.heap.saturating_sub(direct);
        info.ordblks = self.sums.n_free;
        info.hblks = n_direct;
        info.hblkhd = direct;
        info.uordblks = (self.sums.used + self.sums.overhead).saturating_sub(direct);
        info.fordblks = self.sums.free;
        info.keepcost = self.sums.largest_free;
        info
    }

    /// Writes `malloc_info`'s XML with glibc's elements. It has one heap, and lists that heap's free blocks by
    /// size class; free blocks of no class are the rest.
    pub(crate) fn xml(&self, out: &mut Out) {
        out.add(format_args!(
            "<malloc version=\"1\">\n<heap nr=\"0\">\n<sizes>\n"
        ));
        let mut in_classes = (0, 0);
        for class in self.classes().filter(|class| class.n_free > 0) {
            let (size, count) = (class.block_size, class.n_free);
            out.add(format_args!(
                "  <size from=\"{size}\" to=\"{size}\" total=\"{}\" count=\"{count}\"/>\n",
                size * count
            ));
            in_classes = (in_classes.0 + count, in_classes.1 + size * count);
        }
        out.add(format_args!("</sizes>\n"));
        self.xml_totals(out, in_classes);
        out.add(format_args!("</heap>\n"));
        self.xml_totals(out, in_classes);
        out.add(format_args!("</malloc>\n"));
    }

    fn xml_totals(&self, out: &mut Out, (n_fast, fast): (usize, usize)) {
        let HeapStats {
            heap, free, n_free, ..
        } = self.sums;
        let (n_direct, direct) = self.direct();
        let (n_rest, rest) = (n_free.saturating_sub(n_fast), free.saturating_sub(fast));
        let heap = heap.saturating_sub(direct);
        out.add(format_args!(
            "<total type=\"fast\" count=\"{n_fast}\" size=\"{fast}\"/>\n\
             <total type=\"rest\" count=\"{n_rest}\" size=\"{rest}\"/>\n\
             <total type=\"mmap\" count=\"{n_direct}\" size=\"{direct}\"/>\n\
             <system type=\"current\" size=\"{heap}\"/>\n\
             <system type=\"max\" size=\"{heap}\"/>\n\
             <aspace type=\"total\" size=\"{heap}\"/>\n\
             <aspace type=\"mprotect\" size=\"{heap}\"/>\n"
        ));
    }
}

/// Writes text, escaped for a JSON string.
fn json_text(text: &str, out: &mut Out) {
    for character in text.chars() {
        match character {
            '"' | '\\' => out.add(format_args!("\\{character}")),
            control if control < ' ' => out.add(format_args!("\\u{:04x}", control as u32)),
            other => out.add(format_args!("{other}")),
        }
    }
}
