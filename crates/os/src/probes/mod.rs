//! Probes for tracers: a program that runs can be asked from outside who has its memory.
//!
//! The probes are those of OpenTelemetry's contract for allocators, as USDT (user-level statically defined tracing) on
//! x86-64 and AArch64; on other processors nothing can listen.
//!
//! | probe | arguments | when |
//! |---|---|---|
//! | `otel_memory:alloc` | block, bytes requested, bytes that the sample stands for | for a sample of the requests |
//! | `otel_memory:free` | block | when a block of that sample is freed |
//!
//! A tracer finds the call stack itself, at the moment of the probe. The layer above an allocator calls
//! [`Probes::allocated`] and [`Probes::freed`].

mod live;
#[cfg_attr(
    not(all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64"
    )),
    path = "silent.rs"
)]
mod note;
mod sampler;

use core::ptr::NonNull;

use live::Live;
pub use note::is_heard;
pub use sampler::Sampler;

/// Places of the table of [`Probes`], by default: at the default interval, half of them suffice for 8 GiB live.
pub const N_PLACES: usize = 1 << 15;

/// The state behind the two probes: which requests they report, and which blocks they reported.
///
/// The table of live reported blocks has `PLACES` places, a word each; no page of it is touched before a tracer
/// listens. If it is too small, some blocks of the sample seem to live on.
#[derive(Debug)]
pub struct Probes<const PLACES: usize = N_PLACES> {
    sampler: Sampler,
    live: Live<PLACES>,
}

impl<const PLACES: usize> Probes<PLACES> {
    /// Returns probes that reported nothing yet, and report one byte requested in [`Sampler::INTERVAL`].
    pub const fn new() -> Self {
        Self {
            sampler: Sampler::new(Sampler::INTERVAL),
            live: Live::new(),
        }
    }

    /// Returns what chooses the requests to report.
    pub const fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    /// Tells a tracer, perhaps, that a request for `size` bytes got `block`.
    #[inline]
    pub fn allocated(&self, block: NonNull<u8>, size: usize) {
        if is_heard() {
            self.sample(block.addr().get(), size);
        }
    }

    /// Tells a tracer that the block at `address`, if it was reported, is about to be freed or resized.
    #[inline]
    pub fn freed(&self, address: usize) {
        if is_heard() {
            self.forget(address);
        }
    }

    #[cold]
    #[inline(never)]
    fn sample(&self, address: usize, size: usize) {
        let n = self.sampler.choose(size);
        if n > 0 {
            self.live.insert(address);
            note::alloc::<PLACES>(address, size, n.saturating_mul(self.sampler.interval()));
        }
    }

    #[cold]
    #[inline(never)]
    fn forget(&self, address: usize) {
        if address != 0 && self.live.remove(address) {
            note::free::<PLACES>(address);
        }
    }
}

impl<const PLACES: usize> Default for Probes<PLACES> {
    fn default() -> Self {
        Self::new()
    }
}
