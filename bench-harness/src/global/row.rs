//! The rows: what is done, and in which unit the answer is.

use serde::{Deserialize, Serialize};

/// A pattern of calls, or a question about memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A block of 16 to 64 bytes and its free, where the compiler may inline both.
    Pair,
    /// The same, each behind a call that is not inlined.
    PairCall,
    /// A thousand blocks of 16 to 512 bytes, the last freed first.
    BatchLifo,
    /// The same, the first freed first.
    BatchFifo,
    /// The same, freed in random order.
    BatchRandom,
    /// 25, 100, 400 and 1,600 blocks of one size of 8 to 512 bytes, the first freed first.
    Batches,
    /// One of 200,000 live blocks of 16 to 512 bytes, picked at random, is replaced by another.
    #[value(name = "live-200k")]
    #[serde(rename = "live-200k")]
    Live200k,
    /// The same with a million live blocks.
    #[value(name = "live-1m")]
    #[serde(rename = "live-1m")]
    Live1m,
    /// 100 kB that are zero; a byte of each page is written.
    Calloc,
    /// A block that grows by 100 bytes up to 100 kB, per call.
    ReallocStep,
    /// A block that doubles from 16 bytes to 1 MiB, per call.
    ReallocDouble,
    /// 128 bytes at a multiple of 64.
    Aligned,
    /// One of 64 live blocks of 2 to 20 KiB is replaced by another.
    Medium,
    /// A block of 300 KiB of which one byte is written.
    Large,
    /// A block of 8 MiB of which one byte is written.
    Huge,
    /// Syntax trees of some ten MiB are built, rewritten in part, read and dropped, per node.
    Trees,
    /// 10 to 40 MiB of blocks in sizes that change with each phase, per block.
    Phases,
    /// Three million blocks of 100 bytes, none of which is freed, are written and read.
    GrowOnly,
    /// Vectors grow side by side to 256 bytes to 64 KiB and are dropped, per vector.
    Vectors,
    /// Sums and products of 16 bytes to 4 KiB, per result.
    Bigints,
    /// Logic minimization on bit vectors of 8 to 32 bytes, per vector.
    Cubes,
    /// Each thread replaces blocks in an array that another one filled.
    Larson,
    /// Each thread allocates for the next and frees what the one before allocated.
    ProducerConsumer,
    /// One thread allocates, all others free.
    Asymmetric,
    /// A thread starts, allocates 50 blocks, frees them and ends.
    ThreadChurn,
    /// Each thread writes to small blocks, the first of which one thread allocated for all.
    FalseSharing,
    /// Instructions of a pair behind a call.
    Instructions,
    /// MiB left three seconds after four threads freed 100 MiB each.
    SpikeFreed,
    /// The same, of which they keep one block in sixteen.
    SpikeKept,
    /// The same when they have freed that as well, and ended.
    SpikeGone,
    /// MiB left when they freed everything and sleep.
    SpikeAsleep,
    /// Bytes resident for each of ten million blocks of 24 bytes.
    Dense,
    /// KiB resident for 98 KiB in blocks of all multiples of 16 up to 1,024 bytes.
    Classes,
    /// KiB resident in a process that allocates and frees one block.
    Idle,
    /// KiB by which the process grows while 100,000 threads start and end.
    Births,
    /// Children of a thousand that fail to allocate, of a process whose other threads allocate.
    Forks,
}

impl Row {
    /// Which figure it asks for. Less is better, always. A `time` is that of an operation: of CPU time on one thread,
    /// of wall-clock time over the operations of all threads on several.
    pub fn metric(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::SpikeFreed | Self::SpikeKept | Self::SpikeGone | Self::SpikeAsleep => "left",
            Self::Dense => "block",
            Self::Classes | Self::Idle | Self::Births => "grown",
            Self::Forks => "failed",
            _ => "time",
        }
    }

    /// The least that a figure can be if all that the row asks for became resident while it was measured.
    /// Below that, some was resident before: an allocator that holds memory from its start on.
    pub(super) fn least(self) -> f64 {
        match self {
            // 99,840 bytes.
            Self::Classes => 97.5,
            Self::Births => 0.0,
            _ => f64::NEG_INFINITY,
        }
    }

    /// Whether what it does depends on what its blocks hold, so that nothing less than an allocator will do.
    pub(super) fn reads_back(self) -> bool {
        matches!(
            self,
            Self::Trees | Self::GrowOnly | Self::Vectors | Self::Bigints | Self::Cubes
        )
    }

    /// The fewest threads that it makes sense on; `None` if it has a number of its own.
    pub(super) fn fewest_threads(self) -> Option<u16> {
        match self {
            Self::Larson | Self::ProducerConsumer | Self::Asymmetric | Self::FalseSharing => {
                Some(2)
            }
            _ if self.metric() == "time" => Some(1),
            _ => None,
        }
    }

    /// Processes that are asked if times are asked `reps` times. What waits for seconds, or comes out
    /// the same each time, is asked less often.
    pub(super) fn n_runs(self, reps: usize) -> usize {
        match self.metric() {
            "time" => reps,
            "grown" | "block" => reps.min(3),
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Choice;

    #[test]
    fn every_row_has_a_name_that_the_json_has_too_and_says_what_it_is() {
        for row in Row::all() {
            let json = serde_json::to_string(row).unwrap();
            assert_eq!(json, format!("\"{}\"", row.name()));
            assert!(!row.about().is_empty(), "{row:?}");
        }
    }

    #[test]
    fn rows_of_threads_that_depend_on_each_other_need_two() {
        assert_eq!(Row::Larson.fewest_threads(), Some(2));
        assert_eq!(Row::Pair.fewest_threads(), Some(1));
        assert_eq!(Row::SpikeFreed.fewest_threads(), None);
    }
}
