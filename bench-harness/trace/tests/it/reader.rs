//! Tests of reading a file frame by frame: seeking, live blocks, skipped damage, and the memory budget.

use std::io::Cursor;

use alloc_trace::compact::{self, Call, Frame, Live, LiveBlock, MAX_FRAME_OPS, Reader};
use alloc_trace::{Cause, ColumnSet, Context, Provenance};

/// Enough calls for a record of live blocks and some frames after it.
const N_OPS: u64 = 20 * MAX_FRAME_OPS as u64 + 1000;

/// Makes a file in which a block lives for 50 allocations, except every thousandth block, which stays.
fn long_file() -> Vec<u8> {
    let mut writer =
        compact::Writer::new(Vec::new(), &Provenance::default(), ColumnSet::ALL).unwrap();
    for op in 0..N_OPS {
        let call = call_at(op, writer.live().n_blocks());
        let context = Context {
            thread: (op / 100 % 3) as u16,
            gap: op % 300,
            sized: matches!(call, Call::Free { block } if block % 2 == 0),
        };
        writer.push(call, context).unwrap();
    }
    writer.finish().unwrap()
}

fn call_at(op: u64, n_blocks: u64) -> Call {
    if op.is_multiple_of(2) || n_blocks <= 50 {
        return Call::Allocate {
            size: (n_blocks % 1000) as usize,
            align: 8,
            zeroed: false,
        };
    }
    let block = n_blocks - 51;
    match block % 1000 {
        0 => Call::Resize { block, size: 7 },
        _ => Call::Free { block },
    }
}

fn frames(reader: &mut Reader<Cursor<&[u8]>>) -> Result<Vec<Frame>, Cause> {
    std::iter::from_fn(|| reader.next_frame().transpose()).collect()
}

/// Returns the live blocks before `frame`, after applying all calls before it.
fn followed(frames: &[Frame], until: u64) -> Vec<LiveBlock> {
    let mut live = Live::default();
    let before = frames.iter().filter(|frame| frame.first_op < until);
    before.flat_map(|frame| &frame.calls).for_each(|call| {
        live.apply(call).unwrap();
    });
    live.iter().collect()
}

#[test]
fn from_any_call_on_the_same_frames_come() {
    let bytes = long_file();
    let mut reader = Reader::new(Cursor::new(&bytes[..])).unwrap();
    let all = frames(&mut reader).unwrap();
    assert_eq!(reader.position(), bytes.len() as u64);
    assert_eq!(reader.count_calls().unwrap(), Some(N_OPS));
    for op in [0, 1, 65_535, 65_536, 1_000_000, N_OPS - 1, u64::MAX] {
        reader.seek(op).unwrap();
        let rest = frames(&mut reader).unwrap();
        let expected = all.iter().rposition(|frame| frame.first_op <= op).unwrap();
        assert_eq!(rest, all[expected..], "{op}");
    }
}

#[test]
fn the_live_blocks_in_the_middle_are_those_that_following_gives() {
    let bytes = long_file();
    let mut reader = Reader::new(Cursor::new(&bytes[..])).unwrap();
    let all = frames(&mut reader).unwrap();
    let early = reader.seek_live(100).unwrap();
    assert_eq!(early, []);
    assert_eq!(frames(&mut reader).unwrap(), all);

    let blocks = reader.seek_live(N_OPS - 1).unwrap();
    let rest = frames(&mut reader).unwrap();
    assert_eq!(rest[0].first_op, 16 * MAX_FRAME_OPS as u64);
    assert!(!blocks.is_empty());
    assert_eq!(blocks, followed(&all, rest[0].first_op));

    let mut live = Live::at(rest[0].first_block, &blocks);
    let calls = rest.iter().flat_map(|frame| &frame.calls);
    calls.for_each(|call| {
        live.apply(call).expect("every free is of a live block");
    });
    assert_eq!(live.iter().collect::<Vec<_>>(), followed(&all, u64::MAX));
}

#[test]
fn damage_hides_its_own_frame_only() {
    let mut bytes = long_file();
    let whole = frames(&mut Reader::new(Cursor::new(&bytes[..])).unwrap()).unwrap();
    let in_an_early_frame = bytes.len() / 8;
    bytes[in_an_early_frame] ^= 1;
    let mut reader = Reader::new(Cursor::new(&bytes[..])).unwrap();
    let cause = frames(&mut reader).unwrap_err();
    assert!(matches!(cause, Cause::Damaged { .. }), "{cause}");
    reader.seek_live(N_OPS - 1).unwrap();
    assert_eq!(frames(&mut reader).unwrap(), whole[16..]);
}

#[test]
fn a_file_without_an_index_is_gone_through_from_its_beginning() {
    let bytes = long_file();
    let cut = &bytes[..bytes.len() - 40];
    let mut reader = Reader::new(Cursor::new(cut)).unwrap();
    assert_eq!(reader.count_calls().unwrap(), None);
    assert_eq!(reader.seek_live(N_OPS - 1).unwrap(), []);
    let mut n_ops = 0;
    let end = loop {
        match reader.next_frame() {
            Ok(Some(frame)) => n_ops += frame.calls.len() as u64,
            end => break end,
        }
    };
    assert_eq!(n_ops, N_OPS, "every call is there");
    assert!(matches!(end, Err(Cause::Truncated { .. })));
}
