//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::advise::AdviseArgs;
use crate::allocators::BASELINE;
use crate::contest::Contest;
use crate::count::CountArgs;
use crate::explain::ExplainArgs;
use crate::global::Row;
use crate::job::Question;
use crate::measure::callgrind::can_count;
use crate::output::{ResultArgs, percent};
use crate::preload::Library;
use crate::programs::Program;
use crate::select::Peers;

/// Identical workloads on every stage, on libc malloc and on the best known allocators.
///
/// Reached through `cargo xtask bench`, which builds it first.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay the shipped traces and three generated workloads on all allocators.
    ///
    /// Every (allocator, workload) pair is verified first, then its footprint is found, then it is
    /// timed in processes of its own, interleaved with the others. A pair that crashes, hangs or
    /// runs out of memory is a row that says so.
    #[command(after_help = EXAMPLES, args_override_self = true, args_conflicts_with_subcommands = true)]
    Bench(Box<BenchArgs>),
    /// Say which allocator suits a program, in a sentence for each use.
    ///
    /// The program is recorded, its trace is replayed on every allocator, and the program itself runs under what
    /// can take the place of libc's `malloc`, and under other settings of libc's own, in turn.
    #[command(after_help = ADVISE)]
    Advise(Box<AdviseArgs>),
    /// Count what a recorded program asks of an allocator, without a clock.
    Count(CountArgs),
    /// Explain what each resident byte of a replay is for, and who keeps free bytes from being given back.
    Explain(ExplainArgs),
    /// Try every promise of the `Allocator` contract on the peers.
    Conformance(ConformanceArgs),
    /// Grade an allocator by the contract and by the shipped traces.
    #[command(hide = true)]
    Grade(GradeArgs),
    /// Answer one job of a parent process.
    #[command(hide = true)]
    Child {
        /// The job, as JSON.
        job: String,
    },
}

const ADVISE: &str = "\
Examples:
  cargo xtask advise -- python3 script.py
  cargo xtask advise --time 900 -- ./server-under-load.sh
  cargo xtask advise --quick --preload mimalloc.so -- sort words
  cargo xtask advise --trace mine.trace                 of a program that ran elsewhere
  cargo xtask advise --from target/bench/advise.jsonl   what was said, once more";

const EXAMPLES: &str = "\
Examples:
  cargo xtask bench                                 everything, within five minutes
  cargo xtask bench --quick                         everything, within one
  cargo xtask bench --stage coalescing libc talc    three allocators
  cargo xtask bench --trace target/traces/my.trace  what `cargo xtask record` wrote
  cargo xtask bench --trace short1.rep              a trace of the malloc labs
  cargo xtask bench --preload je=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2 \
      --command 'python3 script.py'                 a real command under another malloc
  cargo xtask bench --detail                        tails, memory over time, counts, layout
  cargo xtask bench --closed-loop                   heaps filled until they fail
  cargo xtask bench --flat                          cost against the number of live blocks
  cargo xtask bench --tight                         heaps with little to spare
  cargo xtask bench --contest heaps                 a stage, its nearest peers, and its bars
  cargo xtask bench --arenas                        one allocation of bump and its peers
  cargo xtask bench --global --peers all            malloc and free, micro-benchmarks, memory
  cargo xtask bench --programs                      python, sqlite, the compiler … preloaded
  cargo xtask bench --save before                   keep a run, change something, and see:
  cargo xtask bench --baseline before               what changed, beyond noise
  cargo xtask bench --shard 3/16 --json 3.jsonl     a part of a large run; `cat` puts parts together
  cargo xtask bench list                            what can be named
  cargo xtask bench show before.jsonl               an earlier run's tables; also rank, csv, page
  cargo xtask bench cmp new.jsonl old.jsonl --fail-on 5

Exit status:
  0    everything was measured; an allocator may be too slow or too large, and a peer may have crashed
  1    --fail-on found something worse, a gate was missed, an allocator broke its contract, or a stage or a preloaded
       library crashed or never came back from a call
  2    the command could not do its work: options, or a file that cannot be read or written
  130  Ctrl-C (143: SIGTERM); partial results are beside the older ones, see --resume";

/// Options of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Allocators to compare; the stages and `--peers` if none is named. Ratios need `libc` among
    /// them.
    #[arg(long, alias = "allocator", value_name = "NAME", num_args = 1..)]
    pub stage: Vec<String>,

    /// Which allocators by others to compare the stages with; those in C are built first.
    /// [default: rust with --trace or --global, else few]
    #[arg(long, value_name = "WHICH", value_enum)]
    pub peers: Option<Peers>,

    /// A library with a `malloc` of its own to compare as well: it is preloaded in place of libc's. Behind
    /// the path there may be variables for its `--command` or `--programs`: 'NAME=PATH VARIABLE=VALUE'.
    #[arg(long, value_name = "NAME=PATH", num_args = 1..)]
    pub preload: Vec<Library>,

    /// Run this command under libc and each `--preload`, instead of replaying traces. It is not
    /// given to a shell.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["workload", "trace", "flat", "stage"])]
    pub command: Vec<String>,

    /// Seconds after which a command is stopped.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    pub timeout: f64,

    /// Shipped traces and generated workloads to replay, by name; `all` is all of them.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub workload: Vec<String>,

    /// Trace files to replay: compact (`.trace`) or of the malloc labs (`.rep`).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub trace: Vec<PathBuf>,

    /// CSV files `size,alloc_rate,num_live` of which a workload each is made.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub profile: Vec<PathBuf>,

    /// Replay the whole calls at the start of a damaged trace file.
    #[arg(long)]
    pub prefix: bool,

    /// Refuse a `.rep` file that strays from its format.
    #[arg(long)]
    pub strict: bool,

    /// The first 20,000 operations of each workload, three repetitions: within 60 seconds.
    #[arg(long)]
    pub quick: bool,

    /// Time coalescing and mmap-backed (or the named) at 10² to 10⁶ live blocks instead.
    #[arg(long, conflicts_with_all = ["workload", "trace", "profile"])]
    pub flat: bool,

    /// Replay in fixed heaps of 1.5 and 1.75 times the peak of live bytes instead: who completes,
    /// and how fast.
    #[arg(long, conflicts_with_all = ["flat", "closed_loop", "command", "global", "programs"])]
    pub tight: bool,

    /// Compare a stage with its nearest peers only, on what it is made for, and say by how much it
    /// reaches or misses its bars.
    #[arg(long, value_name = "CONTEST", value_enum, conflicts_with_all = ["flat", "tight", "closed_loop", "command", "global", "programs", "from"])]
    pub contest: Option<Contest>,

    /// Run real programs on inputs that are made here, under libc and each `--preload`: these, or all
    /// that are installed.
    #[arg(long, value_name = "PROGRAM", num_args = 0.., value_enum, conflicts_with_all = ["workload", "trace", "profile", "flat", "command", "global", "stage"])]
    pub programs: Option<Vec<Program>>,

    /// Count the instructions, branches and nanoseconds of one allocation of bump, of other arenas and
    /// of a pointer that only moves, instead.
    #[arg(long, conflicts_with_all = ["workload", "trace", "profile", "flat", "tight", "closed_loop", "command", "global", "programs", "contest", "stage", "from"])]
    pub arenas: bool,

    /// Micro-benchmarks of allocators that a whole program runs on, at 1, 2 and 4 threads: these rows,
    /// or all of them.
    #[arg(long, value_name = "ROW", num_args = 0.., value_enum, conflicts_with_all = ["workload", "trace", "profile", "flat", "command"])]
    pub global: Option<Vec<Row>>,

    /// What to measure beside time and footprint.
    #[command(flatten)]
    pub measures: MeasureArgs,
    /// Run the workloads that react to the allocator instead: fill to failure, Robson's adversary.
    #[arg(long, conflicts_with_all = ["workload", "trace", "profile", "flat", "global", "programs"])]
    pub closed_loop: bool,

    /// Fill heaps of this many bytes to failure. [default: 1048576, then 16777216]
    #[arg(long, value_name = "BYTES", requires = "closed_loop", value_parser = clap::value_parser!(u32).range(4096..=1 << 30))]
    pub heap_len: Option<u32>,

    /// Fill them with blocks of up to this many bytes, and ten times that when they are resized.
    /// [default: 1000, then 10000]
    #[arg(long, value_name = "BYTES", requires = "closed_loop", value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    pub max_size: Option<u32>,

    /// Where the results go as lines of JSON; `-` is standard output, and the tables go to standard error.
    #[arg(long, value_name = "FILE", default_value_os_t = default_json())]
    pub json: PathBuf,

    /// Print the tables of an earlier run's JSON instead of measuring.
    #[arg(long, hide = true, value_name = "FILE", conflicts_with_all = ["workload", "trace", "profile", "stage", "flat", "tight", "global", "programs", "closed_loop", "quick"])]
    pub from: Option<PathBuf>,

    /// Fill the tables of the book from the results, of a build with --fat-lto.
    #[arg(long)]
    pub docs: bool,

    /// Measure a build with fat link-time optimization (LTO), as published figures are. Building it takes
    /// minutes more. Without it, code of one crate is inlined in another only where Rust does so by itself.
    #[arg(long)]
    pub fat_lto: bool,

    /// Say this after the tables: `cargo xtask` names the peers that it could not build.
    #[arg(long, hide = true, value_name = "SENTENCE")]
    pub left_out: Vec<String>,

    /// List allocators and workloads, and do nothing else.
    #[arg(long, hide = true)]
    pub list: bool,

    /// Seed of the generated workloads.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// Threads of the workloads that have several. [default: one for each CPU]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub threads: Option<u16>,

    /// Processes per time, whose median is reported. [default: 5, with --global,
    /// --contest and --arenas 7, with --quick 3]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub reps: Option<u16>,

    /// Operations of a generated workload, and at most so many of any. [default: 200000 generated,
    /// all of a trace]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub ops: Option<u32>,

    /// Seconds for each verifying replay and for the timed ones of a row together; a row that
    /// needs more says where it stopped. [default: 2.5, or 0.4 with --quick]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,

    /// What becomes of the results.
    #[command(flatten)]
    pub results: ResultArgs,

    /// Something else than a run.
    #[command(subcommand)]
    pub action: Option<BenchAction>,
}

/// What else `bench` does: with results that are there already.
#[derive(Debug, Subcommand)]
pub enum BenchAction {
    /// List allocators, workloads, contests, rows and programs.
    List,
    /// Print the tables of results.
    Show(FileArgs),
    /// Print geometric means over a subject's figures, the least first.
    Rank(RankArgs),
    /// Say what changed since earlier results, with intervals at 95 %.
    Cmp(CmpArgs),
    /// Write the page of a run.
    Page(PageArgs),
    /// Print results as comma-separated values.
    Csv(FileArgs),
    /// Fill the tables of the book from a run with --fat-lto.
    Book(FileArgs),
    /// Fail if a figure does not reach its limit, or if a gate finds nothing to judge.
    Gate {
        /// The gates.
        #[arg(value_name = "GATES")]
        gates: PathBuf,
        /// What they judge.
        #[command(flatten)]
        files: FileArgs,
    },
    /// Say how the parts of a run are put together.
    #[command(hide = true)]
    Merge {
        /// What was said to it once.
        #[arg(num_args = 0.., allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

/// Results of one run or of several.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Files that `--json`, `--save` or `--records` wrote. Several runs are taken together.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Take runs of several machines, systems, compilers or builds together all the same.
    #[arg(long)]
    pub any_machine: bool,
}

/// Options of `bench rank`.
#[derive(Debug, Args)]
pub struct RankArgs {
    /// The results.
    #[command(flatten)]
    pub files: FileArgs,

    /// Which figure.
    #[arg(long, value_name = "NAME", default_value = "time")]
    pub metric: String,

    /// Over whose.
    #[arg(long, value_name = "NAME", default_value = BASELINE)]
    pub over: String,
}

/// Options of `bench cmp`.
#[derive(Debug, Args)]
pub struct CmpArgs {
    /// The later results.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// The earlier ones: a file, or the name of a saved run.
    #[arg(value_name = "OLD")]
    pub old: String,

    /// Fail if a figure is worse by more than so many per cent, the whole of its interval, or gone.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fail_on: Option<f64>,

    /// Compare these figures only.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub metric: Vec<String>,

    /// Compare runs of two machines, systems or compilers all the same.
    #[arg(long)]
    pub any_machine: bool,
}

/// Options of `bench page`.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// The results.
    #[command(flatten)]
    pub files: FileArgs,

    /// Where the page goes. [default: beside the first file]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `bench` that ask for more than time and footprint.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct MeasureArgs {
    /// All of the measures below that do not say otherwise.
    #[arg(long)]
    pub detail: bool,

    /// How long single calls take: quantiles by kind of call and size.
    #[arg(long)]
    pub latency: bool,

    /// How much memory is used when: live bytes, footprint, fragmentation.
    #[arg(long)]
    pub memory: bool,

    /// How many probes, splits, merges and system calls there are.
    #[arg(long)]
    pub counts: bool,

    /// Where blocks lie: a map of each heap, and a log of the stages' first operations.
    #[arg(long)]
    pub layout: bool,

    /// How much memory goes back to the OS within a second of freeing everything.
    #[arg(long)]
    pub drain: bool,

    /// The same within five seconds, for as long as that takes. Not in `--detail`.
    #[arg(long)]
    pub long_drain: bool,

    /// How many instructions an operation takes, by valgrind. Not in `--detail`.
    #[arg(long)]
    pub instructions: bool,
}

/// Options of `conformance`.
#[derive(Debug, Args)]
pub struct ConformanceArgs {
    /// Allocators to try; all peers if none is named.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// Options of `grade`.
#[derive(Debug, Args)]
pub struct GradeArgs {
    /// The allocator to grade: `cargo xtask grade` puts the reader's own into the table.
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The first 20,000 operations of each trace, and 32 random programs for each promise.
    #[arg(long)]
    pub quick: bool,

    /// Score instructions, which valgrind counts, instead of time: equal runs get equal scores.
    #[arg(long)]
    pub instructions: bool,

    /// Seconds for each promise; an allocator that takes longer hangs. [default: 60, with --quick 20]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub patience: Option<u32>,

    /// Shipped traces to replay, by name. [default: all]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub trace: Vec<String>,

    /// Operations of each trace. [default: all, with --quick 20000]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub ops: Option<u32>,

    /// Random programs for each promise that is tried with them. [default: 256, with --quick 32]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub cases: Option<u32>,
}

/// Operations that are logged of all rows together, so that a report on many stays small.
const LOGGED_OPS: usize = 600_000;

impl MeasureArgs {
    /// What is asked of each of `n_rows` rows beside time and footprint.
    pub(crate) fn questions(self, n_rows: usize) -> Vec<Question> {
        let n_logged = (LOGGED_OPS / n_rows.max(1)).clamp(1_500, 6_000);
        let drain = Question::Drain {
            five_seconds: self.long_drain,
        };
        let wishes = [
            (self.latency || self.detail, Question::Latency),
            (self.memory || self.detail, Question::Memory),
            (self.counts || self.detail, Question::Counts),
            (self.layout || self.detail, Question::Layout { n_logged }),
            (self.drain || self.long_drain || self.detail, drain),
            (self.instructions && can_count(), Question::Instructions),
        ];
        let wished = wishes.into_iter().filter(|(wished, _)| *wished);
        wished.map(|(_, question)| question).collect()
    }
}

pub(crate) fn default_json() -> PathBuf {
    crate::select::workspace().join("target/bench/bench.jsonl")
}

pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.01 to 3600 is needed".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
