//! The program's allocator, by feature.

#[cfg(feature = "bump")]
mod bump;
#[cfg(any(feature = "bump", feature = "coalescing", feature = "headerless"))]
mod memory;
#[cfg(any(feature = "coalescing", feature = "headerless"))]
mod stage;

#[cfg(feature = "bump")]
#[global_allocator]
static HEAP: bump::Bump = bump::Bump::new();

#[cfg(feature = "coalescing")]
#[global_allocator]
static HEAP: stage::Alone<coalescing::CoalescingHeap<stage::Growing>> =
    stage::Alone::new(coalescing::CoalescingHeap::new(stage::Growing));

#[cfg(feature = "headerless")]
#[global_allocator]
static HEAP: stage::Alone<headerless::HeaderlessHeap<stage::Once>> =
    stage::Alone::new(headerless::HeaderlessHeap::new(stage::Once));

#[cfg(feature = "ladder")]
#[global_allocator]
static HEAP: malloc_ladder::Wasm = malloc_ladder::Wasm::new();

#[cfg(feature = "lol_alloc")]
#[global_allocator]
static HEAP: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    // SAFETY: the program has one thread.
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

#[cfg(feature = "rlsf")]
#[global_allocator]
static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();

#[cfg(feature = "rlsf-small")]
#[global_allocator]
static HEAP: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(feature = "talc")]
#[global_allocator]
static HEAP: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(feature = "wasmalloc")]
#[global_allocator]
static HEAP: wasmalloc::WasmAlloc = wasmalloc::WasmAlloc::new();
