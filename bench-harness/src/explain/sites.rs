//! Who asked for each block: the call stack that `cargo xtask record --stacks` found, or else the size.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::script::{Script, Step};
use crate::trace::stacks::Stacks;

/// The site of each allocation of a script.
pub(super) struct Sites {
    /// What each site is called.
    pub(super) names: Vec<String>,
    /// The site of each allocation, in their order.
    pub(super) of: Vec<u32>,
}

impl Sites {
    /// Those of `script`.
    ///
    /// # Errors
    ///
    /// The file of stacks cannot be read, or is of another recording.
    pub(super) fn new(stacks: Option<&Path>, script: &Script) -> Result<Self> {
        let sizes = || {
            script.steps.iter().filter_map(|step| match step {
                Step::Allocate { layout, .. } => Some(layout.size()),
                _ => None,
            })
        };
        let Some(path) = stacks else {
            return Ok(Self::by_size(sizes()));
        };
        let stacks = Stacks::load(path)?;
        ensure!(
            stacks.sites.len() == sizes().count(),
            "{} has the stacks of {} allocations, and the trace has {}: they are not of one recording",
            path.display(),
            stacks.sites.len(),
            sizes().count()
        );
        Ok(Self {
            names: stacks
                .stacks
                .iter()
                .map(|stack| Stacks::site(stack).to_string())
                .collect(),
            of: stacks.sites,
        })
    }

    fn by_size(sizes: impl Iterator<Item = usize>) -> Self {
        let mut known: HashMap<usize, u32> = HashMap::new();
        let (mut names, mut of) = (Vec::new(), Vec::new());
        for size in sizes {
            let next = known.len() as u32;
            of.push(*known.entry(size).or_insert_with(|| {
                names.push(format!("blocks of {size} bytes"));
                next
            }));
        }
        Self { names, of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_stacks_blocks_are_told_apart_by_size() {
        let sites = Sites::by_size([8, 16, 8].into_iter());
        assert_eq!(sites.of, [0, 1, 0]);
        assert_eq!(sites.names, ["blocks of 8 bytes", "blocks of 16 bytes"]);
    }
}
