//! The rows of the matrix: each is one run of a program that makes one mistake, or asks one question.

/// Which program makes the mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// `defences.c`.
    C,
    /// `operators.cc`.
    Operators,
}

/// What a row's cells say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where the mistake was stopped.
    Mistake,
    /// What the program found out.
    Answer,
    /// Whether runs of the program differ.
    Unpredictable,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) program: Program,
    /// The program's argument.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) kind: Kind,
}

const fn mistake(name: &'static str, what: &'static str) -> Row {
    Row {
        program: Program::C,
        name,
        what,
        kind: Kind::Mistake,
    }
}

const fn answer(name: &'static str, what: &'static str) -> Row {
    Row {
        kind: Kind::Answer,
        ..mistake(name, what)
    }
}

const fn compared(name: &'static str, what: &'static str) -> Row {
    Row {
        kind: Kind::Unpredictable,
        ..mistake(name, what)
    }
}

const fn operators(name: &'static str, what: &'static str) -> Row {
    Row {
        program: Program::Operators,
        ..mistake(name, what)
    }
}

/// A small block has 100 bytes, a large one 300,000.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    mistake("over-1", "1 byte written behind a small block"),
    mistake("over-nul", "a zero byte written behind a small block"),
    mistake("over-8", "8 bytes written behind a small block"),
    mistake("over-16", "16 bytes written behind a small block"),
    mistake("over-4096", "4,096 bytes written behind a small block"),
    mistake("over-mib", "1 MiB written behind a small block"),
    mistake("under-1", "1 byte written before a small block"),
    mistake("under-8", "8 bytes written before a small block"),
    mistake("under-16", "16 bytes written before a small block"),
    mistake("under-4096", "4,096 bytes written before a small block"),
    mistake("under-mib", "1 MiB written before a small block"),
    mistake("large-over-1", "1 byte written behind a large block"),
    mistake("large-over-16", "16 bytes written behind a large block"),
    mistake("large-over-4096", "4,096 bytes written behind a large block"),
    mistake("large-over-mib", "1 MiB written behind a large block"),
    mistake("large-under-1", "1 byte written before a large block"),
    mistake("large-under-4096", "4,096 bytes written before a large block"),
    mistake("large-under-mib", "1 MiB written before a large block"),
    mistake("read-beyond", "12,800 reads behind small blocks"),
    mistake("zero-read", "a block of size 0 read"),
    mistake("zero-write", "a block of size 0 written"),
    mistake("write-first", "the first word of a freed block written"),
    mistake("write-inside", "a byte inside a freed block written"),
    mistake("write-medium", "a byte of a freed block of 8,000 written"),
    mistake("write-large", "a byte of a freed large block written"),
    mistake("write-remote", "a byte of a block written that another thread freed"),
    mistake("read-after-free", "12,800 reads of freed blocks"),
    answer("cleared-small", "is a freed small block cleared?"),
    answer("cleared-medium", "is a freed block of 20,000 bytes cleared?"),
    answer("cleared-large", "is a freed large block cleared?"),
    answer("fresh-small", "are new small blocks free of old content?"),
    answer("fresh-large", "are new large blocks free of old content?"),
    mistake("twice-adjacent", "freed twice in a row"),
    mistake("twice-one-between", "freed again after one other"),
    mistake("twice-many-between", "freed again after 24 others"),
    mistake("twice-other-class", "freed again after one of another size"),
    mistake("twice-after-request", "freed again after a request"),
    mistake("twice-overwritten", "freed again after it was overwritten"),
    mistake("twice-other-thread", "freed again by another thread"),
    mistake("twice-two-threads", "freed by two other threads"),
    mistake("twice-large", "a large block freed twice"),
    mistake("twice-zero", "a block of size 0 freed twice"),
    mistake("interior", "an address inside a block freed"),
    mistake("interior-forged", "the same, behind a forged header"),
    mistake("interior-large", "an address inside a large block freed"),
    mistake("misaligned", "an odd address freed"),
    mistake("of-a-static", "a static variable freed, behind a forged header"),
    mistake("of-the-stack", "a local variable freed, behind a forged header"),
    mistake("of-a-mapping", "an address of a mapping freed, behind a forged header"),
    mistake("of-nothing-mapped", "an address freed where nothing is mapped"),
    mistake("resize-freed", "`realloc` of a freed block"),
    mistake("sized-wrong", "`free_sized` with another size"),
    mistake("aligned-wrong", "`free_aligned_sized` with another size"),
    operators("malloc-delete", "`malloc`, then `delete`"),
    operators("new-free", "`new`, then `free`"),
    operators("new-array-delete", "`new[]`, then `delete`"),
    operators("new-delete-array", "`new`, then `delete[]`"),
    operators("new-aligned-delete", "aligned `new`, then `delete`"),
    operators("new-aligned-free", "aligned `new`, then `free`"),
    operators("delete-larger", "`delete` with a larger size"),
    operators("delete-smaller", "`delete` with a size 1 smaller"),
    operators("delete-twice", "`delete` twice in a row"),
    answer("delayed", "when does a freed block come back?"),
    compared("order-of-new", "is it unpredictable where new blocks lie?"),
    compared("order-of-freed", "is it unpredictable which freed block comes back?"),
    mistake("links-overrun", "freed blocks overrun with an address"),
    mistake("links-forged", "a link forged with glibc's encoding"),
    operators("correct", "no mistake"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_its_program_and_the_other_way_round() {
        let c = include_str!("../../../bench-harness/defences/defences.c");
        let operators = include_str!("../../../bench-harness/defences/operators.cc");
        for row in ROWS {
            let source = match row.program {
                Program::C => c,
                Program::Operators => operators,
            };
            assert!(
                source.contains(&format!("{{\"{}\", ", row.name)),
                "{}",
                row.name
            );
        }
        let n_entries = |source: &str| source.matches("    {\"").count();
        assert_eq!(n_entries(c) + n_entries(operators), ROWS.len());
    }
}
