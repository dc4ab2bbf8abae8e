//! The table, and what `bump` is to reach.

use super::{Arena, Cost, LayoutReport};
use crate::goals;
use crate::output::choice;
use crate::report::records::{self, Records};
use crate::report::units::nanos;
use bench_results::grid::figure;
use bench_results::grid::markdown as grid;

/// The table and the goals, as Markdown; empty if nothing was measured.
pub(crate) fn markdown(layouts: &[LayoutReport]) -> String {
    if layouts.is_empty() {
        return String::new();
    }
    let mut header = vec!["bytes / alignment".to_string()];
    header.extend(layouts.iter().map(LayoutReport::name));
    let lines: Vec<Vec<String>> = Arena::all()
        .iter()
        .map(|arena| line(*arena, layouts))
        .collect();
    format!(
        "Instructions · branches of an allocation, without the loop's · ns, with the loop's:\n\n{}\n\
         What bump is to reach:\n\n{}",
        grid(&header, &lines),
        goals::list("arenas", records::of(layouts, Records::arenas)),
    )
}

fn line(arena: Arena, layouts: &[LayoutReport]) -> Vec<String> {
    let mut line = vec![choice::name(&arena)];
    line.extend(
        layouts
            .iter()
            .map(|layout| figure(cost(layout, arena), cell)),
    );
    line
}

fn cost(layout: &LayoutReport, arena: Arena) -> Option<&Cost> {
    layout.costs.iter().find(|cost| cost.arena == arena)
}

fn cell(cost: &Cost) -> String {
    let count = |count| figure(count, |count: f64| format!("{:.1}", count.abs()));
    let counts = cost.counts;
    let instructions = count(counts.map(|counts| counts.instructions));
    let branches = count(counts.map(|counts| counts.branches));
    let time = figure(cost.time(), nanos);
    format!("{instructions} · {branches} · {time}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arenas::{Block, Counts};

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
        assert!(text.contains("| bump | 7.0 · 1.0 · 1.20 |"), "{text}");
        assert!(text.contains("| nothing | – |"), "{text}");
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
