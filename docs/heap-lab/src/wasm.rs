//! What the page calls: functions on numbers.
//!
//! An instance of the module has one heap. Text goes in through [`input`], and text and records come out at
//! [`output`]. All state lies in the instance's memory, so a copy of that memory is a snapshot.

mod pictures;

use std::cell::RefCell;

use crate::{
    Lab, Picture, Record, Stage, Threads, Trace, draw, fields, hash, metrics, records, say,
};

#[derive(Default)]
struct Instance {
    input: Vec<u8>,
    output: Vec<u8>,
    trace: Trace,
    lab: Option<Lab>,
    n_done: usize,
    threads: Threads,
}

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::new(Instance::default());
}

fn with<T>(run: impl FnOnce(&mut Instance) -> T) -> T {
    INSTANCE.with_borrow_mut(run)
}

impl Instance {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.input).into_owned()
    }

    fn put(&mut self, text: &str) {
        self.output.clear();
        self.output.extend_from_slice(text.as_bytes());
    }

    fn put_words(&mut self, words: impl Iterator<Item = u32>) {
        self.output = words.flat_map(u32::to_le_bytes).collect();
    }

    fn records(&self) -> Vec<Record> {
        self.lab.as_ref().map(records).unwrap_or_default()
    }

    /// Takes a trace, or the reason why there is none.
    fn load(&mut self, trace: Result<Trace, String>) -> i32 {
        match trace {
            Ok(trace) => {
                self.trace = trace;
                self.trace.ops.len() as i32
            }
            Err(why) => {
                self.put(&why);
                -1
            }
        }
    }

    /// Puts a line for each row, with tabs between the cells.
    fn put_table(&mut self, table: &draw::Table) {
        let lines: Vec<String> = table.iter().map(|row| row.join("\t")).collect();
        self.put(&lines.join("\n"));
    }

    fn put_picture(&mut self, picture: &Picture) -> u32 {
        self.output = picture.body.clone().into_bytes();
        picture.height
    }
}

/// Makes room for `len` bytes of input and returns their place.
#[unsafe(no_mangle)]
extern "C" fn input(len: usize) -> *mut u8 {
    with(|instance| {
        instance.input.clear();
        instance.input.resize(len, 0);
        instance.input.as_mut_ptr()
    })
}

/// Returns the place of the output.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    with(|instance| instance.output.as_ptr())
}

/// Returns the length of the output in bytes.
#[unsafe(no_mangle)]
extern "C" fn output_len() -> usize {
    with(|instance| instance.output.len())
}

/// Reads the input as a script; returns the number of operations, or −1 with the reason in the output.
#[unsafe(no_mangle)]
extern "C" fn load_script() -> i32 {
    with(|instance| {
        let trace = Trace::of_script(&instance.text());
        instance.load(trace)
    })
}

/// As [`load_script`], for the first `limit` operations of a `.rep` trace.
#[unsafe(no_mangle)]
extern "C" fn load_rep(limit: usize) -> i32 {
    with(|instance| {
        let trace = Trace::of_rep(&instance.text(), limit);
        instance.load(trace)
    })
}

/// As [`load_script`], for the operations of two threads.
#[unsafe(no_mangle)]
extern "C" fn load_threads() -> i32 {
    with(|instance| match Threads::of_script(&instance.text()) {
        Ok(threads) => {
            instance.threads = threads;
            instance.threads.n_ops() as i32
        }
        Err(why) => {
            instance.put(&why);
            -1
        }
    })
}

/// As [`op_text`], for the operations of two threads.
#[unsafe(no_mangle)]
extern "C" fn threads_op(index: usize) {
    with(|instance| {
        let text = instance.threads.text(index);
        instance.put(&text);
    });
}

/// Returns the number of operations that the limit cut off.
#[unsafe(no_mangle)]
extern "C" fn n_left_out() -> usize {
    with(|instance| instance.trace.n_left_out)
}

/// Returns the most bytes that the trace has live.
#[unsafe(no_mangle)]
extern "C" fn peak() -> usize {
    with(|instance| instance.trace.peak())
}

/// Puts the text of operation `index` into the output.
#[unsafe(no_mangle)]
extern "C" fn op_text(index: usize) {
    with(|instance| {
        let op = instance.trace.ops.get(index);
        let text = op.map(|op| instance.trace.text(*op)).unwrap_or_default();
        instance.put(&text);
    });
}

/// Puts the name of a block into the output.
#[unsafe(no_mangle)]
extern "C" fn name(block: usize) {
    with(|instance| {
        let name = instance.trace.names.get(block).cloned().unwrap_or_default();
        instance.put(&name);
    });
}

/// Starts a heap of the stage that the input names, before the first operation; returns 0 if there is no such
/// stage.
#[unsafe(no_mangle)]
extern "C" fn start(heap_len: usize, threshold: usize) -> i32 {
    with(|instance| {
        let Some(stage) = Stage::named(&instance.text()) else {
            return 0;
        };
        // The old heap's memory is free before the new one's is taken.
        instance.lab = None;
        instance.lab = Some(Lab::new(stage, heap_len, threshold));
        instance.n_done = 0;
        1
    })
}

/// Does the next `n` operations, as far as there are so many, and returns how many are done.
#[unsafe(no_mangle)]
extern "C" fn run(n: usize) -> usize {
    with(|instance| {
        let Some(lab) = &mut instance.lab else {
            return 0;
        };
        let ops = &instance.trace.ops[instance.n_done..];
        for op in &ops[..n.min(ops.len())] {
            lab.step(*op);
            instance.n_done += 1;
        }
        instance.n_done
    })
}

/// Puts the records of the walk into the output, eight words each, and returns their number.
#[unsafe(no_mangle)]
extern "C" fn walk() -> usize {
    with(|instance| {
        let records = instance.records();
        let words = |one: &Record| {
            [
                one.offset,
                one.size,
                one.overhead,
                one.state as u32,
                one.block,
                one.requested,
                one.rank,
                one.list,
            ]
        };
        instance.put_words(records.iter().flat_map(words));
        records.len()
    })
}

/// Puts the metrics into the output, eight words.
#[unsafe(no_mangle)]
extern "C" fn sums() {
    with(|instance| {
        let one = metrics(&instance.records());
        let words = [
            one.heap,
            one.live,
            one.free,
            one.largest_free,
            one.metadata,
            one.waste,
            one.n_live,
            one.n_free,
        ];
        instance.put_words(words.into_iter());
    });
}

/// Returns the hash of the walk.
#[unsafe(no_mangle)]
extern "C" fn walk_hash() -> u64 {
    with(|instance| hash(&instance.records()))
}

/// Puts a sentence for the last operation into the output.
#[unsafe(no_mangle)]
extern "C" fn last() {
    with(|instance| {
        let records = instance.records();
        let lab = instance.lab.as_ref();
        let text = lab.map(|lab| say::say(lab, &instance.trace, &records));
        instance.put(&text.unwrap_or_default());
    });
}

/// Puts the fields of the block at `offset` into the output: a line each, with tabs between offset, bytes, name and
/// meaning. The first line says what the block is.
#[unsafe(no_mangle)]
extern "C" fn decode(offset: u32) {
    with(|instance| {
        let records = instance.records();
        let record = records.iter().find(|one| one.offset == offset);
        let mut text = String::new();
        if let (Some(record), Some(lab)) = (record, &instance.lab) {
            text += &say::describe(record, &instance.trace);
            let name = instance.trace.names.get(record.block as usize);
            for field in fields(lab, record, name.map_or("", String::as_str)) {
                text += &format!(
                    "\n{}\t{}\t{}\t{}",
                    field.offset, field.hex, field.name, field.meaning
                );
            }
        }
        instance.put(&text);
    });
}
