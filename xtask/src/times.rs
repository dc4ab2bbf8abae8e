//! What the steps of `check` took, and the list of them at its end.

use std::fs;
use std::time::Duration;

use crate::check::Outcome;

/// What a step took, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) name: String,
    pub(crate) wall: Duration,
    /// Processor time of all its processes, where the system tells it.
    pub(crate) cpu: Option<Duration>,
    pub(crate) outcome: Outcome,
}

/// Processor time of all children that ended, and of theirs; `None` without `/proc`.
pub(crate) fn cpu_of_children() -> Option<Duration> {
    cpu_in(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// The same in a line of proc(5)'s `stat`: `cutime` and `cstime`, in ticks of 10 ms.
fn cpu_in(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(13);
    let [user, system]: [u64; 2] = [fields.next()?.parse().ok()?, fields.next()?.parse().ok()?];
    Some(Duration::from_millis((user + system) * 10))
}

/// Each step's time, that of all `together`, and in the end what was skipped, where nobody overlooks it.
pub(crate) fn summary(steps: &[Taken], together: Duration) -> String {
    let line = |name: &str, wall: Duration, cpu: Option<Duration>, note: &str| {
        let cpu = cpu.map_or_else(String::new, |cpu| format!("{:>9.1} s", cpu.as_secs_f64()));
        format!("  {name:<14}{:>7.1} s{cpu}{note}", wall.as_secs_f64())
    };
    let mut lines = vec![
        String::new(),
        "all steps passed (time, processor time):".to_owned(),
    ];
    let mut skipped = Vec::new();
    for Taken {
        name,
        wall,
        cpu,
        outcome,
    } in steps
    {
        let note = match outcome {
            Outcome::Passed => "",
            Outcome::Skipped(why) => {
                skipped.push(format!("  {name:<14}{why}"));
                "   skipped"
            }
        };
        lines.push(line(name, *wall, *cpu, note));
    }
    let cpu = steps.iter().map(|step| step.cpu).sum();
    lines.push(line("together", together, cpu, ""));
    if !skipped.is_empty() {
        lines.push("\nskipped, wholly or in part:".to_owned());
        lines.extend(skipped);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_listed_in_the_end() {
        let step = |name: &str, outcome| Taken {
            name: name.to_owned(),
            wall: Duration::from_secs(1),
            cpu: Some(Duration::from_secs(2)),
            outcome,
        };
        let skipped = Outcome::Skipped("needs x: install it".to_owned());
        let text = summary(
            &[step("fmt", Outcome::Passed), step("miri", skipped)],
            Duration::from_secs(2),
        );
        let (steps, rest) = text.split_once("together").unwrap();
        assert!(!steps.contains("install it"), "{text}");
        assert!(rest.starts_with("          2.0 s      4.0 s\n"), "{text}");
        assert!(
            rest.ends_with("\n  miri          needs x: install it"),
            "{text}"
        );
        let text = summary(&[step("fmt", Outcome::Passed)], Duration::ZERO);
        assert!(!text.contains("skipped"), "{text}");
    }

    #[test]
    fn the_children_s_time_is_found_behind_a_name_with_spaces() {
        let stat = "7 (a) b) S 1 7 7 0 -1 0 10 20 0 0 3 4 250 50 20 0 1 0 99";
        assert_eq!(cpu_in(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_in("7 (a) S 1 7"), None);
    }
}
