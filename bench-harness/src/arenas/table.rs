//! The table, and what `bump` is to reach.

use super::{Arena, Cost, LayoutReport};
use crate::contest::bar::{self, Bar, Goal};
use crate::output::choice;
use crate::report::markdown::grid;
use crate::report::table::figure;
use crate::report::units::nanos;

/// What an allocation may take, over the best of the others and over the floor.
const BEST_AT_MOST: f64 = 1.0;
const FLOOR_AT_MOST: f64 = 1.1;

/// A figure of an arena, the less the better.
type Figure = fn(&Cost) -> Option<f64>;

const FIGURES: [(&str, Figure); 3] = [
    ("instructions", |cost| {
        cost.counts.map(|counts| counts.instructions)
    }),
    ("branches", |cost| cost.counts.map(|counts| counts.branches)),
    ("time", Cost::time),
];

/// The table and the bars, as Markdown; empty if nothing was measured.
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
        bar::list(&bars(layouts)),
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
    let [instructions, branches, _] = FIGURES.map(|(_, figure)| count(figure(cost)));
    let time = figure(cost.time(), nanos);
    format!("{instructions} · {branches} · {time}")
}

fn bars(layouts: &[LayoutReport]) -> Vec<Bar> {
    let peers: Vec<Arena> = Arena::all()
        .iter()
        .copied()
        .filter(|arena| arena.is_peer())
        .collect();
    let over_best = FIGURES.map(|(name, figure)| {
        let what = format!("{name} over the best of the others");
        worst(what, layouts, figure, &peers, BEST_AT_MOST)
    });
    let what = "time over the floor".to_string();
    let over_floor = worst(what, layouts, Cost::time, &[Arena::Floor], FLOOR_AT_MOST);
    over_best.into_iter().chain([over_floor]).collect()
}

/// The figure of `bump` over the best of `others`, on the layout where that is most.
fn worst(
    what: String,
    layouts: &[LayoutReport],
    figure: Figure,
    others: &[Arena],
    most: f64,
) -> Bar {
    let over = |layout: &LayoutReport| {
        let of = |arena: &Arena| Some((figure(cost(layout, *arena)?)?, *arena));
        let (best, other) = others
            .iter()
            .filter_map(of)
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        let (ours, _) = of(&Arena::Bump)?;
        Some((ratio(ours, best), layout.name(), choice::name(&other)))
    };
    let worst = layouts.iter().filter_map(over);
    let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0));
    let on = worst
        .as_ref()
        .map_or_else(String::new, |(_, layout, other)| {
            format!(", worst on {layout} ({other})")
        });
    Bar {
        what: what + &on,
        value: worst.map(|(ratio, ..)| ratio),
        goal: Goal::AtMost(most),
    }
}

/// 1 of two zeros: neither has a branch, say.
fn ratio(ours: f64, best: f64) -> f64 {
    match ours == best {
        true => 1.0,
        false => ours / best,
    }
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
        let bars = bars(&layouts);
        let values: Vec<f64> = bars.iter().filter_map(|bar| bar.value).collect();
        assert_eq!(values, [0.875, 1.0, 1.2, 1.2]);
        assert!(bars[0].what.contains("24 / 8 (blink)"), "{:?}", bars[0]);
    }

    #[test]
    fn what_was_not_counted_is_not_measured() {
        let mut alone = cost(Arena::Bump, 7.0, [1.0; 3]);
        alone.counts = None;
        let layouts = [LayoutReport {
            block: Block::Word,
            costs: vec![alone],
        }];
        assert!(markdown(&layouts).contains("| bump | – · – · 1.00 |"));
        assert!(bars(&layouts).iter().all(|bar| bar.value.is_none()));
        assert_eq!(markdown(&[]), "");
    }
}
