//! The smallest heap in which a script completes.

/// What a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smallest {
    /// Found, to the tolerance of the search.
    Found(usize),
    /// Time ran out: this length is enough, a smaller one may be.
    AtMost(usize),
    /// Nothing up to the largest length is enough, or time ran out before one was found.
    None,
}

/// Searches for the smallest length in `least..=most` for which `fits`; `None` from it ends the
/// search early. The result is within 64 bytes or 0.1 % of a length that does not fit.
///
/// The length grows from `least` in doubling steps until one fits, then the last step is halved
/// again and again. Whether a script completes need not be monotone in the length of the heap (a
/// few bytes more can place a block unluckily), so "smallest" means the smallest found this way;
/// it is the same for every allocator.
pub fn smallest(
    least: usize,
    most: usize,
    mut fits: impl FnMut(usize) -> Option<bool>,
) -> Smallest {
    let mut failed = least.saturating_sub(1);
    let mut step = (least / 64).max(64);
    let mut fitting = loop {
        let len = failed.saturating_add(step).min(most);
        match fits(len) {
            Some(true) => break len,
            Some(false) if len < most => (failed, step) = (len, step * 2),
            _ => return Smallest::None,
        }
    };
    while fitting - failed > (fitting / 1000).max(64) {
        let middle = failed + (fitting - failed) / 2;
        match fits(middle) {
            Some(true) => fitting = middle,
            Some(false) => failed = middle,
            None => return Smallest::AtMost(fitting),
        }
    }
    Smallest::Found(fitting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_threshold_to_a_thousandth() {
        for threshold in [1_000, 1_001, 64_000, 1_234_567, 99_000_000] {
            let found = smallest(1_000, 100_000_000, |len| Some(len >= threshold));
            let Smallest::Found(len) = found else {
                panic!("{found:?}");
            };
            assert!(
                len >= threshold && len - threshold <= (len / 1000).max(64),
                "{threshold}: {len}"
            );
        }
    }

    #[test]
    fn gives_up_at_the_largest_length() {
        let mut tried = Vec::new();
        let found = smallest(100, 5_000, |len| {
            tried.push(len);
            Some(false)
        });
        assert_eq!(found, Smallest::None);
        assert_eq!(
            tried.last(),
            Some(&5_000),
            "the largest length is tried: {tried:?}"
        );
    }

    #[test]
    fn running_out_of_time_keeps_what_is_known() {
        let mut left = 6;
        let found = smallest(1_000_000, 1_000_000_000, |len| {
            left -= 1;
            (left > 0).then_some(len >= 1_200_000)
        });
        assert!(
            matches!(found, Smallest::AtMost(len) if (1_200_000..1_300_000).contains(&len)),
            "{found:?}"
        );
        assert_eq!(smallest(1_000, 1_000_000, |_| None), Smallest::None);
    }

    #[test]
    fn needs_few_replays() {
        let mut n_replays = 0;
        smallest(10_000_000, 1 << 40, |len| {
            n_replays += 1;
            Some(len >= 13_000_000)
        });
        assert!(n_replays <= 13, "{n_replays}");
    }
}
