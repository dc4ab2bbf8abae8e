//! Who gets huge pages, and that their holes go back.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::time::{Duration, Instant};

use crate::support::{passes_with_huge_pages, resident};
use core_api::{Allocator, Inspect};
use thread_cached::{HugePages, ThreadCached};

const MIB: usize = 1 << 20;

const LAYOUT: Layout = Layout::new::<[u64; 32]>();

/// Blocks of 256 bytes, `total` bytes of them, all written to.
fn blocks(heap: &mut ThreadCached, total: usize) -> Vec<NonNull<u8>> {
    let block = |_| {
        let block = heap.allocate(LAYOUT).expect("memory").cast::<u8>();
        // SAFETY: the block has that many bytes.
        unsafe { block.write_bytes(1, LAYOUT.size()) };
        block
    };
    (0..total / LAYOUT.size()).map(block).collect()
}

fn free(heap: &mut ThreadCached, block: NonNull<u8>) {
    // SAFETY: the tests here free live blocks, once.
    unsafe { heap.deallocate(block, LAYOUT) };
}

/// Bytes of this process that are in huge pages.
fn huge() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux");
    let line = rollup.lines().find(|line| line.starts_with("AnonHuge"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.expect("a number").parse::<usize>().expect("a number") << 10
}

/// Whether the system gives huge pages to who asks, and to nobody else.
fn system_is_asked() -> bool {
    let path = "/sys/kernel/mm/transparent_hugepage/enabled";
    std::fs::read_to_string(path).is_ok_and(|modes| modes.contains("[madvise]"))
}

/// Whether it gives them as well: not if free memory is in pieces, or something else forbids it.
fn system_gives() -> bool {
    let len = 64 * MIB;
    // SAFETY: a mapping of its own, written to from its start to its end.
    unsafe {
        let (rights, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        let start = libc::mmap(core::ptr::null_mut(), len, rights, flags, -1, 0);
        assert_ne!(start, libc::MAP_FAILED);
        libc::madvise(start, len, libc::MADV_HUGEPAGE);
        start.write_bytes(1, len);
        let given = huge();
        libc::munmap(start, len);
        given >= len / 2
    }
}

#[test]
fn nobody_asks_if_nothing_is_said() {
    passes_with_huge_pages("nobody_asks_if_nothing_is_said", || {
        blocks(&mut ThreadCached::new(), 64 * MIB);
        assert!(!system_is_asked() || huge() == 0);
    });
}

#[test]
fn an_adaptive_heap_asks_when_it_is_large() {
    passes_with_huge_pages("an_adaptive_heap_asks_when_it_is_large", || {
        let gives = system_is_asked() && system_gives();
        let mut heap = ThreadCached::new();
        heap.use_huge_pages(HugePages::Adaptive);
        let start = resident();
        blocks(&mut heap, 16 * MIB);
        assert!(!system_is_asked() || huge() == 0, "a small process");
        blocks(&mut heap, 80 * MIB);
        assert!(!gives || huge() > 16 * MIB, "{}", huge());
        // The blocks' addresses, one huge page that is not full, and when hardened states and canaries.
        let grown = resident() - start;
        let most = if cfg!(feature = "hardened") { 130 } else { 110 };
        assert!(grown < most * MIB, "{grown} bytes for 96 MiB");
        heap.check().expect("a sound heap");
    });
}

#[test]
fn large_blocks_that_are_hardly_touched_have_none() {
    passes_with_huge_pages("large_blocks_that_are_hardly_touched_have_none", || {
        let mut heap = ThreadCached::new();
        heap.use_huge_pages(HugePages::Adaptive);
        blocks(&mut heap, 64 * MIB);
        let start = resident();
        let large = Layout::array::<u8>(4 * MIB).expect("a layout");
        for _ in 0..32 {
            let block = heap.allocate(large).expect("memory").cast::<u8>();
            for offset in (0..large.size()).step_by(64 << 10) {
                // SAFETY: the block has that many bytes.
                unsafe { block.add(offset).write(1) };
            }
            // New slabs between the large blocks.
            blocks(&mut heap, 16 << 10);
        }
        let grown = resident() - start;
        assert!(
            !system_is_asked() || grown < 20 * MIB,
            "{grown} bytes for 8 MiB of 128"
        );
        heap.check().expect("a sound heap");
    });
}

#[test]
fn holes_in_huge_pages_go_back_when_they_are_many() {
    passes_with_huge_pages("holes_in_huge_pages_go_back_when_they_are_many", || {
        let mut heap = ThreadCached::new();
        heap.use_huge_pages(HugePages::Adaptive);
        let start = resident();
        let blocks = blocks(&mut heap, 96 * MIB);
        let peak = resident() - start;
        // A page of sixteen blocks in eight stays.
        let (kept, freed): (Vec<_>, Vec<_>) = (0..blocks.len()).partition(|i| i % 128 < 16);
        freed.iter().for_each(|&i| free(&mut heap, blocks[i]));
        let begin = Instant::now();
        while resident() - start > peak / 2 {
            assert!(begin.elapsed() < Duration::from_secs(30), "{}", resident());
            for _ in 0..1000 {
                let block = heap.allocate(LAYOUT).expect("memory").cast();
                free(&mut heap, block);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        heap.check().expect("a sound heap");
        for &i in &kept {
            // SAFETY: live, and filled with ones.
            assert_eq!(unsafe { blocks[i].add(LAYOUT.size() - 1).read() }, 1);
            free(&mut heap, blocks[i]);
        }
    });
}

#[test]
fn blocks_with_a_mapping_have_them_if_all_are_to_have_them() {
    let name = "blocks_with_a_mapping_have_them_if_all_are_to_have_them";
    passes_with_huge_pages(name, || {
        let gives = system_is_asked() && system_gives();
        let mut heap = ThreadCached::new();
        let layout = Layout::array::<u8>(64 * MIB).expect("a layout");
        let touch = |heap: &mut ThreadCached| {
            let block = heap.allocate(layout).expect("memory").cast::<u8>();
            // SAFETY: the block has that many bytes.
            unsafe { block.write_bytes(1, layout.size()) };
            block
        };
        let block = touch(&mut heap);
        assert!(!system_is_asked() || huge() == 0, "nobody asked");
        // SAFETY: live, with its layout.
        unsafe { heap.deallocate(block, layout) };
        heap.use_huge_pages(HugePages::Always);
        touch(&mut heap);
        assert!(!gives || huge() > 32 * MIB, "{}", huge());
    });
}
