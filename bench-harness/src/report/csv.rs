//! The rows as comma-separated values, for spreadsheets and scripts.

use super::{Report, Row, WorkloadReport};

const HEADER: &[&str] = &[
    "workload",
    "fingerprint",
    "operations",
    "peak_live_bytes",
    "allocator",
    "version",
    "is_stage",
    "broken",
    "ns_per_op",
    "min_ns",
    "max_ns",
    "runs",
    "footprint_bytes",
    "footprint_is_upper_bound",
    "footprint_per_peak_live",
    "internal",
    "external",
    "page_faults",
    "notes",
];

/// A header and one line for each row, as RFC 4180 has it but with plain line ends. What was not
/// measured is an empty field.
pub fn lines(report: &Report) -> String {
    let header = HEADER.iter().map(ToString::to_string).collect();
    let rows = report
        .workloads
        .iter()
        .flat_map(|workload| workload.rows.iter().map(move |row| fields(workload, row)));
    std::iter::once(header).chain(rows).map(line).collect()
}

fn fields(workload: &WorkloadReport, row: &Row) -> Vec<String> {
    let time = row.time;
    let fingerprint = workload.fingerprint.map(|number| format!("{number:08x}"));
    vec![
        workload.name.clone(),
        field(fingerprint),
        workload.n_ops.to_string(),
        workload.peak_live.to_string(),
        row.allocator.clone(),
        field(row.version.clone()),
        row.is_stage.to_string(),
        row.broken.to_string(),
        field(time.map(|time| time.median)),
        field(time.map(|time| time.min)),
        field(time.map(|time| time.max)),
        field(time.map(|time| time.n_runs)),
        field(row.footprint.bytes),
        row.footprint.is_upper_bound.to_string(),
        field(row.footprint_ratio),
        field(row.footprint.internal),
        field(row.footprint.external),
        field(time.map(|time| time.page_faults)),
        row.notes.join("; "),
    ]
}

fn field<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn line(fields: Vec<String>) -> String {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    fields.join(",") + "\n"
}

fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, row, workload};

    #[test]
    fn a_row_is_a_line_with_as_many_fields_as_the_header() {
        let report = report(vec![workload("churn", vec![row("libc", &[1.5; 3], 7)])]);
        let text = lines(&report);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].split(',').count(), HEADER.len());
        assert!(lines[1].starts_with("churn,00000001,1000,500,libc,,false,false,1.5,1.5,1.5,3,7,"));
    }

    #[test]
    fn what_holds_a_comma_or_a_quote_is_quoted() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
