//! Writes what the stages answer to `docs/exercises/page/data.js`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/data.js");
    std::fs::write(to, exercises::script())
}
