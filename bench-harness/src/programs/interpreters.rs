//! Interpreters with a script each, and programs that are given a program in a language of theirs.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use super::commands::{records, words};
use super::{Workplace, list};

/// The interpreter itself: what is found under its name may be a script that looks for it.
pub(super) fn python3(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("objects.py", include_str!("inputs/objects.py"))?;
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .stdin(Stdio::null())
        .output()?;
    let interpreter = String::from_utf8_lossy(&asked.stdout).trim().to_string();
    ensure!(!interpreter.is_empty(), "python3 does not say where it is");
    let n = workplace.scaled(24_000).to_string();
    Ok(words([&interpreter, &script, &n]))
}

pub(super) fn sqlite3(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let n = workplace.scaled(160_000).to_string();
    let script = include_str!("inputs/tables.sql").replace("{n}", &n);
    let script = workplace.write("tables.sql", &script)?;
    Ok(words(["sqlite3", ":memory:", &format!(".read {script}")]))
}

pub(super) fn perl(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("words.pl", include_str!("inputs/words.pl"))?;
    let n = workplace.scaled(400_000).to_string();
    Ok(words(["perl", &script, &n]))
}

pub(super) fn jq(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let filter = workplace.write("groups.jq", include_str!("inputs/groups.jq"))?;
    let data = records(workplace, 60_000)?;
    Ok(words(["jq", "-r", "-f", &filter, &data]))
}

pub(super) fn lua(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("tables.lua", include_str!("inputs/tables.lua"))?;
    let n = workplace.scaled(30_000).to_string();
    Ok(words([list::lua(), &script, &n]))
}

pub(super) fn ruby(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("records.rb", include_str!("inputs/records.rb"))?;
    let n = workplace.scaled(20_000).to_string();
    Ok(words(["ruby", &script, &n]))
}

/// Without extensions, which PHP loads in such a way that they call the C library’s `malloc` whatever is
/// preloaded.
pub(super) fn php(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("records.php", include_str!("inputs/records.php"))?;
    let n = workplace.scaled(16_000).to_string();
    Ok(words(["php", "-n", &script, &n]))
}

pub(super) fn gawk(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("fields.awk", include_str!("inputs/fields.awk"))?;
    let data = records(workplace, 32_000)?;
    Ok(words(["gawk", "-f", &script, &data]))
}

pub(super) fn bc(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let n = workplace.scaled(48_000).to_string();
    let script = include_str!("inputs/numbers.bc").replace("{n}", &n);
    let script = workplace.write("numbers.bc", &script)?;
    Ok(words(["bc", "-lq", &script]))
}
