//! Several runs taken together: the parts of a study, or one run after the other in a file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::{Result, bail};

use crate::{Attachment, Environment, Measurement, Outcome, Results};

impl Results {
    /// Adds a run, and returns its number; `None` of one that is here already.
    pub(crate) fn begin(&mut self, environment: Environment) -> Option<u32> {
        if self.runs.iter().any(|known| known.id == environment.id) {
            return None;
        }
        let run = self.runs.len() as u32;
        self.runs.push(Environment { run, ..environment });
        Some(run)
    }

    /// Adds the runs of `other`, each once, under numbers of their own.
    pub fn add(&mut self, other: Self) {
        let mut numbers = HashMap::new();
        for run in other.runs {
            numbers.insert(run.run, self.begin(run));
        }
        let number = |run| numbers.get(&run).copied().flatten();
        let measured = other.measurements.into_iter();
        self.measurements.extend(measured.filter_map(|one| {
            let run = number(one.run)?;
            Some(Measurement { run, ..one })
        }));
        let attached = other.attachments.into_iter();
        self.attachments.extend(attached.filter_map(|one| {
            let run = number(one.run)?;
            Some(Attachment { run, ..one })
        }));
    }

    /// Checks that the runs can be taken together: they are of one machine, of one build of everything, and of one seed.
    ///
    /// # Errors
    ///
    /// What differs.
    pub fn check_alike(&self) -> Result<()> {
        let Some((first, others)) = self.runs.split_first() else {
            return Ok(());
        };
        for other in others {
            if other.machine != first.machine {
                bail!(
                    "the runs are of two machines: {}; {}",
                    first.machine,
                    other.machine
                );
            }
            let rebuilt = other.builds.iter();
            let mut rebuilt = rebuilt
                .filter(|(name, crc)| first.builds.get(*name).is_some_and(|known| known != *crc));
            if let Some((name, _)) = rebuilt.next() {
                bail!("the runs are of two builds of {name}");
            }
            if other.seed != first.seed {
                bail!("the runs have the seeds {} and {}", first.seed, other.seed);
            }
        }
        Ok(())
    }

    /// The results with the samples of each figure together that several runs have. Of a figure that has samples in
    /// one of them only, those count; of one that has none, the first reason.
    ///
    /// # Errors
    ///
    /// Two cases of one name that are not the same work.
    pub fn pooled(mut self) -> Result<Self> {
        if self.runs.len() < 2 {
            return Ok(self);
        }
        let mut work = HashMap::new();
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut pooled: Vec<Measurement> = Vec::new();
        for one in std::mem::take(&mut self.measurements) {
            let case = (one.case.suite, one.case.to_string());
            match work.entry(case.clone()) {
                Entry::Vacant(place) => {
                    place.insert(one.case.clone());
                }
                Entry::Occupied(known) if *known.get() != one.case => {
                    bail!("the runs did other work under the name {}", one.case)
                }
                Entry::Occupied(_) => {}
            }
            match places.entry((case, one.subject.name.clone(), one.metric.clone())) {
                Entry::Vacant(place) => {
                    place.insert(pooled.len());
                    pooled.push(one);
                }
                Entry::Occupied(place) => {
                    let known = &mut pooled[*place.get()].outcome;
                    match (&mut *known, one.outcome) {
                        (Outcome::Samples(samples), Outcome::Samples(more)) => samples.extend(more),
                        (Outcome::Samples(_), _) | (_, Outcome::Stopped(_)) => {}
                        (_, other) => *known = other,
                    }
                }
            }
        }
        self.measurements = pooled;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{results, time};

    /// Two runs of libc, the second with an allocator more.
    fn two() -> Results {
        let mut both = results(vec![time("libc", "churn", &[1.0, 2.0])]);
        let mut other = results(vec![
            time("libc", "churn", &[3.0]),
            time("talc", "churn", &[4.0]),
        ]);
        other.runs[0].id = 2;
        both.add(other);
        both
    }

    #[test]
    fn runs_are_added_once_and_their_samples_pooled() {
        let mut both = two();
        both.add(results(vec![time("libc", "churn", &[1.0, 2.0])]));
        let runs: Vec<u32> = both.measurements.iter().map(|one| one.run).collect();
        assert_eq!((both.runs.len(), runs), (2, vec![0, 1, 1]));
        let pooled = both.pooled().unwrap();
        assert_eq!(pooled.measurements.len(), 2);
        assert_eq!(pooled.measurements[0].outcome.samples(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn other_work_under_a_name_is_refused() {
        let mut both = two();
        Arc::make_mut(&mut both.measurements[2].case).fingerprint = Some(9);
        let error = both.pooled().unwrap_err().to_string();
        assert!(error.contains("other work under the name churn"), "{error}");
    }

    #[test]
    fn runs_of_two_machines_builds_or_seeds_are_not_alike() {
        two().check_alike().unwrap();
        let change = |change: fn(&mut Environment)| {
            let mut both = two();
            both.runs[0].builds.insert("a".to_string(), 1);
            change(&mut both.runs[1]);
            both.check_alike().unwrap_err().to_string()
        };
        assert!(change(|run| run.machine.cpu = "other".to_string()).contains("two machines"));
        assert!(change(|run| run.builds = [("a".to_string(), 2)].into()).contains("builds of a"));
        assert!(change(|run| run.seed = 7).contains("seeds 1 and 7"));
    }
}
