//! The parts of a run put together.

use anyhow::{Result, bail};

use bench_results::group::{self, Group};
use bench_results::stats::median;

use crate::report::{Report, Row, Time, WorkloadReport};

/// Puts `parts` together; the second value says what is doubtful about it.
///
/// Workloads and rows keep the order in which they first appear. A row that is in several parts is
/// the baseline of each: its times are pooled, and every other row remembers the baseline of its own
/// part, so that its ratio is to what was measured beside it.
///
/// # Errors
///
/// No parts; parts of different seeds or contests; two rows of the same pair that are not the baseline; two curves,
/// closed loops or commands of one name.
pub fn merge(parts: Vec<Report>) -> Result<(Report, Vec<String>)> {
    let mut parts = distinct(parts).into_iter().map(with_baselines);
    let Some(mut whole) = parts.next() else {
        bail!("nothing to merge: name the JSON files of the parts");
    };
    let mut warnings = Vec::new();
    for part in parts {
        if part.seed != whole.seed {
            bail!(
                "the parts have different seeds: {} and {}",
                whole.seed,
                part.seed
            );
        }
        if part.contest != whole.contest {
            bail!("the parts are not of one contest");
        }
        let differences = differences(&whole, &part).into_iter();
        warnings.extend(
            differences
                .filter(|new| !warnings.contains(new))
                .collect::<Vec<_>>(),
        );
        add(&mut whole, part)?;
    }
    if whole.interrupted {
        warnings.push("a part was interrupted: workloads or rows are missing".to_string());
    }
    Ok((whole.summarised(), warnings))
}

/// The same file named twice is one part.
fn distinct(parts: Vec<Report>) -> Vec<Report> {
    let mut distinct: Vec<Report> = Vec::new();
    for part in parts {
        if !distinct.contains(&part) {
            distinct.push(part);
        }
    }
    distinct
}

fn differences(whole: &Report, part: &Report) -> Vec<String> {
    let mut differences = Vec::new();
    if whole.machine != part.machine {
        differences.push(format!(
            "the machines differ ({}; {}): compare ratios, not times",
            whole.machine, part.machine
        ));
    }
    for (name, build) in &part.builds {
        if whole.builds.get(name).is_some_and(|other| other != build) {
            differences.push(format!(
                "the parts were made with different builds of {name}: \
                 what differs between them may be the program"
            ));
        }
    }
    if whole.reps != part.reps {
        differences.push(format!(
            "the parts have different repetitions ({}; {}): \
             rows with fewer have wider intervals or none",
            whole.reps, part.reps
        ));
    }
    differences
}

/// Every row remembers what the baseline took beside it.
fn with_baselines(mut part: Report) -> Report {
    for workload in &mut part.workloads {
        let baseline = workload.baseline_ns();
        for row in &mut workload.rows {
            row.baseline_ns = row.baseline_ns.or(baseline);
        }
    }
    part
}

fn add(whole: &mut Report, part: Report) -> Result<()> {
    for version in part.versions {
        if !whole.versions.contains(&version) {
            whole.versions.push(version);
        }
    }
    for (name, build) in part.builds {
        whole.builds.entry(name).or_insert(build);
    }
    whole.seconds += part.seconds;
    whole.interrupted |= part.interrupted;
    let twice = group::groups(part.measurements.iter().chain(&whole.measurements));
    let is_twice =
        |group: &Group<'_>| group.each.len() > group::subjects(group.each.iter().copied()).len();
    if let Some(twice) = twice.into_iter().find(is_twice) {
        bail!("{} was measured twice: leave one part out", twice.case);
    }
    whole.measurements.extend(part.measurements);
    append(&mut whole.commands, part.commands, |command| {
        command.command.clone()
    })?;
    for workload in part.workloads {
        match whole
            .workloads
            .iter_mut()
            .find(|old| old.name == workload.name)
        {
            Some(old) => add_rows(old, workload)?,
            None => whole.workloads.push(workload),
        }
    }
    Ok(())
}

/// What is not made in parts: it is in one of them or in none.
fn append<T>(whole: &mut Vec<T>, part: Vec<T>, name: impl Fn(&T) -> String) -> Result<()> {
    for new in part {
        if whole.iter().any(|old| name(old) == name(&new)) {
            bail!("{} was measured twice: leave one part out", name(&new));
        }
        whole.push(new);
    }
    Ok(())
}

fn add_rows(old: &mut WorkloadReport, new: WorkloadReport) -> Result<()> {
    if old.fingerprint != new.fingerprint || old.n_ops != new.n_ops {
        bail!("the parts did other work under the name {}", new.name);
    }
    for row in new.rows {
        match old
            .rows
            .iter_mut()
            .find(|before| before.allocator == row.allocator)
        {
            Some(before) if row.is_baseline() => pool(before, row),
            Some(_) => bail!(
                "{} on {} was measured twice: are these parts of one run?",
                row.allocator,
                old.name
            ),
            None => old.rows.push(row),
        }
    }
    Ok(())
}

/// The baseline was measured in both parts: its times are those of both, its footprint the first's.
fn pool(before: &mut Row, row: Row) {
    before.times.extend(row.times);
    before.broken |= row.broken;
    before.is_failure |= row.is_failure;
    before.time = match (before.time, row.time) {
        (Some(a), Some(b)) => median(&before.times).map(|median| Time {
            median,
            min: a.min.min(b.min),
            max: a.max.max(b.max),
            n_runs: a.n_runs + b.n_runs,
            page_faults: a.page_faults,
        }),
        _ => None,
    };
    for note in row.notes {
        if !before.notes.contains(&note) {
            before.notes.push(note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::CommandReport;
    use crate::report::records::measured;
    use crate::report::testing::{report, row, workload};
    use bench_results::{Case, Family, Linkage, Outcome, Role, Subject, Suite};

    fn part(name: &str, libc: f64, allocator: &str, time: f64) -> Report {
        let rows = vec![
            row("libc", &[libc; 3], 700),
            row(allocator, &[time; 3], 600),
        ];
        report(vec![workload(name, rows)])
    }

    #[test]
    fn parts_of_several_workloads_are_put_side_by_side() {
        let parts = vec![part("a", 10.0, "talc", 5.0), part("b", 10.0, "talc", 20.0)];
        let (whole, warnings) = merge(parts).unwrap();
        assert_eq!(whole.workloads.len(), 2);
        assert_eq!(warnings, Vec::<String>::new());
        let talc = whole
            .means
            .iter()
            .find(|mean| mean.allocator == "talc")
            .unwrap();
        assert!((talc.time_ratio.unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(talc.n_timed, 2);
    }

    #[test]
    fn a_ratio_is_to_the_baseline_of_its_own_part() {
        // The second machine is half as fast.
        let parts = vec![part("a", 10.0, "bump", 5.0), part("a", 20.0, "talc", 10.0)];
        let (whole, _) = merge(parts).unwrap();
        let rows = &whole.workloads[0].rows;
        let names: Vec<_> = rows.iter().map(|row| row.allocator.as_str()).collect();
        assert_eq!(names, ["libc", "bump", "talc"]);
        assert_eq!(rows[0].times.len(), 6, "the baseline's times are pooled");
        assert_eq!(rows[0].time.unwrap().n_runs, 6);
        for name in ["bump", "talc"] {
            let mean = whole
                .means
                .iter()
                .find(|mean| mean.allocator == name)
                .unwrap();
            assert!((mean.time_ratio.unwrap() - 0.5).abs() < 1e-9, "{name}");
        }
    }

    #[test]
    fn the_same_part_twice_is_once_and_a_second_measurement_is_refused() {
        let once = part("a", 10.0, "talc", 5.0);
        let (whole, _) = merge(vec![once.clone(), once.clone()]).unwrap();
        assert_eq!(whole.workloads[0].rows.len(), 2);
        let other = part("a", 10.0, "talc", 6.0);
        let error = merge(vec![once, other]).unwrap_err().to_string();
        assert!(error.contains("talc on a was measured twice"), "{error}");
    }

    #[test]
    fn other_work_other_seeds_and_nothing_are_refused() {
        let mut other = part("a", 10.0, "bump", 5.0);
        other.workloads[0].fingerprint = Some(9);
        assert!(merge(vec![part("a", 10.0, "talc", 5.0), other]).is_err());
        let mut other = part("b", 10.0, "bump", 5.0);
        other.seed = 2;
        assert!(merge(vec![part("a", 10.0, "talc", 5.0), other]).is_err());
        assert!(merge(Vec::new()).is_err());
    }

    fn with(change: impl Fn(&mut Report)) -> Report {
        let mut part = report(Vec::new());
        change(&mut part);
        part
    }

    #[test]
    fn what_is_not_made_in_parts_is_kept_and_refused_if_it_is_in_two() {
        let challenge = |seconds| {
            let case = Case::new(Suite::Kernel, "live");
            let subject = Subject::new("bump", Role::Stage, Family::Arena, Linkage::Linked);
            with(|part| {
                part.seconds = seconds;
                part.measurements = vec![measured(&subject, &case, "time", Outcome::one(1.0))];
            })
        };
        let command = |seconds| {
            let report = CommandReport {
                command: "true".to_string(),
                is_short: false,
                rows: Vec::new(),
            };
            with(|part| {
                part.seconds = seconds;
                part.commands = vec![report.clone()];
            })
        };
        let replayed = part("a", 10.0, "talc", 5.0);
        let parts = [replayed, challenge(1.0), command(1.0)];
        let (whole, _) = merge(parts.to_vec()).unwrap();
        let n_each = (
            whole.workloads.len(),
            whole.measurements.len(),
            whole.commands.len(),
        );
        assert_eq!(n_each, (1, 1, 1));
        for again in [challenge(2.0), command(2.0)] {
            let mut parts = parts.to_vec();
            parts.push(again);
            let error = merge(parts).unwrap_err().to_string();
            assert!(error.contains("was measured twice"), "{error}");
        }
    }

    #[test]
    fn other_builds_and_repetitions_are_warned_of_once() {
        let build = |name: &str, crc, reps| Report {
            builds: [("bench-harness".to_string(), crc)].into(),
            reps,
            ..part(name, 10.0, "talc", 5.0)
        };
        let parts = ["b", "c"].map(|name| build(name, 2, 3));
        let mut parts = parts.to_vec();
        parts.insert(0, build("a", 1, 5));
        let (_, warnings) = merge(parts).unwrap();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("different builds of bench-harness"));
        assert!(warnings[1].contains("different repetitions (5; 3)"));
        let (whole, none) = merge(vec![build("a", 1, 5), build("b", 1, 5)]).unwrap();
        assert_eq!(none, [""; 0]);
        assert_eq!(whole.builds["bench-harness"], 1);
    }

    #[test]
    fn other_machines_are_warned_of() {
        let mut other = part("b", 10.0, "talc", 5.0);
        other.machine.cpu = "another".to_string();
        other.interrupted = true;
        let (_, warnings) = merge(vec![part("a", 10.0, "talc", 5.0), other]).unwrap();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
    }
}
