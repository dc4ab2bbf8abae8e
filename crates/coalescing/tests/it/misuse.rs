//! Frees that are wrong, as far as the headers tell.

use crate::common::{Strict, bytes, heap, take_block};
use core::alloc::Layout;
use core::ptr::NonNull;
use core_api::{Fixed, Inspect, Misuse};

/// Frees a block of `size` bytes, header included.
fn try_free(heap: &mut Strict<Fixed>, block: NonNull<u8>, size: usize) -> Result<(), Misuse> {
    // SAFETY: the tests free live blocks, or make the mistakes that are found.
    unsafe { heap.try_deallocate(block, bytes(size - 4)) }
}

#[test]
fn a_good_free_succeeds() {
    let mut heap = heap(4096);
    let block = take_block(&mut heap, 32);
    assert_eq!(try_free(&mut heap, block, 32), Ok(()));
    heap.check().expect("a sound heap");
}

/// Whatever the block was merged with when it was freed.
#[test]
fn a_second_free_is_seen() {
    for freed in [&[][..], &[0], &[2], &[0, 2], &[3], &[2, 3], &[0, 2, 3]] {
        let mut heap = heap(4096);
        let blocks: Vec<_> = (0..4).map(|_| take_block(&mut heap, 32)).collect();
        for &index in freed {
            assert_eq!(try_free(&mut heap, blocks[index], 32), Ok(()));
        }
        assert_eq!(try_free(&mut heap, blocks[1], 32), Ok(()));
        for index in freed.iter().copied().chain([1]) {
            let again = try_free(&mut heap, blocks[index], 32);
            assert_eq!(again, Err(Misuse::DoubleFree), "after {freed:?} and 1");
        }
        heap.check().expect("nothing was changed");
    }
}

#[test]
fn foreign_addresses_are_seen() {
    let mut heap = heap(4096);
    let mut local = 0_u64;
    let outside = NonNull::from(&mut local).cast::<u8>();
    assert_eq!(
        try_free(&mut heap, outside, 16),
        Err(Misuse::ForeignPointer)
    );
    let block = take_block(&mut heap, 32);
    assert_eq!(
        try_free(&mut heap, outside, 16),
        Err(Misuse::ForeignPointer)
    );
    let unaligned = block.map_addr(|address| address | 3);
    assert_eq!(
        try_free(&mut heap, unaligned, 16),
        Err(Misuse::ForeignPointer)
    );
    let before_all = block.map_addr(|address| (address.get() - 64).try_into().expect("not 0"));
    assert_eq!(
        try_free(&mut heap, before_all, 16),
        Err(Misuse::ForeignPointer)
    );
    heap.check().expect("nothing was changed");
}

#[test]
fn overwritten_headers_are_seen() {
    for garbage in [u32::MAX, 1, 0x4141_4141, 0x7FFF_FFFF] {
        let mut heap = heap(4096);
        let block = take_block(&mut heap, 32);
        let victim = take_block(&mut heap, 32);
        take_block(&mut heap, 32);
        // SAFETY: an overrun of `block` by four bytes, which stay inside the region.
        unsafe { block.add(28).cast::<u32>().write(garbage) };
        let result = try_free(&mut heap, victim, 32);
        assert_eq!(result, Err(Misuse::CorruptHeader), "{garbage:#x}");
    }
}

#[test]
fn a_layout_of_another_size_is_seen() {
    let mut heap = heap(4096);
    let block = take_block(&mut heap, 32);
    assert_eq!(try_free(&mut heap, block, 40), Err(Misuse::CorruptHeader));
    assert_eq!(try_free(&mut heap, block, 24), Err(Misuse::CorruptHeader));
    let huge = Layout::from_size_align(isize::MAX as usize, 1).expect("a valid layout");
    // SAFETY: a mistake that is found.
    let result = unsafe { heap.try_deallocate(block, huge) };
    assert_eq!(result, Err(Misuse::CorruptHeader));
    assert_eq!(try_free(&mut heap, block, 32), Ok(()));
}

#[test]
fn corruption_is_reported_with_its_invariant() {
    let mut heap = heap(4096);
    let block = take_block(&mut heap, 32);
    let next = take_block(&mut heap, 32);
    assert_eq!(heap.check(), Ok(()));
    let header = block.map_addr(|address| (address.get() + 28).try_into().expect("not 0"));
    // SAFETY: the header of the next block lies in the region.
    unsafe { header.cast::<u32>().write(4 << 2 | 1) };
    let corruption = heap.check().expect_err("the previous-used bit is wrong");
    assert!(corruption.invariant.starts_with("I2"), "{corruption}");
    assert_eq!(corruption.address, next.addr().get() - 4);
}
