//! The compact trace format: any bytes are an error or a trace; what is written is read back; and
//! a file with one changed byte is noticed. Going through it frame by frame, from its beginning or
//! from any call on, gives the same calls.

#![no_main]

use std::io::Cursor;

use alloc_trace::compact::{self, Live, Reader};
use alloc_trace::{Builder, Columns, Op, Trace};
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
    let trace = builder.finish("fuzz");
    let columns = columns_of(&trace, data);
    Trace { columns, ..trace }
}

/// Columns out of the same bytes; the first says which there are.
fn columns_of(trace: &Trace, data: &[u8]) -> Columns {
    let which = data.first().copied().unwrap_or_default();
    let number = |index: usize| u64::from(data[index % data.len()]);
    let calls = |bit: u8| (0..trace.ops.len()).filter(move |_| which >> bit & 1 == 1);
    let is_free = |index: usize| !matches!(trace.ops[index], Op::Allocate { .. });
    Columns {
        threads: calls(0).map(|index| number(index / 4) as u16).collect(),
        gaps: calls(1)
            .map(|index| number(index) << (index % 56))
            .collect(),
        sized: calls(2)
            .map(|index| is_free(index) && number(index) % 2 == 0)
            .collect(),
    }
}

/// Any bytes, gone through from any call on.
fn go_through(data: &[u8], from: u64) {
    let Ok(mut reader) = Reader::new(Cursor::new(data)) else {
        return;
    };
    let Ok(blocks) = reader.seek_live(from) else {
        return;
    };
    let mut live: Option<Live> = None;
    while let Ok(Some(frame)) = reader.next_frame() {
        let live = live.get_or_insert_with(|| Live::at(frame.first_block, &blocks));
        for call in &frame.calls {
            let _ = live.apply(call);
        }
    }
    let _ = reader.seek(from).and_then(|()| reader.next_frame());
}

fuzz_target!(|data: &[u8]| {
    let _ = compact::read_prefix(data, "fuzz");
    go_through(data, data.len() as u64);
    let [place @ .., change] = data.get(..3).unwrap_or(&[0, 0, 0]) else {
        return;
    };
    let trace = trace_of(data.get(3..).unwrap_or(&[]));
    let Ok(mut bytes) = compact::write(&trace) else {
        return;
    };
    assert_eq!(compact::read(&bytes, "fuzz").ok().as_ref(), Some(&trace));
    go_through(&bytes, trace.ops.len() as u64 / 2);

    let place = usize::from(u16::from_le_bytes([place[0], place[1]])) % bytes.len();
    bytes[place] ^= change;
    if *change != 0 {
        assert!(
            compact::read(&bytes, "fuzz").is_err(),
            "byte {place} may change"
        );
        go_through(&bytes, u64::from(*change));
    }
});
