//! Results as comma-separated values, for spreadsheets and scripts: a line for each measurement.

use anyhow::{Context, Result};
use csv::WriterBuilder;

use crate::metric;
use crate::{Measurement, Outcome, Results};

const HEADER: [&str; 18] = [
    "run",
    "suite",
    "case",
    "parameters",
    "fingerprint",
    "operations",
    "allocator",
    "version",
    "role",
    "family",
    "linkage",
    "metric",
    "unit",
    "median",
    "min",
    "max",
    "samples",
    "note",
];

/// A header and the lines, as RFC 4180 has them but with plain line ends. What was not measured is an empty
/// field, and `note` says why.
///
/// # Errors
///
/// A figure that nobody knows.
pub fn lines(results: &Results) -> Result<String> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for measurement in &results.measurements {
        writer.write_record(fields(measurement)?)?;
    }
    let bytes = writer.into_inner().context("cannot write values")?;
    Ok(String::from_utf8(bytes)?)
}

fn fields(measurement: &Measurement) -> Result<[String; 18]> {
    let Measurement {
        subject,
        case,
        outcome,
        ..
    } = measurement;
    let params: Vec<String> = case
        .params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let samples = outcome.samples();
    let end = |pick: fn(f64, f64) -> f64| field(samples.iter().copied().reduce(pick));
    let note = match outcome {
        Outcome::AtMost(most) => format!("at most {most}: {}", outcome.why()),
        _ => outcome.why().to_string(),
    };
    Ok([
        measurement.run.to_string(),
        name(&case.suite)?,
        case.name.clone(),
        params.join(" "),
        field(case.fingerprint.map(|number| format!("{number:08x}"))),
        field(case.n_ops),
        subject.name.clone(),
        field(subject.version.clone()),
        name(&subject.role)?,
        name(&subject.family)?,
        name(&subject.linkage)?,
        measurement.metric.clone(),
        metric::find(&measurement.metric)?.sign().to_string(),
        field(outcome.median()),
        end(f64::min),
        end(f64::max),
        samples.len().to_string(),
        note,
    ])
}

/// What a choice is called in records.
fn name(choice: &impl serde::Serialize) -> Result<String> {
    let value = serde_json::to_value(choice)?;
    Ok(value.as_str().unwrap_or_default().to_string())
}

fn field<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
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
