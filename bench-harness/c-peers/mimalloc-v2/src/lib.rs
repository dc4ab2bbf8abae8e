//! The second version of mimalloc as a library to be preloaded.
//!
//! It has the symbols of the third version, so that one program cannot hold both. Here it is behind
//! C's names; mimalloc's own are not exported.

use std::ffi::{c_int, c_void};

use libmimalloc_sys as mi;

/// The alignment that `valloc` promises.
const PAGE: usize = 4096;

/// Exports a function under C's name that calls mimalloc's.
macro_rules! export {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty = $own:expr;)*) => {$(
        /// C's function of this name.
        ///
        /// # Safety
        ///
        /// As C says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type),*) -> $result {
            // SAFETY: mimalloc's function asks for what C's does.
            unsafe { $own }
        }
    )*};
}

export! {
    malloc(size: usize) -> *mut c_void = mi::mi_malloc(size);
    calloc(count: usize, size: usize) -> *mut c_void = mi::mi_calloc(count, size);
    realloc(block: *mut c_void, size: usize) -> *mut c_void = mi::mi_realloc(block, size);
    reallocarray(block: *mut c_void, count: usize, size: usize) -> *mut c_void = mi::mi_reallocn(block, count, size);
    free(block: *mut c_void) -> () = mi::mi_free(block);
    malloc_usable_size(block: *const c_void) -> usize = mi::mi_usable_size(block);
    posix_memalign(block: *mut *mut c_void, align: usize, size: usize) -> c_int = mi::mi_posix_memalign(block, align, size);
    aligned_alloc(align: usize, size: usize) -> *mut c_void = mi::mi_aligned_alloc(align, size);
    memalign(align: usize, size: usize) -> *mut c_void = mi::mi_malloc_aligned(size, align);
    valloc(size: usize) -> *mut c_void = mi::mi_malloc_aligned(size, PAGE);
    pvalloc(size: usize) -> *mut c_void = mi::mi_malloc_aligned(size.next_multiple_of(PAGE), PAGE);
}
