//! The bars in a terminal.

use super::{Explained, Moment, PARTS};
use crate::report::units::{bytes, thousands};

/// Signs of the longest bar.
const WIDTH: usize = 60;

/// A bar for each moment, with what it is made of, and who keeps free bytes.
pub(super) fn explained(explained: &Explained) -> String {
    let mut text = format!(
        "\n{}: resident memory, and what it is for\n",
        explained.allocator
    );
    let signs: Vec<String> = PARTS
        .iter()
        .map(|(name, sign)| format!("{sign} {name}"))
        .collect();
    text += &format!("{}, ? not known\n", signs.join(", "));
    let most = explained
        .moments
        .iter()
        .map(|moment| moment.len())
        .max()
        .unwrap_or(1);
    for moment in &explained.moments {
        text += &line(*moment, most);
    }
    if explained.pins.is_empty() {
        return text;
    }
    text += &format!(
        "who keeps free bytes in their pages, after call {}:\n",
        thousands(explained.pinned_at)
    );
    for pin in &explained.pins {
        text += &format!(
            "{:>10}  {} ({} blocks)\n",
            bytes(pin.bytes),
            pin.site,
            thousands(pin.n_blocks)
        );
    }
    text
}

fn line(moment: Moment, most: usize) -> String {
    let (mut bar, mut so_far) = (String::new(), 0);
    let signs = PARTS.iter().map(|(_, sign)| *sign).chain(['?']);
    for (part, sign) in moment.bar().zip(signs) {
        so_far += part;
        while bar.len() < so_far * WIDTH / most {
            bar.push(sign);
        }
    }
    let all = moment.parts.all();
    let shown = all.iter().zip(&PARTS).filter(|(part, _)| **part > 0);
    let shown: Vec<String> = shown
        .map(|(part, (_, sign))| format!("{sign} {}", bytes(*part)))
        .collect();
    format!(
        "{:>12} |{bar:WIDTH$}| {} resident, {:.1} % explained: {}\n",
        thousands(moment.op),
        bytes(moment.resident),
        moment.ratio() * 100.0,
        shown.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_its_parts_in_order_and_what_is_not_known() {
        let text = explained(&Explained::made_up("main"));
        let bar = format!("|{}{}{}|", "#".repeat(30), "o".repeat(15), "?".repeat(15));
        assert!(
            text.contains(&bar) && text.contains("75.0 % explained"),
            "{text}"
        );
        assert!(text.contains("250 B  main (2 blocks)"), "{text}");
    }
}
