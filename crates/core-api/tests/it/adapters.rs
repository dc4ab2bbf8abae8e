//! Every adapter forwards every method, and shares an allocator the way it says.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::cell::RefCell;

use crate::honest::Honest;
use core_api::adapters::{CriticalSection, LockApi};
use core_api::{
    AllocError, Allocator, Inspect, Local, Locked, RawLock, Reclaims, Region, SpinLock,
    forward_allocator,
};

thread_local! {
    static CALLS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// The calls that reached the inner allocator since this was last asked.
fn calls() -> Vec<&'static str> {
    CALLS.with_borrow_mut(core::mem::take)
}

/// Writes down which of its methods are called; they all do the least that they may.
struct Recording;

impl Recording {
    fn note(&self, method: &'static str) {
        CALLS.with_borrow_mut(|calls| calls.push(method));
    }
}

/// The one block of `Recording`; its bytes are never touched.
fn the_block() -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(NonNull::<u64>::dangling().cast(), 8)
}

// SAFETY: the tests below never touch the block, and there is only one.
unsafe impl Allocator for Recording {
    fn allocate(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.note("allocate");
        Ok(the_block())
    }
    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {
        self.note("deallocate");
    }
    fn allocate_zeroed(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.note("allocate_zeroed");
        Ok(the_block())
    }
    unsafe fn resize_in_place(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("resize_in_place");
        Ok(the_block())
    }
    unsafe fn grow(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("grow");
        Ok(the_block())
    }
    unsafe fn grow_zeroed(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("grow_zeroed");
        Ok(the_block())
    }
    unsafe fn shrink(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("shrink");
        Ok(the_block())
    }
    fn reclaims(&self) -> Reclaims {
        self.note("reclaims");
        Reclaims::LastBlock
    }
}

const EVERY_METHOD: [&str; 8] = [
    "allocate",
    "allocate_zeroed",
    "resize_in_place",
    "grow",
    "grow_zeroed",
    "shrink",
    "deallocate",
    "reclaims",
];

/// Calls each method once; each must reach the method of the same name, and only that.
#[track_caller]
fn forwards_every_method(mut adapter: impl Allocator) {
    let (small, large) = (Layout::new::<u32>(), Layout::new::<[u32; 2]>());
    let block = adapter.allocate(small).expect("a block").cast();
    adapter.allocate_zeroed(small).expect("a block");
    // SAFETY: `Recording` accepts every block and layout.
    unsafe {
        assert_eq!(adapter.resize_in_place(block, small, 8), Ok(the_block()));
        assert_eq!(adapter.grow(block, small, large), Ok(the_block()));
        assert_eq!(adapter.grow_zeroed(block, small, large), Ok(the_block()));
        assert_eq!(adapter.shrink(block, large, small), Ok(the_block()));
        adapter.deallocate(block, small);
    }
    assert_eq!(adapter.reclaims(), Reclaims::LastBlock);
    assert_eq!(calls(), EVERY_METHOD);
}

#[test]
fn a_reference_forwards() {
    forwards_every_method(&mut Recording);
}

#[test]
fn local_forwards() {
    forwards_every_method(&Local::new(Recording));
}

#[test]
fn locked_forwards() {
    forwards_every_method(&Locked::<_, SpinLock>::new(Recording));
    forwards_every_method(&Locked::<_, CriticalSection>::new(Recording));
    forwards_every_method(&Locked::<_, LockApi<TestMutex>>::new(Recording));
}

#[test]
fn the_forwarding_macro_forwards() {
    struct Wrapper<A>(A);
    // SAFETY: every method is the inner allocator's own.
    unsafe impl<A: Allocator> Allocator for Wrapper<A> {
        forward_allocator!(self => self.0, self.0);
    }
    forwards_every_method(Wrapper(Recording));
}

#[test]
fn global_alloc_forwards() {
    let locked = Locked::<_, SpinLock>::new(Recording);
    let layout = Layout::new::<u64>();
    // SAFETY: `Recording` accepts every block and layout; no size is 0.
    unsafe {
        let block = locked.alloc(layout);
        locked.alloc_zeroed(layout);
        locked.realloc(block, layout, 16);
        locked.realloc(block, layout, 8);
        locked.realloc(block, layout, 4);
        locked.dealloc(block, layout);
    }
    let expected = [
        "allocate",
        "allocate_zeroed",
        "grow",
        "grow",
        "shrink",
        "deallocate",
    ];
    assert_eq!(calls(), expected);
}

#[test]
fn global_alloc_refuses_sizes_that_form_no_layout() {
    let locked = Locked::<_, SpinLock>::new(Recording);
    let layout = Layout::new::<u64>();
    // SAFETY: `Recording` accepts every block and layout.
    unsafe {
        let block = locked.alloc(layout);
        assert!(locked.realloc(block, layout, isize::MAX as usize).is_null());
    }
    assert_eq!(calls(), ["allocate"]);
}

#[test]
fn allocator_api2_forwards() {
    use allocator_api2::alloc::Allocator as Api2;

    fn forwards(adapter: &impl Api2) {
        let (small, large) = (Layout::new::<u32>(), Layout::new::<[u32; 2]>());
        let block = adapter.allocate(small).expect("a block").cast();
        adapter.allocate_zeroed(small).expect("a block");
        // SAFETY: `Recording` accepts every block and layout.
        unsafe {
            adapter.grow(block, small, large).expect("a block");
            adapter.grow_zeroed(block, small, large).expect("a block");
            adapter.shrink(block, large, small).expect("a block");
            adapter.deallocate(block, small);
        }
        let expected = [
            "allocate",
            "allocate_zeroed",
            "grow",
            "grow_zeroed",
            "shrink",
            "deallocate",
        ];
        assert_eq!(calls(), expected);
    }
    forwards(&Local::new(Recording));
    forwards(&Locked::<_, SpinLock>::new(Recording));
}

#[test]
fn collections_live_in_a_heap() {
    let (local, _arena) = on_arena(Local::new);
    {
        let mut squares = allocator_api2::vec::Vec::new_in(&local);
        squares.extend((0..1000_u64).map(|n| n * n));
        let boxed = allocator_api2::boxed::Box::new_in([7_u8; 100], &local);
        assert!(local.inspect(|heap| heap.stats().used) >= 8100);
        assert_eq!(squares[999], 998_001);
        assert_eq!(boxed[99], 7);
    }
    assert_eq!(local.inspect(|heap| heap.stats().used), 0);
}

#[test]
fn local_refuses_to_be_reentered() {
    let (local, _arena) = on_arena(Local::new);
    let inner = local.inspect(|_| (&local).allocate(Layout::new::<u64>()));
    assert_eq!(inner, Err(AllocError));
    assert!((&local).allocate(Layout::new::<u64>()).is_ok());
}

#[test]
fn the_allocator_comes_back_out() {
    let (mut local, _arena) = on_arena(Local::new);
    assert_eq!(local.get_mut().stats().used, 0);
    let mut locked: Locked<Honest> = Locked::new(local.into_inner());
    assert_eq!(locked.get_mut().stats().used, 0);
    assert_eq!(locked.into_inner().stats().used, 0);
}

#[test]
fn a_panic_while_inspecting_leaves_the_lock_open() {
    let (locked, _arena) = on_arena(Locked::<Honest>::new);
    let look = || locked.inspect(|_| panic!("looking hurts"));
    let unwound = std::panic::catch_unwind(core::panic::AssertUnwindSafe(look));
    assert!(unwound.is_err());
    assert!((&locked).allocate(Layout::new::<u64>()).is_ok());
}

#[test]
fn threads_share_a_spin_lock() {
    threads_share::<SpinLock>();
}

#[test]
fn threads_share_a_critical_section() {
    threads_share::<CriticalSection>();
}

#[test]
fn threads_share_a_lock_api_mutex() {
    threads_share::<LockApi<TestMutex>>();
}

/// Threads allocate, fill, compare and free in one heap at the same time.
fn threads_share<R: RawLock + Send + Sync>() {
    let rounds = if cfg!(miri) { 20 } else { 300 };
    let (locked, _arena) = on_arena(Locked::<Honest, R>::new);
    std::thread::scope(|scope| {
        for id in 1..=4_u8 {
            let locked = &locked;
            scope.spawn(move || (0..rounds).for_each(|round| one_block(locked, id, round % 50)));
        }
    });
    assert_eq!(locked.inspect(|heap| heap.stats().used), 0);
}

/// Nobody else writes into a block while it is live.
fn one_block<R: RawLock>(mut heap: &Locked<Honest, R>, id: u8, size: usize) {
    let layout = Layout::from_size_align(size, 8).expect("a layout");
    let block = heap.allocate(layout).expect("room for four blocks");
    let (first, len) = (block.cast::<u8>(), block.len());
    // SAFETY: the block is live and has `len` bytes.
    unsafe {
        first.write_bytes(id, len);
        std::thread::yield_now();
        assert!((0..len).all(|offset| first.add(offset).read() == id));
        heap.deallocate(first, layout);
    }
}

/// An adapter around an allocator in 64 KiB, which the second value owns.
fn on_arena<T>(adapter: impl FnOnce(Honest) -> T) -> (T, Arena) {
    let arena = Arena(NonNull::from(Box::leak(
        vec![0_u8; 64 << 10].into_boxed_slice(),
    )));
    // SAFETY: the bytes are leaked until the arena is dropped, which is after the allocator.
    let region = unsafe { Region::new(arena.0.cast(), arena.0.len()) };
    (adapter(Honest::new(region)), arena)
}

/// Bytes that outlive the allocator in them.
struct Arena(NonNull<[u8]>);

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: leaked by `on_arena`, and nobody uses the region any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// A `lock_api` mutex: a flag and patience.
struct TestMutex(std::sync::atomic::AtomicBool);

// SAFETY: only the thread that turned the flag on returns from `lock`.
unsafe impl lock_api::RawMutex for TestMutex {
    const INIT: Self = Self(std::sync::atomic::AtomicBool::new(false));
    type GuardMarker = lock_api::GuardSend;

    fn lock(&self) {
        while !self.try_lock() {
            std::thread::yield_now();
        }
    }
    fn try_lock(&self) -> bool {
        !self.0.swap(true, std::sync::atomic::Ordering::Acquire)
    }
    unsafe fn unlock(&self) {
        self.0.store(false, std::sync::atomic::Ordering::Release);
    }
}
