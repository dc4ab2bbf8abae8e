//! The table, and what `bump` is to reach.

use bench_results::Measurement;
use bench_results::grid::Draw;
use bench_results::pivot::Pivot;

use crate::goals;

/// The table and the goals; empty if nothing was measured.
pub(crate) fn table(all: &[Measurement], draw: Draw) -> String {
    if all.is_empty() {
        return String::new();
    }
    let metrics = ["instructions", "branches", "time"];
    let pivot = Pivot::new("bytes / alignment", all, &metrics);
    format!(
        "\nInstructions · branches of an allocation, without the loop's · ns, with the loop's:\n\n{}\n\
         What bump is to reach:\n\n{}",
        draw(&[vec![pivot.header], pivot.lines].concat()),
        goals::list("arenas", all),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_results::grid::in_markdown;
    use bench_results::{Case, Family, Linkage, Outcome, Role, Subject, Suite};

    fn cost(name: &str, role: Role, instructions: f64, times: [f64; 3]) -> Vec<Measurement> {
        let subject = Subject::new(name, role, Family::Arena, Linkage::Linked);
        let case = Case::new(Suite::Kernel, "arena").with("block", "24 / 8");
        let one = |name, outcome| crate::report::records::measured(&subject, &case, name, outcome);
        vec![
            one("time", Outcome::Samples(times.to_vec())),
            one("instructions", Outcome::one(instructions)),
            one("branches", Outcome::one(1.0)),
        ]
    }

    #[test]
    fn bump_is_held_against_the_best_of_the_others_and_against_the_floor() {
        let all = [
            cost("bump", Role::Stage, 7.0, [1.2, 1.0, 9.0]),
            cost("bumpalo", Role::Peer, 9.0, [2.0; 3]),
            cost("blink", Role::Peer, 8.0, [1.0; 3]),
            cost("floor", Role::Control, 3.0, [1.0; 3]),
        ];
        let text = table(&all.concat(), in_markdown);
        assert!(text.contains("| bump | 7.00 · 1.00 · 1.20 |"), "{text}");
        for goal in [
            "instructions over blink, worst on arena block=24 / 8: 0.875; at most 1.000: **reached**",
            "branches over bumpalo, worst on arena block=24 / 8: 1.000; at most 1.000: **reached**",
            "time over blink, worst on arena block=24 / 8: 1.200; at most 1.000: **missed**",
            "time over floor, worst on arena block=24 / 8: 1.200; at most 1.100: **missed**",
        ] {
            assert!(text.contains(goal), "{text}");
        }
    }

    #[test]
    fn what_was_not_counted_is_not_measured() {
        let alone = cost("bump", Role::Stage, 7.0, [1.0; 3]);
        let text = table(&alone[..1], in_markdown);
        assert!(text.contains("| bump | – · – · 1.00 |"));
        assert!(!text.contains("reached"), "{text}");
        assert_eq!(table(&[], in_markdown), "");
    }
}
