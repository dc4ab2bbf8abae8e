//! Tests of the compact format: the reader reads what the writer wrote, and no bytes make it panic.

use std::fs;

use alloc_trace::{
    BlockError, Builder, Cause, Columns, Op, Origin, Provenance, Trace, TraceError, compact,
};
use proptest::prelude::*;

/// A random draw of a call: its kind, the live block, size, alignment.
type Draw = (u8, usize, usize, u32);

/// Makes a trace of any list of draws.
fn build(draws: &[Draw]) -> Trace {
    let mut builder = Builder::new();
    let mut live = Vec::new();
    for &(kind, which, size, log2_align) in draws {
        let which = which % live.len().max(1);
        match kind {
            1 if !live.is_empty() => builder.free(live.swap_remove(which)).unwrap(),
            2 if !live.is_empty() => builder.resize(live[which], size).unwrap(),
            3 => live.push(
                builder
                    .allocate_with(size, 1 << log2_align, size % 2 == 0)
                    .unwrap(),
            ),
            _ => live.push(builder.allocate(size).unwrap()),
        }
    }
    builder.set_provenance(Provenance {
        origin: Origin::Generated,
        program: "draws".to_owned(),
        seed: Some(7),
        ..Provenance::default()
    });
    builder.finish("drawn")
}

/// Makes columns for `trace` out of any numbers; `which` has a bit for each of the three.
fn columns(trace: &Trace, which: u8, numbers: &[u64]) -> Columns {
    let number = |index: usize| numbers[index % numbers.len()];
    let indices = || 0..trace.ops.len();
    let is_wanted = |bit: u8| which >> bit & 1 == 1;
    let is_allocate = |index: usize| matches!(trace.ops[index], Op::Allocate { .. });
    let sized = |index: usize| !is_allocate(index) && number(index) % 3 == 0;
    Columns {
        threads: indices()
            .filter(|_| is_wanted(0))
            .map(|index| number(index / 3) as u16)
            .collect(),
        gaps: indices().filter(|_| is_wanted(1)).map(number).collect(),
        sized: indices().filter(|_| is_wanted(2)).map(sized).collect(),
    }
}

/// Generates traces of any draws, with any columns.
fn traces() -> impl Strategy<Value = Trace> {
    let numbers = prop::collection::vec(any::<u64>(), 1..50);
    (draws(), 0_u8..8, numbers).prop_map(|(draws, which, numbers)| {
        let trace = build(&draws);
        let columns = columns(&trace, which, &numbers);
        Trace { columns, ..trace }
    })
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let size = prop_oneof![0_usize..5000, 0..=compact::MAX_SIZE];
    prop::collection::vec((0_u8..4, any::<usize>(), size, 0_u32..32), 0..400)
}

/// Makes a trace of `n_ops` calls: pairs of allocate and free.
fn pairs(n_ops: usize) -> Trace {
    let mut builder = Builder::new();
    for size in 0..n_ops / 2 {
        let block = builder.allocate(size).unwrap();
        builder.free(block).unwrap();
    }
    builder.finish("pairs")
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(trace in traces()) {
        let bytes = compact::write(&trace).unwrap();
        prop_assert_eq!(compact::read(&bytes, "drawn").unwrap(), trace);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = compact::read(&bytes, "any");
        let mut with_magic = compact::MAGIC.to_vec();
        with_magic.extend(&bytes);
        prop_assert!(compact::read(&with_magic, "any").is_err());
    }

    /// The checksums do not protect the decoder here: the test builds a new frame around the damage.
    #[test]
    fn any_calls_in_a_sound_frame_are_read_or_refused(calls: Vec<u8>, n_ops in 0_u32..300) {
        let bytes = with_calls(n_ops, &calls);
        if let Ok((trace, _)) = compact::read_prefix(&bytes, "any") {
            compact::write(&trace).expect("what was read is valid");
        }
    }

    #[test]
    fn one_changed_byte_is_noticed(trace in traces(), at: prop::sample::Index, bit in 0_u32..8) {
        let mut bytes = compact::write(&trace).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(compact::read(&bytes, "drawn").is_err());
    }

    #[test]
    fn every_cut_is_noticed(trace in traces(), at: prop::sample::Index) {
        let bytes = compact::write(&trace).unwrap();
        prop_assert!(compact::read(&bytes[..at.index(bytes.len())], "drawn").is_err());
    }
}

const RECORD_HEADER_LEN: usize = 36;
const TRAILER_LEN: usize = 16;

/// Encodes a first frame with `calls`, as `docs/src/traces.md` specifies it.
fn frame(n_ops: u32, calls: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(calls).unwrap();
    let packed = encoder.finish().unwrap();
    let mut bytes = b"CALL".to_vec();
    for number in [n_ops, packed.len() as u32, calls.len() as u32] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0; 16]);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes);
    hasher.update(&packed);
    bytes.extend(hasher.finalize().to_le_bytes());
    bytes.extend(packed);
    bytes
}

/// Encodes an empty trace's header.
fn header() -> Vec<u8> {
    let mut bytes = compact::write(&Builder::new().finish("")).unwrap();
    bytes.truncate(bytes.len() - RECORD_HEADER_LEN - TRAILER_LEN);
    bytes
}

/// Encodes an empty trace's header, then one frame with `calls`.
fn with_calls(n_ops: u32, calls: &[u8]) -> Vec<u8> {
    let mut bytes = header();
    bytes.extend(frame(n_ops, calls));
    bytes
}

/// Returns the start of a whole file's index, from its trailer.
fn index_at(bytes: &[u8]) -> usize {
    let trailer = &bytes[bytes.len() - TRAILER_LEN..];
    assert_eq!(&trailer[8..], b"ALLOCEND");
    u64::from_le_bytes(trailer[..8].try_into().unwrap()) as usize
}

#[test]
fn a_cut_file_names_what_is_whole_and_the_prefix_keeps_it() {
    let trace = pairs(3 * compact::MAX_FRAME_OPS);
    let bytes = compact::write(&trace).unwrap();
    let cut = &bytes[..index_at(&bytes) - 1];
    let cause = compact::read(cut, "cut").unwrap_err();
    let n_whole = 2 * compact::MAX_FRAME_OPS;
    assert!(
        matches!(cause, Cause::Truncated { frame: 2, n_whole: n } if n == n_whole),
        "{cause}"
    );
    let (prefix, stopped) = compact::read_prefix(cut, "cut").unwrap();
    assert_eq!(prefix.ops, trace.ops[..n_whole]);
    assert!(stopped.is_some());
}

#[test]
fn a_missing_index_is_noticed() {
    let bytes = compact::write(&pairs(10)).unwrap();
    let cause = compact::read(&bytes[..index_at(&bytes)], "cut").unwrap_err();
    assert!(
        matches!(
            cause,
            Cause::Truncated {
                frame: 1,
                n_whole: 10
            }
        ),
        "{cause}"
    );
}

#[test]
fn a_missing_frame_is_noticed() {
    let bytes = compact::write(&pairs(3 * compact::MAX_FRAME_OPS)).unwrap();
    let header_len = header().len();
    let packed_len = u32::from_le_bytes(bytes[header_len + 8..header_len + 12].try_into().unwrap());
    let mut bytes = bytes;
    bytes.drain(header_len..header_len + RECORD_HEADER_LEN + packed_len as usize);
    let cause = compact::read(&bytes, "cut").unwrap_err();
    assert!(matches!(cause, Cause::Damaged { frame: 0, .. }), "{cause}");
}

#[test]
fn frees_of_what_is_not_live_are_named() {
    // Two allocations of 1 byte; then a free of age 3, or two frees of age 1.
    let never = compact::read(&with_calls(3, &[4, 4, 3 << 2 | 1]), "bad").unwrap_err();
    let twice = compact::read(&with_calls(4, &[4, 4, 1 << 2 | 1, 1 << 2 | 1]), "bad").unwrap_err();
    let resized = compact::read(&with_calls(3, &[4, 5, 1 << 2 | 2, 9]), "bad").unwrap_err();
    assert!(matches!(
        never,
        Cause::Call {
            op: 2,
            call: "frees",
            error: BlockError::NeverAllocated,
            ..
        }
    ));
    assert!(matches!(
        twice,
        Cause::Call {
            op: 3,
            call: "frees",
            error: BlockError::Freed,
            ..
        }
    ));
    assert!(matches!(
        resized,
        Cause::Call {
            op: 2,
            call: "resizes",
            error: BlockError::Freed,
            ..
        }
    ));
    assert_eq!(
        twice.to_string(),
        "call 3 (frame 0) frees a block that was freed before; \
         the 3 calls before it are whole, --prefix replays those"
    );
}

#[test]
fn other_files_versions_and_flags_are_told_apart() {
    let bytes = compact::write(&pairs(2)).unwrap();
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        compact::read(&bytes, "changed").unwrap_err()
    };
    assert!(matches!(changed(0, b'x'), Cause::NotATrace));
    assert!(matches!(changed(8, 9), Cause::Version(9)));
    assert!(matches!(changed(8, 1), Cause::Version(1)));
    assert!(
        matches!(changed(10, 1), Cause::Header(_)),
        "a flag that is known"
    );
    assert!(matches!(changed(10, 128), Cause::Flags(128)));
    assert!(matches!(changed(21, b'?'), Cause::Header(_)));
}

#[test]
fn an_invalid_trace_is_not_written() {
    let free = Op::Free { slot: 0 };
    let large = Op::Allocate {
        slot: 0,
        size: usize::MAX,
        align: 8,
        zeroed: false,
    };
    for ops in [vec![free], vec![large]] {
        let trace = Trace {
            ops,
            n_slots: 1,
            ..pairs(0)
        };
        assert!(matches!(
            compact::write(&trace),
            Err(Cause::Unwritable { op: 0, .. })
        ));
    }
}

#[test]
fn files_are_written_loaded_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made.trace");
    let trace = Trace {
        name: "made".to_owned(),
        ..pairs(10)
    };
    trace.write(&path).unwrap();
    assert_eq!(Trace::load(&path).unwrap(), trace);
    assert_eq!(
        fs::read_dir(&directory).unwrap().count(),
        1,
        "no partial file is left"
    );

    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..5]).unwrap();
    let error = Trace::load(&path).unwrap_err();
    assert!(error.to_string().contains("made.trace"), "{error}");
    let missing = directory.path().join("missing.trace");
    let error: TraceError = Trace::load(&missing).unwrap_err();
    assert!(matches!(error.cause, Cause::Io(_)) && error.path == Some(missing));
}
