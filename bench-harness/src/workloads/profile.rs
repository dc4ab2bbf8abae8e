//! A workload from the user's own figures: which sizes, how often, how many of them live.

use std::collections::HashMap;
use std::path::Path;

use super::program::{Held, Program};
use crate::trace::Trace;

/// Live bytes of a generated trace at most, about: larger profiles are scaled down.
const MOST_LIVE: f64 = (64 << 20) as f64;

/// The largest size that a profile may name, in bytes.
const LARGEST: usize = 1 << 30;

/// What is known of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Bytes of a request.
    pub size: usize,
    /// How often it is asked for, in any unit that is the same for all entries.
    pub alloc_rate: f64,
    /// How many blocks of it are live at one time.
    pub num_live: f64,
}

/// The sizes of a program or of a fleet of them.
///
/// The columns are those of the profiles that the tcmalloc benchmark of Google's fleetbench reads.
///
/// ```
/// use bench_harness::workloads::Profile;
///
/// let profile: Profile = "size,alloc_rate,num_live\n32,1000,500\n4096,2.5,10\n".parse()?;
/// let trace = profile.generate("mine", 1, 10_000);
/// assert_eq!(trace.ops.len(), 10_000);
/// # Ok::<(), bench_harness::workloads::ProfileError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    entries: Vec<Entry>,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("the profile cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A line is not understood.
    #[error("line {line}: {problem}; a line is `size,alloc_rate,num_live`, as in `32,1000,500`")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to allocate.
    #[error("the profile has no size whose alloc_rate is above 0")]
    Empty,
}

impl Profile {
    /// Reads a CSV file.
    ///
    /// # Errors
    ///
    /// [`ProfileError`].
    pub fn load(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path)?;
        text.parse()
    }

    /// The sizes that are asked for.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A trace of `n_ops` calls named `name`: first the blocks of the steady state, then blocks
    /// that come and go so that each size is called for at its rate and keeps to its number.
    ///
    /// The numbers of live blocks are scaled down alike until they fit a quarter of the calls and
    /// 64 MiB; no size falls below one block.
    pub fn generate(&self, name: &str, seed: u64, n_ops: usize) -> Trace {
        let targets = self.targets(n_ops / 4);
        let mut program = Program::new(seed, n_ops);
        let mut live: Vec<Vec<Held>> = vec![Vec::new(); self.entries.len()];
        let build_up = Weights::new(targets.iter().map(|target| *target as f64));
        for _ in 0..targets.iter().sum() {
            let index = build_up.pick(program.random.below(build_up.total()));
            live[index].push(program.hold(self.entries[index].size));
        }
        let calls = Weights::new(self.entries.iter().map(|entry| entry.alloc_rate));
        while program.goes_on() {
            let index = calls.pick(program.random.below(calls.total()));
            let blocks = &mut live[index];
            if program.random.below(blocks.len() + targets[index]) < blocks.len() {
                let victim = program.random.below(blocks.len());
                program.release(blocks.swap_remove(victim));
            } else {
                blocks.push(program.hold(self.entries[index].size));
            }
        }
        program.finish(name)
    }

    /// The number of live blocks of each size around which a trace wavers.
    fn targets(&self, most_blocks: usize) -> Vec<usize> {
        let blocks: f64 = self.entries.iter().map(|entry| entry.num_live).sum();
        let bytes = |entry: &Entry| entry.num_live * entry.size as f64;
        let bytes: f64 = self.entries.iter().map(bytes).sum();
        let scale = (most_blocks as f64 / blocks)
            .min(MOST_LIVE / bytes)
            .min(1.0);
        let target = |entry: &Entry| ((entry.num_live * scale).round() as usize).max(1);
        self.entries.iter().map(target).collect()
    }
}

impl std::str::FromStr for Profile {
    type Err = ProfileError;

    /// A line with the names of the columns, empty lines and lines that begin with `#` are passed
    /// over.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let mut entries = Vec::new();
        let mut seen = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let fail = |problem| ProfileError::Line {
                line: line_number,
                problem,
            };
            if is_passed_over(line) {
                continue;
            }
            let entry = entry(line).map_err(fail)?;
            if let Some(first) = seen.insert(entry.size, line_number) {
                return Err(fail(format!(
                    "size {} stands in line {first}, too",
                    entry.size
                )));
            }
            entries.push(entry);
        }
        entries.retain(|entry: &Entry| entry.alloc_rate > 0.0);
        match entries.is_empty() {
            true => Err(ProfileError::Empty),
            false => Ok(Self { entries }),
        }
    }
}

fn is_passed_over(line: &str) -> bool {
    let line = line.trim();
    let names = line.replace(' ', "");
    line.is_empty() || line.starts_with('#') || names == "size,alloc_rate,num_live"
}

fn entry(line: &str) -> Result<Entry, String> {
    let columns: Vec<&str> = line.split(',').map(str::trim).collect();
    let [size, alloc_rate, num_live] = columns[..] else {
        return Err(format!("{} columns instead of 3", columns.len()));
    };
    let size: usize = size
        .parse()
        .map_err(|_| format!("`{size}` is no size in bytes"))?;
    if size > LARGEST {
        return Err(format!("size {size} is above {LARGEST}"));
    }
    Ok(Entry {
        size,
        alloc_rate: number("alloc_rate", alloc_rate)?,
        num_live: number("num_live", num_live)?,
    })
}

fn number(column: &str, text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err(format!(
            "`{text}` is no {column}: a number from 0 is needed"
        )),
    }
}

/// Weights in whole numbers, to pick by.
struct Weights {
    /// The sum of the weights up to and with each one.
    sums: Vec<usize>,
}

impl Weights {
    /// Each weight as a share of 2^32, and no less than one of these.
    fn new(weights: impl Iterator<Item = f64> + Clone) -> Self {
        const WHOLE: f64 = (1_u64 << 32) as f64;
        let total: f64 = weights.clone().sum();
        let mut sum = 0;
        let sums = weights.map(|weight| {
            sum += ((weight / total * WHOLE) as usize).max(1);
            sum
        });
        Self {
            sums: sums.collect(),
        }
    }

    fn total(&self) -> usize {
        self.sums.last().copied().unwrap_or(0)
    }

    /// The weight that holds the `point`th part of all.
    fn pick(&self, point: usize) -> usize {
        self.sums.partition_point(|sum| *sum <= point)
    }
}
