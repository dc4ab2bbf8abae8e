//! The table, and what `bump` is to reach.

use bench_results::grid;
use bench_results::pivot::Pivot;

use super::LayoutReport;
use crate::goals;
use crate::report::records::{self, Records};

/// The table and the goals, as Markdown; empty if nothing was measured.
pub(crate) fn markdown(layouts: &[LayoutReport]) -> String {
    if layouts.is_empty() {
        return String::new();
    }
    let measured = records::of(layouts, Records::arenas);
    let metrics = ["instructions", "branches", "time"];
    let pivot = Pivot::new("bytes / alignment", &measured, &metrics);
    format!(
        "Instructions · branches of an allocation, without the loop's · ns, with the loop's:\n\n{}\n\
         What bump is to reach:\n\n{}",
        grid::markdown(&pivot.header, &pivot.lines),
        goals::list("arenas", measured),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arenas::{Arena, Block, Cost, Counts};

    fn cost(arena: Arena, instructions: f64, times: [f64; 3]) -> Cost {
        Cost {
            arena,
            counts: Some(Counts {
                instructions,
                branches: 1.0,
            }),
            times: times.to_vec(),
        }
    }

    #[test]
    fn bump_is_held_against_the_best_of_the_others_and_against_the_floor() {
        let layouts = [LayoutReport {
            block: Block::Words,
            costs: vec![
                cost(Arena::Bump, 7.0, [1.2, 1.0, 9.0]),
                cost(Arena::Bumpalo, 9.0, [2.0; 3]),
                cost(Arena::Blink, 8.0, [1.0; 3]),
                cost(Arena::Floor, 3.0, [1.0; 3]),
            ],
        }];
        let text = markdown(&layouts);
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
        let mut alone = cost(Arena::Bump, 7.0, [1.0; 3]);
        alone.counts = None;
        let layouts = [LayoutReport {
            block: Block::Word,
            costs: vec![alone],
        }];
        let text = markdown(&layouts);
        assert!(text.contains("| bump | – · – · 1.00 |"));
        assert!(!text.contains("reached"), "{text}");
        assert_eq!(markdown(&[]), "");
    }
}
