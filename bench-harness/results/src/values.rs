//! Results as comma-separated values, for spreadsheets and scripts: a line for each measurement.

use anyhow::{Context, Result};
use csv::Writer;
use serde::Serialize;

use crate::metric;
use crate::{Family, Linkage, Measurement, Outcome, Results, Role, Suite};

/// The fields of a line.
#[derive(Serialize)]
struct Line<'a> {
    run: u32,
    suite: Suite,
    case: &'a str,
    parameters: String,
    fingerprint: Option<String>,
    operations: Option<usize>,
    allocator: &'a str,
    version: Option<&'a str>,
    role: Role,
    family: Family,
    linkage: Linkage,
    metric: &'a str,
    unit: &'static str,
    median: Option<String>,
    min: Option<String>,
    max: Option<String>,
    samples: usize,
    note: String,
}

/// A header and the lines, as RFC 4180 has them but with plain line ends. What was not measured is an empty
/// field, and `note` says why.
///
/// # Errors
///
/// A figure that nobody knows.
pub fn lines(results: &Results) -> Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    for measurement in &results.measurements {
        writer.serialize(line(measurement)?)?;
    }
    let bytes = writer.into_inner().context("cannot write values")?;
    Ok(String::from_utf8(bytes)?)
}

fn line(measurement: &Measurement) -> Result<Line<'_>> {
    let Measurement {
        run,
        subject,
        case,
        metric,
        outcome,
    } = measurement;
    let params = case.params.iter();
    let params: Vec<String> = params
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let samples = outcome.samples();
    let end = |pick: fn(f64, f64) -> f64| samples.iter().copied().reduce(pick);
    let text = |figure: Option<f64>| figure.map(|figure| figure.to_string());
    Ok(Line {
        run: *run,
        suite: case.suite,
        case: &case.name,
        parameters: params.join(" "),
        fingerprint: case.fingerprint.map(|number| format!("{number:08x}")),
        operations: case.n_ops,
        allocator: &subject.name,
        version: subject.version.as_deref(),
        role: subject.role,
        family: subject.family,
        linkage: subject.linkage,
        metric,
        unit: metric::find(metric)?.sign(),
        median: text(outcome.median()),
        min: text(end(f64::min)),
        max: text(end(f64::max)),
        samples: samples.len(),
        note: match outcome {
            Outcome::AtMost(most) => format!("at most {most}: {}", outcome.why()),
            _ => outcome.why().to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{results, time};

    #[test]
    fn a_measurement_is_a_line_with_as_many_fields_as_the_header() {
        let mut slow = time("talc", "a, \"b\"", &[]);
        slow.outcome = Outcome::Stopped("too slow".to_string());
        let text = lines(&results(vec![
            time("libc", "churn", &[1.5, 2.0, 1.0]),
            slow,
        ]))
        .unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 2);
        let line = text.lines().nth(1).unwrap();
        assert_eq!(
            line,
            "0,trace,churn,,00000001,1000,libc,,baseline,process,linked,time,ns,1.5,1,2,3,"
        );
        assert_eq!(&records[1][2], "a, \"b\"");
        assert_eq!(
            (&records[1][13], &records[1][16], &records[1][17]),
            ("", "0", "too slow")
        );
    }
}
