//! What sentences of advice are made of.

use crate::ratio::Ratio;
use crate::units::three_digits;

/// An alternative is worth naming if it has at most this part of the pick's time or memory.
const WORTH_NAMING: f64 = 0.9;

/// The most names in a list.
const MOST_NAMES: usize = 3;

/// The one of `others` with the least ratio, if that is worth naming; below one beyond noise if it `is_sure`.
pub fn least<T>(
    others: impl Iterator<Item = T>,
    of: impl Fn(&T) -> Option<Ratio>,
    is_sure: bool,
) -> Option<T> {
    let known = others.filter_map(|other| Some((of(&other)?, other)));
    let worth =
        known.filter(|(ratio, _)| ratio.value <= WORTH_NAMING && (ratio.is_less() || !is_sure));
    let least = worth.min_by(|(a, _), (b, _)| a.value.total_cmp(&b.value));
    least.map(|(_, other)| other)
}

/// `0.71 (0.68–0.74)`; the ratio alone if its interval is too narrow to be seen.
pub fn with_interval(ratio: Ratio) -> String {
    let value = three_digits(ratio.value);
    let ends = ratio.interval.map(|interval| {
        let (low, high) = (three_digits(interval.low), three_digits(interval.high));
        match low == high {
            true => String::new(),
            false => format!(" ({low}–{high})"),
        }
    });
    value + &ends.unwrap_or_default()
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
pub fn list(names: &[&str]) -> String {
    let (shown, more) = names.split_at(names.len().min(MOST_NAMES));
    match (shown, more.len()) {
        ([], _) => String::new(),
        ([one], _) => (*one).to_string(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (shown, n) => format!("{} and {n} more", shown.join(", ")),
    }
}
