//! How a figure grows with a parameter of its case: a line for each subject, a column for each value.

use crate::Measurement;
use crate::grid::figure;
use crate::group::{groups, subjects};
use crate::units::{ratio, thousands, three_digits};

/// The lines of the table, the header first: medians, what each is over that of the subject called `over`, and how
/// much either grows.
pub fn lines(measurements: &[Measurement], param: &str, over: &str) -> Vec<Vec<String>> {
    let mut groups = groups(measurements);
    let number = |text: &String| text.parse::<usize>().unwrap_or(usize::MAX);
    groups.retain(|group| group.case.params.contains_key(param));
    groups.sort_by_key(|group| group.case.params.get(param).map(number));
    if groups.is_empty() {
        return Vec::new();
    }
    let values = |name: &str| -> Vec<Option<f64>> {
        groups.iter().map(|group| group.median(name)).collect()
    };
    let line = |name: &str, values: &[Option<f64>], text: fn(f64) -> String| {
        let mut cells = vec![name.to_string()];
        cells.extend(values.iter().map(|value| figure(*value, text)));
        cells.push(figure(growth(values), ratio));
        cells
    };
    let params = groups
        .iter()
        .filter_map(|group| group.case.params.get(param));
    let mut header = vec![param.to_string()];
    header.extend(params.map(|text| thousands(number(text))));
    header.push("growth".to_string());
    let mut lines = vec![header];
    let control = values(over);
    for subject in subjects(measurements) {
        let own = values(&subject.name);
        lines.push(line(&subject.name, &own, three_digits));
        if subject.role != crate::Role::Control {
            let ratios = own.iter().zip(&control);
            let ratios: Vec<Option<f64>> =
                ratios.map(|(own, over)| Some((*own)? / (*over)?)).collect();
            lines.push(line(&format!("  over {over}"), &ratios, ratio));
        }
    }
    lines
}

/// The most that a later value is over an earlier one: 1 or less where more never costs more; `None` where one is
/// missing.
fn growth(values: &[Option<f64>]) -> Option<f64> {
    let values = values.iter().copied().collect::<Option<Vec<f64>>>()?;
    let pairs = values.iter().enumerate().flat_map(|(index, earlier)| {
        let later = values[index + 1..].iter();
        later.map(move |later| later / earlier)
    });
    pairs.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Role;
    use crate::testing::time;

    #[test]
    fn growth_is_the_worst_rise_and_not_a_fall() {
        let of = |values: &[f64]| growth(&values.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(of(&[4.0, 2.0, 1.0]), Some(0.5), "it only falls");
        assert_eq!(of(&[4.0, 2.0, 3.0]), Some(1.5), "a rise after a fall");
        assert_eq!(of(&[1.0]), None);
        assert_eq!(growth(&[Some(1.0), None]), None);
    }

    #[test]
    fn columns_are_in_the_order_of_the_parameter_and_a_control_is_over_nothing() {
        let at = |name: &str, n: usize, ns: f64| {
            let mut one = time(name, "live", &[ns]);
            one.case = Arc::unwrap_or_clone(one.case).with("n", n).into();
            one
        };
        let mut null = at("null", 10_000, 2.0);
        Arc::make_mut(&mut null.subject).role = Role::Control;
        let mut few = at("null", 100, 1.0);
        Arc::make_mut(&mut few.subject).role = Role::Control;
        let measured = [at("stage", 10_000, 6.0), at("stage", 100, 4.0), null, few];
        let lines = lines(&measured, "n", "null");
        assert_eq!(lines[0], ["n", "100", "10,000", "growth"]);
        assert_eq!(lines[1], ["stage", "4.00", "6.00", "1.500"]);
        assert_eq!(lines[2], ["  over null", "4.000", "3.000", "0.750"]);
        assert_eq!((lines.len(), lines[3][0].as_str()), (4, "null"));
    }
}
