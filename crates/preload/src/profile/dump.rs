//! Writes the profile in gperftools' heap format, which `pprof` reads.
//!
//! The file has a line for each stack, with the sampled blocks that are live and, in brackets, all that
//! were ever sampled. `pprof` turns these numbers into estimates with the sampling interval in the first
//! line. The kernel's list of mappings follows, from which `pprof` finds the names of functions.

use super::table::{self, Stack, Sum, Table};
use crate::files;
use crate::message::Line;
use crate::out::{Out, To};

/// Writes the profile as it is at present; it has a sample per `interval` bytes.
pub(super) fn write(file: i32, interval: usize) {
    let out = &mut Out::new(To::Descriptor(file));
    let n_lost = table::locked(|table| {
        write_stacks(table, interval, out);
        table.n_lost
    });
    out.add(format_args!("\nMAPPED_LIBRARIES:\n"));
    files::copy(c"/proc/self/maps", |bytes| out.add_bytes(bytes));
    if n_lost > 0 {
        let mut line = Line::new();
        line.add(format_args!(
            "the heap profile lost {n_lost} samples: its tables were full"
        ));
        line.print();
    }
}

fn write_stacks(table: &Table, interval: usize, out: &mut Out) {
    let (mut live, mut total) = (Sum::default(), Sum::default());
    for stack in table.stacks() {
        live.add(stack.live.n, stack.live.bytes);
        total.add(stack.total.n, stack.total.bytes);
    }
    out.add(format_args!("heap profile: "));
    write_sums(live, total, out);
    out.add(format_args!(" @ heap_v2/{interval}\n"));
    for Stack {
        callers,
        live,
        total,
    } in table.stacks()
    {
        write_sums(*live, *total, out);
        out.add(format_args!(" @"));
        // `pprof` subtracts 1 from each return address but the first, to point into the call.
        let within_call = callers
            .iter()
            .enumerate()
            .map(|(index, &caller)| match index {
                0 => caller.saturating_sub(1),
                _ => caller,
            });
        for caller in within_call.take_while(|&caller| caller != 0) {
            out.add(format_args!(" {caller:#x}"));
        }
        out.add(format_args!("\n"));
    }
}

fn write_sums(live: Sum, total: Sum, out: &mut Out) {
    out.add(format_args!(
        "{}: {} [{}: {}]",
        live.n, live.bytes, total.n, total.bytes
    ));
}
