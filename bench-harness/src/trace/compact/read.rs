//! From bytes to a trace. Any bytes: what is wrong with them becomes an error.

use super::calls::{self, Call, Garbled};
use super::frame::{self, Header, NoFrame};
use super::{MAGIC, VERSION};
use crate::trace::{BlockError, Builder, Cause, Provenance, Trace};

/// Reads a compact trace. O(calls).
///
/// # Errors
///
/// [`Cause`], naming the frame and the call, if anything is not as the writer left it.
pub fn read(bytes: &[u8], name: &str) -> Result<Trace, Cause> {
    match read_prefix(bytes, name)? {
        (trace, None) => Ok(trace),
        (_, Some(cause)) => Err(cause),
    }
}

/// Reads the calls before the first damage, and says what that is. A frame that is cut short or
/// fails its checksum is left out as a whole.
///
/// # Errors
///
/// [`Cause`] if the header cannot be read.
pub fn read_prefix(bytes: &[u8], name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    let mut input = bytes;
    let provenance = take_header(&mut input)?;
    let mut reader = Reader::default();
    let stopped = reader.take_frames(&mut input).err();
    let mut builder = reader.whole;
    builder.set_provenance(provenance);
    Ok((builder.finish(name), stopped))
}

fn take_header(input: &mut &[u8]) -> Result<Provenance, Cause> {
    *input = input.strip_prefix(&MAGIC).ok_or(Cause::NotATrace)?;
    let version = u16::from_le_bytes(take(input)?);
    if version != VERSION {
        return Err(Cause::Version(version));
    }
    let flags = u16::from_le_bytes(take(input)?);
    if flags != 0 {
        return Err(Cause::Flags(flags));
    }
    let len = u32::from_le_bytes(take(input)?) as usize;
    let checksum = u32::from_le_bytes(take(input)?);
    let (json, rest) = input.split_at_checked(len).ok_or(Cause::Header(CUT))?;
    if crc32fast::hash(json) != checksum {
        return Err(Cause::Header("its checksum does not match"));
    }
    *input = rest;
    serde_json::from_slice(json).map_err(|_| Cause::Header("the provenance is no JSON of its kind"))
}

const CUT: &str = "the file ends within it";

fn take<const N: usize>(input: &mut &[u8]) -> Result<[u8; N], Cause> {
    let (bytes, rest) = input.split_first_chunk().ok_or(Cause::Header(CUT))?;
    *input = rest;
    Ok(*bytes)
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    /// The calls before the first damage.
    whole: Builder,
    n_frames: usize,
}

impl Reader {
    fn take_frames(&mut self, input: &mut &[u8]) -> Result<(), Cause> {
        loop {
            let (header, bytes) = frame::take(input).map_err(|error| self.no_frame(error))?;
            let here = (self.whole.n_ops() as u64, self.whole.n_blocks());
            if (header.first_op, header.first_block) != here {
                return Err(self.damaged("frames before it are missing"));
            }
            if header.n_ops == 0 {
                return self.end(input);
            }
            self.take_calls(&header, &bytes)?;
            self.n_frames += 1;
        }
    }

    fn end(&self, input: &[u8]) -> Result<(), Cause> {
        match input.is_empty() {
            true => Ok(()),
            false => Err(self.damaged("bytes follow the end mark")),
        }
    }

    fn take_calls(&mut self, header: &Header, mut bytes: &[u8]) -> Result<(), Cause> {
        for _ in 0..header.n_ops {
            let call = calls::take(&mut bytes, self.whole.n_blocks())
                .map_err(|garbled| self.garbled(garbled))?;
            self.apply(call)?;
        }
        match bytes.is_empty() {
            true => Ok(()),
            false => Err(self.damaged("it holds more than its calls")),
        }
    }

    fn apply(&mut self, call: Call) -> Result<(), Cause> {
        match call {
            Call::Allocate {
                size,
                align,
                zeroed,
            } => match self.whole.allocate_with(size, align, zeroed) {
                Ok(_) => Ok(()),
                Err(error) => Err(self.misuse("allocates", error)),
            },
            Call::Resize { block, size } => {
                let resized = self.whole.resize(block, size);
                resized.map_err(|error| self.misuse("resizes", error))
            }
            Call::Free { block } => {
                let freed = self.whole.free(block);
                freed.map_err(|error| self.misuse("frees", error))
            }
        }
    }

    fn no_frame(&self, error: NoFrame) -> Cause {
        match error {
            NoFrame::Damaged(what) => self.damaged(what),
            NoFrame::CutShort => Cause::Truncated {
                frame: self.n_frames,
                n_whole: self.whole.n_ops(),
            },
        }
    }

    fn garbled(&self, garbled: Garbled) -> Cause {
        match garbled {
            Garbled::Number => self.damaged("a number in it is out of range"),
            Garbled::Free => self.misuse("frees", BlockError::NeverAllocated),
            Garbled::Resize => self.misuse("resizes", BlockError::NeverAllocated),
        }
    }

    fn damaged(&self, what: &'static str) -> Cause {
        Cause::Damaged {
            frame: self.n_frames,
            what,
            n_whole: self.whole.n_ops(),
        }
    }

    /// The error of the call after those read so far.
    fn misuse(&self, call: &'static str, error: BlockError) -> Cause {
        Cause::Call {
            frame: self.n_frames,
            op: self.whole.n_ops(),
            call,
            error,
        }
    }
}
