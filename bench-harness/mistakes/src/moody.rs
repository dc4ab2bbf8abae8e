//! A source and a fit policy that break their contracts if they are told to.

use std::hint::black_box;
use std::sync::atomic::{AtomicU8, Ordering};

use core_api::{Growth, Region, Source, StaticHeap};
use fit_strategies::{Candidate, Fit};

static MEMORY: StaticHeap<{ 64 << 20 }> = StaticHeap::new();

static MOOD: AtomicU8 = AtomicU8::new(GOOD);
const GOOD: u8 = 0;
const SOURCE_PANICS: u8 = 1;
const SOURCE_ALLOCATES: u8 = 2;
const POLICY_PANICS: u8 = 3;

/// Has one of them make the mistake, if it is theirs.
pub(crate) fn prepare(mistake: &str) {
    let mood = match mistake {
        "source-panics" => SOURCE_PANICS,
        "source-allocates" => SOURCE_ALLOCATES,
        "policy-panics" => POLICY_PANICS,
        _ => GOOD,
    };
    MOOD.store(mood, Ordering::Relaxed);
}

/// Whether this is the mood, which changes then.
fn is_mood(mood: u8) -> bool {
    let good = MOOD.compare_exchange(mood, GOOD, Ordering::Relaxed, Ordering::Relaxed);
    good.is_ok()
}

/// All of `MEMORY`, once.
pub(crate) struct Moody;

// SAFETY: the region is that of a static heap, if there is one; what else it does is the mistake.
unsafe impl Source for Moody {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        if is_mood(SOURCE_PANICS) {
            panic!("the source of memory panics");
        }
        if is_mood(SOURCE_ALLOCATES) {
            drop(black_box(Box::new(1_u64)));
        }
        (&MEMORY).acquire(min_len)
    }
}

/// First fit.
pub(crate) struct MoodyFit;

impl Fit for MoodyFit {
    const NEW: Self = Self;

    fn choose<C: Candidate>(
        &mut self,
        _: usize,
        mut candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        if is_mood(POLICY_PANICS) {
            panic!("the policy panics");
        }
        candidates.find(C::fits)
    }
}
