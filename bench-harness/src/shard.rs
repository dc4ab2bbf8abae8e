//! A large run in parts, for as many machines or jobs as there are.
//!
//! Parts are cut between workloads as long as that gives enough of them, since ratios need the
//! allocators of a workload to be measured together. Where there are more parts than workloads,
//! several share one: each takes some of its allocators, and the baseline again.

use std::fmt;
use std::str::FromStr;

use crate::allocators::{BASELINE, Entry};

/// The `index`-th of `count` parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Which of `entries` this part measures on the `workload`-th of `n_workloads`, from 0.
    pub fn entries<'a>(
        &self,
        workload: usize,
        n_workloads: usize,
        entries: &'a [Entry],
    ) -> Vec<&'a Entry> {
        let Some((group, n_groups)) = self.group(workload, n_workloads) else {
            return Vec::new();
        };
        let mut others = 0;
        let is_taken = |entry: &&Entry| {
            if entry.name == BASELINE {
                return true;
            }
            others += 1;
            (others - 1) % n_groups == group
        };
        entries.iter().filter(is_taken).collect()
    }

    /// Whether the `index`-th of `n` cases, from 0, is this part's, where no two parts share one.
    pub(crate) fn takes(&self, index: usize, n: usize) -> bool {
        matches!(self.group(index, n), Some((0, _)))
    }

    /// Which group of the workload's allocators this part measures, from 0, of how many; `None` if
    /// the workload is another part's.
    fn group(&self, workload: usize, n_workloads: usize) -> Option<(usize, usize)> {
        let index = self.index - 1;
        if self.count <= n_workloads {
            return (workload % self.count == index).then_some((0, 1));
        }
        let n_groups = (self.count - workload).div_ceil(n_workloads);
        (index % n_workloads == workload).then_some((index / n_workloads, n_groups))
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) && count <= 100_000 => {
                Ok(Self { index, count })
            }
            _ => Err("I/N is needed, with I from 1 to N, such as 3/16".to_string()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators::all;
    use std::collections::HashMap;

    /// How often each pair is measured by `count` parts.
    fn pairs(count: usize, n_workloads: usize) -> HashMap<(usize, &'static str), usize> {
        let mut pairs = HashMap::new();
        for index in 1..=count {
            let shard = Shard { index, count };
            for workload in 0..n_workloads {
                let all = all();
                for entry in shard.entries(workload, n_workloads, &all) {
                    *pairs.entry((workload, entry.name)).or_default() += 1;
                }
            }
        }
        pairs
    }

    #[test]
    fn parts_together_are_the_whole_and_only_the_baseline_is_measured_twice() {
        for (count, n_workloads) in [(1, 3), (2, 5), (5, 5), (7, 5), (23, 4), (40, 1)] {
            let pairs = pairs(count, n_workloads);
            assert_eq!(pairs.len(), n_workloads * all().len());
            for ((_, name), times) in pairs {
                assert!(times == 1 || name == BASELINE, "{name}: {times} of {count}");
            }
        }
    }

    #[test]
    fn each_part_of_a_workload_has_the_baseline() {
        for index in 1..=6 {
            let shard = Shard { index, count: 6 };
            let all = all();
            let n_entries: Vec<usize> = (0..2)
                .map(|workload| shard.entries(workload, 2, &all).len())
                .collect();
            assert!(n_entries.contains(&0), "a part is of one workload");
            let taken = shard.entries((index - 1) % 2, 2, &all);
            assert!(taken.iter().any(|entry| entry.name == BASELINE));
            assert!(taken.len() > 1, "and of something to compare with it");
        }
    }

    #[test]
    fn a_case_that_is_not_shared_is_of_one_part() {
        for (count, n) in [(1, 3), (2, 5), (7, 5), (40, 1)] {
            for case in 0..n {
                let parts = (1..=count).map(|index| Shard { index, count });
                let n_parts = parts.filter(|part| part.takes(case, n)).count();
                assert_eq!(n_parts, 1, "{case} of {n} in {count}");
            }
        }
    }

    #[test]
    fn parts_are_read_as_they_are_written() {
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
        for wrong in ["0/4", "5/4", "1", "a/b", "1/0", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
