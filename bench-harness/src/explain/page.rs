//! The bars as a page that needs nothing else.

use super::{Explained, Moment, PARTS};
use crate::report::units::{bytes, thousands};

/// The colour of each part, and of what is not known.
const COLOURS: [&str; PARTS.len() + 1] = [
    "#2f6f9f", "#8fb8d8", "#d98c3f", "#e8c99b", "#6d6d6d", "#a65f8f", "#dddddd",
];

/// The page: a chart for each allocator, one bar a moment, all to one scale, and a table of who keeps free bytes.
pub(super) fn page(trace: &str, all: &[Explained]) -> String {
    let moments = all.iter().flat_map(|one| &one.moments);
    let most = moments.map(|moment| moment.len()).max().unwrap_or(1);
    let names = PARTS.iter().map(|(name, _)| *name).chain(["not known"]);
    let legend: String = names
        .zip(COLOURS)
        .map(|(name, colour)| format!("<span><i style=\"background:{colour}\"></i>{name}</span> "))
        .collect();
    let charts: String = all.iter().map(|one| chart(one, most)).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Memory explained</title>\n<style>{STYLE}</style>\n\
         <h1>Memory explained</h1><p>{}</p><p>{legend}</p>\n{charts}</html>\n",
        escaped(trace)
    )
}

const STYLE: &str = "body{font:15px sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222;background:#fff}\
i{display:inline-block;width:1em;height:1em;margin-right:.3em;vertical-align:-.15em}span{margin-right:1em}\
.bar{display:flex;height:1.1em;margin:.15em 0}.bar b{width:7em;text-align:right;font-weight:normal;margin-right:.6em}\
.bar div{height:100%}.bar em{margin-left:.6em;font-style:normal;color:#555}table{border-collapse:collapse}\
td,th{padding:.1em .8em;text-align:left}td:first-child{text-align:right}";

fn chart(explained: &Explained, most: usize) -> String {
    let bars: String = explained
        .moments
        .iter()
        .map(|moment| bar(*moment, most))
        .collect();
    let pins = explained.pins.iter().map(|pin| {
        format!(
            "<tr><td>{}<td>{}<td>{}\n",
            bytes(pin.bytes),
            thousands(pin.n_blocks),
            escaped(&pin.site)
        )
    });
    let table = match explained.pins.is_empty() {
        true => String::new(),
        false => format!(
            "<p>Who keeps free bytes in their pages, after call {}:</p>\n<table><tr><th>free<th>blocks<th>asked for by\n\
             {}</table>\n",
            thousands(explained.pinned_at),
            pins.collect::<String>()
        ),
    };
    format!("<h2>{}</h2>\n{bars}{table}", escaped(&explained.allocator))
}

fn bar(moment: Moment, most: usize) -> String {
    let names = PARTS.iter().map(|(name, _)| *name).chain(["not known"]);
    let parts = moment.bar().zip(names).zip(COLOURS);
    let parts: String = parts
        .filter(|((part, _), _)| *part > 0)
        .map(|((part, name), colour)| {
            let width = part as f64 * 75.0 / most as f64;
            format!(
                "<div style=\"width:{width:.3}%;background:{colour}\" title=\"{name}: {}\"></div>",
                bytes(part)
            )
        })
        .collect();
    format!(
        "<div class=\"bar\"><b>{}</b>{parts}<em>{}</em></div>\n",
        thousands(moment.op),
        bytes(moment.resident)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_bar_a_moment_and_escapes_what_it_is_told() {
        let mut explained = Explained::made_up("Vec<u8>");
        explained.moments = vec![explained.moments[0]; 3];
        let page = page("t", &[explained]);
        assert_eq!(page.matches("class=\"bar\"").count(), 3);
        assert!(
            page.contains("width:37.500%") && page.contains("Vec&lt;u8&gt;"),
            "{page}"
        );
        assert!(page.contains("title=\"not known: 250 B\""), "{page}");
    }
}
