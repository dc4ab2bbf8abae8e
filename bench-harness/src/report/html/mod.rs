//! The report as one page that needs nothing else: no network, no font, no other file.
//!
//! The results go into the page as JSON, deflated where they are large; scripts in the page draw
//! from it. Each script is one noun, and they are joined in the order of `SCRIPTS`.

mod slim;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_results::cmp::Comparison;
use bench_results::standings::Standing;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use super::control::{self, Control};
use super::{BEYOND, Report, losses};
use crate::allocators::Need;

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = concat!(
    include_str!("report.css"),
    include_str!("../../../../docs/heap-lab/page/heap-lab.css")
);

const SCRIPTS: &[&str] = &[
    include_str!("page.js"),
    include_str!("scale.js"),
    include_str!("labels.js"),
    include_str!("allocators.js"),
    include_str!("table.js"),
    include_str!("pareto.js"),
    include_str!("bars.js"),
    include_str!("chart.js"),
    include_str!("curves.js"),
    include_str!("heap.js"),
    include_str!("heatmap.js"),
    include_str!("blockmap.js"),
    // The book's figure: the stages in WebAssembly, and the element around them.
    include_str!("../../../../docs/heap-lab/page/module.js"),
    include_str!("../../../../docs/heap-lab/page/heap-lab.js"),
    include_str!("lab.js"),
    include_str!("facts.js"),
    include_str!("rows.js"),
    include_str!("main.js"),
];

/// Larger results are deflated.
const LARGE: usize = 64 << 10;

/// The most bytes of results in a page.
const MOST: usize = 4_650_000;

/// What the scripts read.
#[derive(Serialize)]
struct Data<'a> {
    report: &'a Report,
    losses: Vec<Standing>,
    control: Vec<Control>,
    comparison: Option<&'a Comparison>,
    /// The need that each allocator answers.
    needs: BTreeMap<&'a str, Need>,
    /// So many calls lie beyond a percentile that is shown.
    beyond: u64,
    /// What is in the JSON file but was left out of the page, in words.
    omitted: &'a [String],
}

/// The page of `report`, with what changed since an earlier one if that is given: 5 MB at most unless the rows without their details are more.
///
/// # Errors
///
/// A report that cannot be written as JSON.
pub fn page(report: &Report, comparison: Option<&Comparison>) -> Result<String> {
    let mut report = report.clone();
    let mut omitted = Vec::new();
    let mut data = data(&report, comparison, &omitted)?;
    for step in slim::STEPS {
        if data.len() <= MOST {
            break;
        }
        if slim::apply(step, &mut report) {
            omitted.push(format!("Left out to keep this page small: {}.", step.what));
        }
        data = self::data(&report, comparison, &omitted)?;
    }
    fill(&[
        ("style", STYLE),
        ("data", &data),
        ("scripts", &SCRIPTS.concat()),
    ])
}

/// The template with its places filled, in the order of their names in it.
fn fill(parts: &[(&str, &str)]) -> Result<String> {
    let mut page = String::new();
    let mut rest = TEMPLATE;
    for (name, text) in parts {
        let (before, after) = rest
            .split_once(&format!("{{{{{name}}}}}"))
            .with_context(|| format!("the page has no place for its {name}"))?;
        page += before;
        page += text;
        rest = after;
    }
    Ok(page + rest)
}

/// The element that holds the results.
fn data(report: &Report, comparison: Option<&Comparison>, omitted: &[String]) -> Result<String> {
    let data = Data {
        report,
        losses: losses(&report.workloads),
        control: control::of(&report.workloads),
        comparison,
        needs: needs(report),
        beyond: BEYOND,
        omitted,
    };
    let json = serde_json::to_string(&data)?;
    Ok(match json.len() <= LARGE {
        // A `<` could end the element; in JSON it is only ever in strings.
        true => format!(
            "<script type=\"application/json\" id=\"data\">{}</script>",
            json.replace('<', "\\u003c")
        ),
        false => format!(
            "<script type=\"text/plain\" id=\"data\" data-encoding=\"deflate\">{}</script>",
            STANDARD.encode(deflate(&json)?)
        ),
    })
}

/// The need that each allocator answers. The control is libc again.
fn needs(report: &Report) -> BTreeMap<&str, Need> {
    let rows = report.workloads.iter().flat_map(|workload| &workload.rows);
    rows.map(|row| (row.allocator.as_str(), row.need.unwrap_or(Need::Process)))
        .collect()
}

fn deflate(text: &str) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, row, workload};

    #[test]
    fn the_page_needs_nothing_else_and_ends_its_data_where_it_should() {
        let mut evil = workload("</script><b>", vec![row("libc", &[1.0; 3], 1)]);
        evil.facts.about = "{{scripts}} <!--".to_string();
        let page = page(&report(vec![evil]), None).unwrap();
        assert!(
            !page.contains("</script><b>"),
            "a name does not end the script"
        );
        assert!(
            page.contains("{{scripts}} \\u003c!--"),
            "and is not a place to fill"
        );
        assert_eq!(page.matches("</script>").count(), 2);
        for elsewhere in ["src=", "@import", "url(http", "//cdn", "fetch("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn large_results_are_deflated() {
        let rows = (0..2000).map(|_| row("libc", &[1.0; 3], 1)).collect();
        let page = page(&report(vec![workload("churn", rows)]), None).unwrap();
        assert!(page.contains("data-encoding=\"deflate\""));
        assert!(page.len() < 330_000, "{}", page.len());
    }
}
