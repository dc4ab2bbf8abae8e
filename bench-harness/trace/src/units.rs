//! Formats numbers for people.

/// Formats `12381` as `12,381`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats bytes with a binary unit and three digits.
pub fn bytes(number: usize) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut scaled = number as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    format!("{} {}", three_digits(scaled), UNITS[unit])
}

/// Formats nanoseconds with three digits or more.
pub fn nanos(number: f64) -> String {
    three_digits(number)
}

/// Formats a ratio with three digits or more.
pub fn ratio(number: f64) -> String {
    match number {
        n if n < 10.0 => format!("{n:.3}"),
        n => three_digits(n),
    }
}

/// Formats a fraction as per cent.
pub fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// Formats a number with three digits or more.
pub fn three_digits(number: f64) -> String {
    match number {
        n if n < 10.0 => format!("{n:.2}"),
        n if n < 100.0 => format!("{n:.1}"),
        n => thousands(n.round() as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(12_381), "12,381");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(10 << 20), "10.0 MiB");
        assert_eq!(bytes(1000 << 10), "0.98 MiB");
        assert_eq!(nanos(4.237), "4.24");
        assert_eq!(nanos(18_250.4), "18,250");
        assert_eq!(ratio(1.1863), "1.186");
        assert_eq!(ratio(23.51), "23.5");
        assert_eq!(percent(0.0731), "7.3 %");
    }
}
