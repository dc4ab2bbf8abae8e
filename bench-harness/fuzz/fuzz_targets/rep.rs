//! Any bytes as a `.rep` file: an error or a valid trace, and the same trace from its calls again.

#![no_main]

use alloc_trace::rep::{self, Strictness};
use alloc_trace::{Trace, compact};
use libfuzzer_sys::fuzz_target;

fn survives_the_compact_format(trace: &Trace) {
    if let Ok(bytes) = compact::write(trace) {
        assert_eq!(
            compact::read(&bytes, &trace.name).ok().as_ref(),
            Some(trace)
        );
    }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(trace) = rep::read(data, "fuzz", Strictness::Lenient) {
        survives_the_compact_format(&trace);
    } else {
        assert!(
            rep::read(data, "fuzz", Strictness::Strict).is_err(),
            "strict took what lenient refused"
        );
    }
    if let Ok((trace, _)) = rep::read_prefix(data, "fuzz") {
        survives_the_compact_format(&trace);
    }
});
