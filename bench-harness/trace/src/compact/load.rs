//! Reads a file into a trace in memory. Accepts any bytes: wrong ones lead to an error.

use std::io::Read;

use super::calls::Call;
use super::reader::{Frame, Reader};
use crate::{BlockError, Builder, Cause, Columns, Trace};

/// Reads a compact trace. O(calls).
///
/// # Errors
///
/// [`Cause`], which names the frame and the call, if the bytes are not what the writer wrote.
pub fn read(bytes: &[u8], name: &str) -> Result<Trace, Cause> {
    match read_prefix(bytes, name)? {
        (trace, None) => Ok(trace),
        (_, Some(cause)) => Err(cause),
    }
}

/// Reads the calls before the first damage, and returns them with the damage. Leaves out the whole of a
/// frame that is cut short or fails its checksum.
///
/// # Errors
///
/// [`Cause`] if the header cannot be read.
pub fn read_prefix(bytes: &[u8], name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    load(bytes, name)
}

/// As [`read_prefix`], from any input.
pub(crate) fn load(input: impl Read, name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    let mut reader = Reader::new(input)?;
    let mut loaded = Loaded::default();
    let stopped = loaded.take_all(&mut reader).err();
    loaded.builder.set_provenance(reader.provenance().clone());
    let mut trace = loaded.builder.finish(name);
    trace.columns = loaded.columns;
    trace.columns.truncate(trace.ops.len());
    Ok((trace, stopped))
}

/// The trace so far.
#[derive(Default)]
struct Loaded {
    builder: Builder,
    columns: Columns,
    n_frames: usize,
}

impl Loaded {
    fn take_all(&mut self, reader: &mut Reader<impl Read>) -> Result<(), Cause> {
        let mut frame = Frame::default();
        while reader.read_frame(&mut frame)? {
            self.take(&frame)?;
            self.n_frames += 1;
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame) -> Result<(), Cause> {
        self.columns.append(&frame.columns);
        for call in &frame.calls {
            self.apply(*call)?;
        }
        Ok(())
    }

    fn apply(&mut self, call: Call) -> Result<(), Cause> {
        let (made, what) = match call {
            Call::Allocate {
                size,
                align,
                zeroed,
            } => {
                let block = self.builder.allocate_with(size, align, zeroed);
                (block.map(drop), "allocates")
            }
            Call::Resize { block, size } => (self.builder.resize(block, size), "resizes"),
            Call::Free { block } => (self.builder.free(block), "frees"),
        };
        made.map_err(|error| self.misuse(what, error))
    }

    /// Returns the error of the call after those read so far.
    fn misuse(&self, call: &'static str, error: BlockError) -> Cause {
        Cause::Call {
            frame: self.n_frames,
            op: self.builder.n_ops(),
            call,
            error,
        }
    }
}
