//! What a trace asks for.

use crate::trace::{Op, Trace};

/// Sums over the calls of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) allocations: u64,
    pub(super) resizes: u64,
    /// Bytes of all allocations, and those by which resizes make blocks larger.
    pub(super) allocated: u64,
    /// The most bytes that are live at once.
    pub(super) peak_live: u64,
}

impl Calls {
    /// Those of `trace`.
    pub(super) fn of(trace: &Trace) -> Self {
        let mut calls = Self::default();
        let mut sizes = vec![0_u64; trace.n_slots];
        let mut live = 0;
        for op in &trace.ops {
            let (slot, size) = match *op {
                Op::Allocate { slot, size, .. } => {
                    calls.allocations += 1;
                    (slot, size as u64)
                }
                Op::Resize { slot, size } => {
                    calls.resizes += 1;
                    (slot, size as u64)
                }
                Op::Free { slot } => (slot, 0),
            };
            let old = std::mem::replace(&mut sizes[slot as usize], size);
            calls.allocated += size.saturating_sub(old);
            live = live + size - old;
            calls.peak_live = calls.peak_live.max(live);
        }
        calls
    }

    /// Each with its name.
    pub(super) fn figures(self) -> [(&'static str, f64); 4] {
        [
            ("allocations", self.allocations as f64),
            ("resizes", self.resizes as f64),
            ("allocated", self.allocated as f64),
            ("peak_live", self.peak_live as f64),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::rep::{self, Strictness};

    #[test]
    fn calls_and_bytes_are_counted() {
        let text = "20000\n2\n5\n1\na 0 100\na 1 200\nr 0 150\nf 1\nf 0\n";
        let trace = rep::read(text.as_bytes(), "t", Strictness::Strict).unwrap();
        let calls = Calls {
            allocations: 2,
            resizes: 1,
            allocated: 350,
            peak_live: 350,
        };
        assert_eq!(Calls::of(&trace), calls);
    }
}
