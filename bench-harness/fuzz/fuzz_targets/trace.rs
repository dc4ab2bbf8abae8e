//! The compact trace format: any bytes are an error or a trace; what is written is read back; and
//! a file with one changed byte is noticed.

#![no_main]

use bench_harness::trace::{Builder, Trace, compact};
use libfuzzer_sys::fuzz_target;

/// A valid trace out of any bytes: four for each call.
fn trace_of(data: &[u8]) -> Trace {
    let mut builder = Builder::new();
    let mut live = Vec::new();
    for call in data.chunks_exact(4) {
        let size = usize::from(u16::from_le_bytes([call[1], call[2]])) << (call[3] % 8);
        let which = usize::from(call[1]).checked_rem(live.len());
        match (call[0] % 4, which) {
            (0, Some(which)) => {
                let _ = builder.free(live.swap_remove(which));
            }
            (1, Some(which)) => {
                let _ = builder.resize(live[which], size);
            }
            _ => live.extend(builder.allocate(size)),
        }
    }
    builder.finish("fuzz")
}

fuzz_target!(|data: &[u8]| {
    let _ = compact::read_prefix(data, "fuzz");
    let [place @ .., change] = data.get(..3).unwrap_or(&[0, 0, 0]) else {
        return;
    };
    let trace = trace_of(data.get(3..).unwrap_or(&[]));
    let Ok(mut bytes) = compact::write(&trace) else {
        return;
    };
    assert_eq!(compact::read(&bytes, "fuzz").ok().as_ref(), Some(&trace));

    let place = usize::from(u16::from_le_bytes([place[0], place[1]])) % bytes.len();
    bytes[place] ^= change;
    if *change != 0 {
        assert!(
            compact::read(&bytes, "fuzz").is_err(),
            "byte {place} may change"
        );
    }
});
