//! C++'s operators `new` and `delete`, in all forms.
//!
//! As long as there is memory, `new` is `malloc` under another name. When memory has run out, `new` jumps to
//! the C++ runtime's own `new` with unchanged arguments. The runtime's `new` tries again, calls the
//! new-handler as long as one is installed, and throws `std::bad_alloc`. No exception ever passes a frame of
//! this library.
//!
//! The jump is written for x86-64. On other targets the library exports no `new`: the runtime's own calls
//! our `malloc`.

use crate::exports::freeing;

freeing! {
    "_ZdlPv" by New;
    "_ZdlPvm" by New with size;
    "_ZdlPvRKSt9nothrow_t" by New;
    "_ZdlPvSt11align_val_t" by AlignedNew;
    "_ZdlPvmSt11align_val_t" by AlignedNew with size;
    "_ZdlPvSt11align_val_tRKSt9nothrow_t" by AlignedNew;
    "_ZdaPv" by NewArray;
    "_ZdaPvm" by NewArray with size;
    "_ZdaPvRKSt9nothrow_t" by NewArray;
    "_ZdaPvSt11align_val_t" by AlignedNewArray;
    "_ZdaPvmSt11align_val_t" by AlignedNewArray with size;
    "_ZdaPvSt11align_val_tRKSt9nothrow_t" by AlignedNewArray;
}

#[cfg(target_arch = "x86_64")]
mod new {
    use core::arch::naked_asm;
    use core::ffi::{CStr, c_void};
    use core::ptr::null_mut;

    use crate::errno::{self, Outcome};
    use crate::family;
    use crate::message::die;
    use crate::served::Served;
    use crate::stage::HEAP;
    use crate::tier::{self, Door};
    use crate::{replaced, runtime};

    /// Returns a block, or null, on which the caller jumps to the runtime. Leaves `errno` to the runtime, too.
    fn block_or_null(run: impl FnOnce() -> Outcome) -> *mut c_void {
        errno::kept_by_stage(run).map_or(null_mut(), |block| block.as_ptr().cast())
    }

    /// Returns a block that the hardened heap has ready, if it serves, else the result of `otherwise`.
    #[inline(always)]
    fn ready(size: usize, door: Door, otherwise: fn(usize) -> *mut c_void) -> *mut c_void {
        match tier::take_at_hand(size, door) {
            Some(block) => block.as_ptr().cast(),
            None => otherwise(size),
        }
    }

    extern "C" fn plain(size: usize) -> *mut c_void {
        #[inline(never)]
        fn fully(size: usize) -> *mut c_void {
            block_or_null(|| family::allocate_by(size, Door::New))
        }
        ready(size, Door::New, fully)
    }

    extern "C" fn array(size: usize) -> *mut c_void {
        #[inline(never)]
        fn fully(size: usize) -> *mut c_void {
            block_or_null(|| family::allocate_by(size, Door::NewArray))
        }
        ready(size, Door::NewArray, fully)
    }

    extern "C" fn aligned(size: usize, align: usize) -> *mut c_void {
        block_or_null(|| family::allocate_aligned_by(align, size, Door::AlignedNew))
    }

    extern "C" fn aligned_array(size: usize, align: usize) -> *mut c_void {
        block_or_null(|| family::allocate_aligned_by(align, size, Door::AlignedNewArray))
    }

    /// Ends the process when there is no memory and no runtime: `new` must not return null.
    unsafe extern "C-unwind" fn refuse() -> *mut c_void {
        die("operator new is out of memory, and no C++ runtime is there to throw")
    }

    /// Returns null: `new (std::nothrow)` without memory and without a runtime.
    unsafe extern "C-unwind" fn return_null() -> *mut c_void {
        null_mut()
    }

    /// Returns a small block if one is at hand, else the result of `otherwise`.
    #[inline(always)]
    fn at_hand(size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        Served::malloc_or(&HEAP, size, otherwise)
    }

    /// Returns the result of `otherwise`: no block at hand is known to have a larger alignment.
    #[inline(always)]
    fn none(size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        otherwise(size)
    }

    /// Exports operators. Each tries three steps: a block at hand; the function `$attempt`; a jump to the
    /// runtime's own operator with unchanged arguments.
    ///
    /// The first step calls the second as a function that does not unwind, so that the compiler turns the call into
    /// a jump, which leaves no frame. An unoptimised build keeps the call; its frame has nothing to clean up, so
    /// exceptions pass it.
    macro_rules! operator_new {
        ($($symbol:literal is $first:ident, or $attempt:ident, or else $without:ident;)*) => {
            $(const _: () = {
                extern "C" fn find() -> *mut c_void {
                    replaced::note();
                    const SYMBOL: &[u8] = concat!($symbol, "\0").as_bytes();
                    let symbol = CStr::from_bytes_with_nul(SYMBOL).unwrap_or_default();
                    os::keeping_errno(|| runtime::find(symbol))
                }

                #[unsafe(export_name = $symbol)]
                extern "C" fn operator(size: usize, second: usize) -> *mut u8 {
                    $first(size, |size| attempt(size, second))
                }

                #[unsafe(naked)]
                extern "C" fn attempt(size: usize, second: usize) -> *mut u8 {
                    // Three pushes and the return address keep the stack at a multiple of 16.
                    naked_asm!(
                        ".cfi_startproc",
                        "push rdi",
                        ".cfi_adjust_cfa_offset 8",
                        "push rsi",
                        ".cfi_adjust_cfa_offset 8",
                        "push rdx",
                        ".cfi_adjust_cfa_offset 8",
                        "call {attempt}",
                        "test rax, rax",
                        "jz 2f",
                        "add rsp, 24",
                        ".cfi_adjust_cfa_offset -24",
                        "ret",
                        "2:",
                        ".cfi_adjust_cfa_offset 24",
                        "call {find}",
                        "pop rdx",
                        ".cfi_adjust_cfa_offset -8",
                        "pop rsi",
                        ".cfi_adjust_cfa_offset -8",
                        "pop rdi",
                        ".cfi_adjust_cfa_offset -8",
                        "test rax, rax",
                        "jz 3f",
                        "jmp rax",
                        "3:",
                        "jmp {without}",
                        ".cfi_endproc",
                        attempt = sym $attempt,
                        find = sym find,
                        without = sym $without,
                    )
                }
            };)*
        };
    }

    operator_new! {
        "_Znwm" is at_hand, or plain, or else refuse;
        "_Znam" is at_hand, or array, or else refuse;
        "_ZnwmRKSt9nothrow_t" is at_hand, or plain, or else return_null;
        "_ZnamRKSt9nothrow_t" is at_hand, or array, or else return_null;
        "_ZnwmSt11align_val_t" is none, or aligned, or else refuse;
        "_ZnamSt11align_val_t" is none, or aligned_array, or else refuse;
        "_ZnwmSt11align_val_tRKSt9nothrow_t" is none, or aligned, or else return_null;
        "_ZnamSt11align_val_tRKSt9nothrow_t" is none, or aligned_array, or else return_null;
    }
}
