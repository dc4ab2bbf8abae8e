//! The report as one page that needs nothing else.

use anyhow::Result;

use super::Report;

/// The page.
///
/// # Errors
///
/// A report that cannot be written as JSON.
pub fn page(report: &Report) -> Result<String> {
    Ok(serde_json::to_string(report)?)
}
