//! What a stage is to reach, and by how much it does.

use std::fmt;

use crate::report::units::{percent, ratio};

/// A figure and what it is to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    /// What the figure is, as the beginning of a sentence.
    pub(crate) what: String,
    /// The figure; `None` if nothing was measured to make it of.
    pub(crate) value: Option<f64>,
    /// What it is to be.
    pub(crate) goal: Goal,
}

/// The limit of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// Less is better.
    AtMost(f64),
    /// More is better.
    AtLeast(f64),
}

impl Goal {
    /// By what fraction of the limit `value` misses it; `None` if it does not.
    fn missed_by(self, value: f64) -> Option<f64> {
        let beyond = match self {
            Self::AtMost(most) => value / most - 1.0,
            Self::AtLeast(least) => 1.0 - value / least,
        };
        (beyond > 0.0).then_some(beyond)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {}", ratio(*most)),
            Self::AtLeast(least) => write!(f, "at least {}", ratio(*least)),
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, goal } = self;
        let Some(value) = value else {
            return write!(f, "{what}: not measured; {goal}");
        };
        write!(f, "{what}: {}; {goal}: ", ratio(*value))?;
        match goal.missed_by(*value) {
            None => f.write_str("**reached**"),
            Some(by) => write!(f, "**missed by {}**", percent(by)),
        }
    }
}

/// A list of them, as Markdown.
pub(crate) fn list(bars: &[Bar]) -> String {
    bars.iter().map(|bar| format!("- {bar}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: Option<f64>, goal: Goal) -> String {
        let what = "time".to_string();
        Bar { what, value, goal }.to_string()
    }

    #[test]
    fn a_bar_says_whether_it_is_reached_and_by_how_much_it_is_missed() {
        let most = Goal::AtMost(0.75);
        let reached = "time: 0.750; at most 0.750: **reached**";
        assert_eq!(bar(Some(0.75), most), reached);
        let missed = "time: 0.780; at most 0.750: **missed by 4.0 %**";
        assert_eq!(bar(Some(0.78), most), missed);
        assert_eq!(bar(None, most), "time: not measured; at most 0.750");
        let missed = "time: 0.760; at least 0.950: **missed by 20.0 %**";
        assert_eq!(bar(Some(0.76), Goal::AtLeast(0.95)), missed);
        assert!(bar(Some(0.96), Goal::AtLeast(0.95)).ends_with("**reached**"));
    }
}
