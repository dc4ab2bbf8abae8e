//! Mistakes that the header shows, and that they change nothing.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use core_api::{Allocator, Borrowed, Inspect, Misuse};
use freelist::{FreeList, HEADER};

const LAYOUT: Layout = Layout::new::<[u64; 8]>();

/// Runs `body` with a heap, one live block of zeroes in it, and a live neighbour.
fn with_block(body: impl FnOnce(&mut FreeList<Borrowed<'_>>, NonNull<u8>)) {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut heap = FreeList::new(Borrowed::new(&mut buffer));
    let block = heap.allocate_zeroed(LAYOUT).expect("room").cast();
    heap.allocate_zeroed(LAYOUT).expect("room");
    body(&mut heap, block);
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn a_double_free_is_seen() {
    with_block(|heap, block| {
        // SAFETY: live, then a double free, which is seen.
        unsafe {
            assert_eq!(heap.try_deallocate(block, LAYOUT), Ok(()));
            assert_eq!(heap.try_deallocate(block, LAYOUT), Err(Misuse::DoubleFree));
            assert_eq!(heap.try_free(block), Err(Misuse::DoubleFree));
        }
        assert_eq!(heap.stats().n_used, 1);
    });
}

#[test]
fn a_double_free_after_others_is_seen() {
    with_block(|heap, block| {
        let other = heap.allocate(LAYOUT).expect("room").cast();
        // SAFETY: two live blocks, then a double free, which is seen.
        unsafe {
            assert_eq!(heap.try_free(block), Ok(()));
            assert_eq!(heap.try_free(other), Ok(()));
            assert_eq!(heap.try_free(block), Err(Misuse::DoubleFree));
        }
    });
}

#[test]
fn pointers_outside_of_the_heap_are_seen() {
    let mut outside = 0_u64;
    let outside = NonNull::from(&mut outside).cast();
    with_block(|heap, block| {
        let start = heap.region().base();
        let end = heap.region().at_offset(heap.region().len());
        let top = end.wrapping_sub(heap.untouched());
        let beyond = [end, top.wrapping_add(64), top.wrapping_add(HEADER)].map(NonNull::new);
        for foreign in beyond
            .into_iter()
            .flatten()
            .chain([outside, NonNull::dangling(), start])
        {
            // SAFETY: an address outside of the blocks, which is seen.
            let misuse = unsafe { heap.try_free(foreign) };
            assert_eq!(misuse, Err(Misuse::ForeignPointer));
        }
        // SAFETY: still live.
        assert_eq!(unsafe { heap.try_free(block) }, Ok(()));
    });
}

#[test]
fn a_heap_without_memory_owns_nothing() {
    let mut buffer = [MaybeUninit::uninit(); 64];
    let block = NonNull::from(&mut buffer[16]).cast();
    let mut heap = FreeList::new(Borrowed::new(&mut buffer));
    // SAFETY: an address outside of the heap, which is seen.
    assert_eq!(unsafe { heap.try_free(block) }, Err(Misuse::ForeignPointer));
}

#[test]
fn pointers_into_a_payload_are_seen() {
    with_block(|heap, block| {
        for offset in [1, 4, 7, 8, 16, 63] {
            // SAFETY: within the block; the bytes before it are zeroes, which are no header.
            let misuse = unsafe { heap.try_free(block.add(offset)) };
            assert_eq!(misuse, Err(Misuse::ForeignPointer), "at offset {offset}");
        }
    });
}

#[test]
fn a_pad_is_no_block() {
    #[repr(align(16))]
    struct Buffer([MaybeUninit<u8>; 64]);
    let mut buffer = Buffer([MaybeUninit::uninit(); 64]);
    let mut heap = FreeList::new(Borrowed::new(&mut buffer.0));
    let aligned = Layout::from_size_align(16, 16).expect("a valid layout");
    heap.allocate(Layout::new::<u64>()).expect("room");
    let block = heap.allocate(aligned).expect("room").cast::<u8>();
    assert_eq!(
        block.addr().get() - heap.region().start(),
        32,
        "16 of block, 8 of pad, 8 of header"
    );
    // SAFETY: the address before which there is the pad, a mistake that is seen.
    let misuse = unsafe { heap.try_free(block.sub(HEADER)) };
    assert_eq!(misuse, Err(Misuse::ForeignPointer));
    assert_eq!(heap.check(), Ok(()));
}

#[test]
fn a_layout_larger_than_the_block_is_seen() {
    with_block(|heap, block| {
        let larger = Layout::new::<[u64; 9]>();
        // SAFETY: live; the layout is larger, which is seen.
        unsafe {
            assert_eq!(
                heap.try_deallocate(block, larger),
                Err(Misuse::CorruptHeader)
            );
            assert_eq!(heap.try_deallocate(block, LAYOUT), Ok(()));
        }
    });
}

#[test]
fn an_overwritten_size_is_seen() {
    with_block(|heap, block| {
        let header = heap.region().at(block.addr().get() - HEADER).cast::<u32>();
        // SAFETY: the heap's own bytes, spoiled and repaired as an overrun might.
        unsafe {
            let size = header.read();
            header.write(u32::MAX);
            assert_eq!(heap.try_free(block), Err(Misuse::CorruptHeader));
            header.write(1);
            assert_eq!(heap.try_free(block), Err(Misuse::ForeignPointer));
            header.write(size);
            assert_eq!(heap.try_free(block), Ok(()));
        }
    });
}
