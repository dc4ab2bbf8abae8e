//! Runs the program: once under everything that there is time for, then in rounds under what did best.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::output::progress;
use crate::preload::{CommandReport, Exit, Library, Measure, Plan};

/// Fewer rounds give no interval.
const FEWEST_ROUNDS: usize = 3;
/// Arms that go on after the first round, beside libc and libc again: fewer of a slow program.
const FEWEST_FINALISTS: usize = 2;
const MOST_FINALISTS: usize = 8;
/// A run that takes so many times libc's has hung.
const HANGS: f64 = 20.0;

/// How the program is run.
pub(super) struct Runs<'a> {
    /// After which no run begins.
    pub(super) end: Instant,
    /// The most rounds.
    pub(super) most_rounds: usize,
    /// The arm that goes on in any case: the last answer.
    pub(super) favourite: Option<String>,
    /// Set when the user has had enough.
    pub(super) interrupted: &'a AtomicBool,
}

/// What came of it.
pub(super) enum Ran {
    /// Figures, and the names of the arms for which there was no time.
    Whole(CommandReport, Vec<String>),
    /// One run takes so long that the time gives no answer; seconds that would.
    TooLong(f64),
    /// The user has had enough.
    Interrupted,
}

impl Runs<'_> {
    /// Runs the program of `plan`.
    ///
    /// # Errors
    ///
    /// It cannot be run, or crashes under libc.
    pub(super) fn measure(&self, plan: Plan) -> Result<Ran> {
        let all = self.left();
        let Some(one) = self.warm_up(&plan)? else {
            return Ok(Ran::Interrupted);
        };
        let fewest = FEWEST_ROUNDS * (2 + FEWEST_FINALISTS);
        let needed = one * (1 + fewest) as f64;
        if self.n_runs(one) < FEWEST_ROUNDS * 2 {
            return Ok(Ran::TooLong(needed.max(all)));
        }
        let screened = screened(&plan, self.n_runs(one));
        let mut once = None;
        let finalists = match screened {
            Some(libraries) => {
                eprintln!(
                    "advise: {} under libc and {} others, about {} each",
                    plan.text,
                    libraries.len(),
                    seconds(one)
                );
                let plan = Plan {
                    libraries,
                    ..plan.clone()
                };
                let Some(report) = self.rounds(&plan, 1, one)? else {
                    return Ok(Ran::Interrupted);
                };
                let n = n_finalists(self.n_runs(one));
                let finalists = finalists(&plan, &report, n, self.favourite.as_deref());
                once = Some(report);
                finalists
            }
            None => simplest(&plan, 1 + n_finalists(self.n_runs(one))),
        };
        if let Some(once) = once.take_if(|_| self.n_runs(one) < 2 + FEWEST_FINALISTS) {
            let untried = untried(&plan, &once);
            return Ok(Ran::Whole(once, untried));
        }
        eprintln!(
            "advise: rounds under libc and {} others, for {} at most",
            finalists.len(),
            seconds(self.left())
        );
        let final_plan = Plan {
            libraries: finalists,
            ..plan.clone()
        };
        let Some(mut often) = self.rounds(&final_plan, self.most_rounds, one)? else {
            return Ok(Ran::Interrupted);
        };
        match once {
            Some(once) if often.rows[0].runs.is_empty() => often = once,
            Some(once) => often.add_missing(once),
            None => {}
        }
        let untried = untried(&plan, &often);
        Ok(Ran::Whole(often, untried))
    }

    /// Seconds that a run under libc takes; `None` if it was interrupted.
    fn warm_up(&self, plan: &Plan) -> Result<Option<f64>> {
        let bar = progress(1);
        let left = self.left();
        let measure = Measure {
            reps: 1,
            deadline: None,
            timeout: Duration::from_secs_f64(left.max(1.0)),
            interrupted: self.interrupted,
            progress: &bar,
        };
        let run = measure.warm_up(plan);
        bar.finish_and_clear();
        let run = run?;
        if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            return Ok(None);
        }
        match run.exit {
            Exit::Hung => bail!(
                "`{}` does not end within {}, which is all the time there is: --time gives it more",
                plan.text,
                seconds(left)
            ),
            Exit::Signal(number) => {
                bail!("`{}` crashes under libc, with signal {number}", plan.text)
            }
            Exit::Status(_) => Ok(Some(run.wall.max(0.001))),
        }
    }

    fn rounds(&self, plan: &Plan, reps: usize, one: f64) -> Result<Option<CommandReport>> {
        let bar = progress(reps * (1 + plan.libraries.len()));
        let measure = Measure {
            reps,
            deadline: Some(self.end),
            // On a busy machine one run may take several times what another does.
            timeout: Duration::from_secs_f64((one * HANGS).min(self.left() + 3.0 * one) + 5.0),
            interrupted: self.interrupted,
            progress: &bar,
        };
        let report = measure.rounds(plan);
        bar.finish_and_clear();
        report
    }

    /// Seconds that are left.
    fn left(&self) -> f64 {
        self.end
            .saturating_duration_since(Instant::now())
            .as_secs_f64()
    }

    /// Runs of `one` second each that there is time for.
    fn n_runs(&self, one: f64) -> usize {
        (self.left() / one) as usize
    }
}

/// The names of the arms that have no row.
fn untried(plan: &Plan, report: &CommandReport) -> Vec<String> {
    let is_tried = |library: &&Library| {
        let mut rows = report.rows.iter();
        rows.any(|row| row.allocator == library.name)
    };
    let untried = plan.libraries.iter().filter(|library| !is_tried(library));
    untried.map(|library| library.name.clone()).collect()
}

/// Arms that go on, if there is time for so many runs.
fn n_finalists(n_runs: usize) -> usize {
    let n = (n_runs / FEWEST_ROUNDS).saturating_sub(2);
    n.clamp(FEWEST_FINALISTS, MOST_FINALISTS)
}

/// Seconds for people.
fn seconds(seconds: f64) -> String {
    match seconds {
        short if short < 10.0 => format!("{short:.1} s"),
        long => format!("{long:.0} s"),
    }
}

/// Chooses what runs once before the rounds, so that `n_runs` are enough for both. Returns `None` if they are too few.
fn screened(plan: &Plan, n_runs: usize) -> Option<Vec<Library>> {
    let final_runs = FEWEST_ROUNDS * (2 + FEWEST_FINALISTS);
    let n = n_runs
        .checked_sub(final_runs)?
        .min(plan.libraries.len() + 1)
        .checked_sub(1)?;
    // Fewer than the libraries as they come decide nothing.
    let n_plain = plan
        .libraries
        .iter()
        .filter(|one| one.envs.is_empty())
        .count();
    (n >= n_plain).then(|| simplest(plan, n))
}

/// The `n` that say most, in the order of the plan: libc again and the libraries as they come before settings.
fn simplest(plan: &Plan, n: usize) -> Vec<Library> {
    let is_plain = |library: &Library| library.envs.is_empty();
    let n_plain = plan.libraries.iter().filter(|one| is_plain(one)).count();
    let (mut plain, mut set) = (n.min(n_plain), n.saturating_sub(n_plain));
    let is_in = |library: &&Library| {
        let left = if is_plain(library) {
            &mut plain
        } else {
            &mut set
        };
        let is_in = *left > 0;
        *left = left.saturating_sub(1);
        is_in
    };
    plan.libraries.iter().filter(is_in).cloned().collect()
}

/// libc again, the last answer, and the `n` that did best in `once`, in the order of the plan.
fn finalists(plan: &Plan, once: &CommandReport, n: usize, favourite: Option<&str>) -> Vec<Library> {
    let cost = |name: &str| {
        let mut rows = once.rows.iter();
        let row = rows.find(|row| row.allocator == name && !row.broken)?;
        // Threads together take more CPU time than time on the wall, which others on the machine add to.
        let time = row.cpu?.median.min(row.wall?.median);
        Some(time * row.peak_rss?.median)
    };
    let mut costs: Vec<f64> = plan
        .libraries
        .iter()
        .filter_map(|library| cost(&library.name))
        .collect();
    costs.sort_by(f64::total_cmp);
    let most = costs.get(n).copied().unwrap_or(f64::INFINITY);
    let is_in = |library: &&Library| {
        let is_control = library.path.is_none() && library.envs.is_empty();
        let is_favourite = favourite == Some(library.name.as_str());
        is_control || is_favourite || cost(&library.name).is_some_and(|cost| cost < most)
    };
    plan.libraries.iter().filter(is_in).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::CommandRow;

    /// libc again, `n` libraries, and as many settings of libc.
    fn plan(n: usize) -> Plan {
        let library = |index: usize| Library {
            path: Some(format!("{index}.so").into()),
            ..Library::of_libc(&format!("library {index}"), Vec::new())
        };
        let setting = |index: usize| {
            let envs = vec![("A".to_string(), index.to_string())];
            Library::of_libc(&format!("arm {index}"), envs)
        };
        let again = [Library::of_libc("again", Vec::new())];
        let libraries = (0..n).map(setting).chain(again).chain((0..n).map(library));
        Plan {
            libraries: libraries.collect(),
            ..Plan::new("true", &[]).unwrap()
        }
    }

    fn names(libraries: Vec<Library>) -> Vec<String> {
        libraries.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn libraries_as_they_come_are_tried_before_settings() {
        let plan = plan(3);
        assert_eq!(names(simplest(&plan, 2)), ["again", "library 0"]);
        let names = names(simplest(&plan, 5));
        assert_eq!(
            names,
            ["arm 0", "again", "library 0", "library 1", "library 2"]
        );
    }

    #[test]
    fn what_there_is_time_for_depends_on_a_run() {
        let plan = plan(3);
        assert_eq!(screened(&plan, 1000).map(|all| all.len()), Some(7));
        assert_eq!(screened(&plan, 12 + 6).map(|some| some.len()), Some(5));
        assert_eq!(screened(&plan, 12 + 4), None);
        assert_eq!(screened(&plan, 3), None);
    }

    #[test]
    fn what_did_best_goes_on_and_libc_again_and_the_last_answer_always_do() {
        let plan = plan(12);
        let row = |library: &Library| {
            let number = library.name.trim_start_matches("arm ").parse();
            CommandRow::measured(&library.name, number.unwrap_or(99.0))
        };
        let once = CommandReport {
            command: "true".to_string(),
            is_short: false,
            rows: plan.libraries.iter().map(row).collect(),
        };
        let names = names(finalists(&plan, &once, 8, Some("library 3")));
        assert_eq!(names.len(), 10);
        let (first, last) = (names[0].as_str(), names[9].as_str());
        assert_eq!(
            (first, names[8].as_str(), last),
            ("arm 0", "again", "library 3")
        );
    }

    #[test]
    fn a_program_that_takes_too_long_is_told_how_long_it_needs() {
        let runs = Runs {
            end: Instant::now() + Duration::from_secs(1),
            most_rounds: 3,
            favourite: None,
            interrupted: &AtomicBool::new(false),
        };
        let plan = Plan::new("sleep 0.4", &[]).unwrap();
        let ran = runs.measure(plan).unwrap();
        assert!(matches!(ran, Ran::TooLong(seconds) if seconds > 5.0));
        let plan = Plan::new("sleep 1000", &[]).unwrap();
        let error = runs.measure(plan).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("--time gives it more"), "{error}");
    }
}
