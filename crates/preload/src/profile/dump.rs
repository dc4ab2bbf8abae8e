//! The profile as a file: gperftools' heap format, which `pprof` reads.
//!
//! A line for each stack has the sampled blocks that are live and, in brackets, all that ever were.
//! `pprof` makes estimates of them: the first line says how they were sampled. What lies where, for
//! the names of functions, follows as the kernel has it.

use core::sync::atomic::Ordering;

use super::AVERAGE;
use super::table::{self, Stack, Sum, Table};
use crate::files;
use crate::message::Line;
use crate::out::{Out, To};

/// Writes the profile of now.
pub(super) fn write(file: i32) {
    let out = &mut Out::new(To::Descriptor(file));
    let n_lost = table::locked(|table| {
        write_stacks(table, out);
        table.n_lost
    });
    out.add(format_args!("\nMAPPED_LIBRARIES:\n"));
    files::copy(c"/proc/self/maps", |bytes| out.add_bytes(bytes));
    if n_lost > 0 {
        let mut line = Line::new();
        line.add(format_args!(
            "the heap profile lacks {n_lost} samples, for which it had no room"
        ));
        line.print();
    }
}

fn write_stacks(table: &Table, out: &mut Out) {
    let (mut live, mut total) = (Sum::default(), Sum::default());
    for stack in table.stacks() {
        live.add(stack.live.n, stack.live.bytes);
        total.add(stack.total.n, stack.total.bytes);
    }
    let average = AVERAGE.load(Ordering::Relaxed);
    out.add(format_args!("heap profile: "));
    write_sums(live, total, out);
    out.add(format_args!(" @ heap_v2/{average}\n"));
    for Stack {
        callers,
        live,
        total,
    } in table.stacks()
    {
        write_sums(*live, *total, out);
        out.add(format_args!(" @"));
        // Readers take 1 from each return address but the first, to be within the call.
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
