//! A program that parses JSON on this allocator: `cargo run --release -p malloc-ladder-mmap-backed --example
//! json [MEGABYTES]`.

use std::time::Instant;

use serde_json::{Value, json};

#[global_allocator]
static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let megabytes = std::env::args().nth(1).map_or(Ok(8), |text| text.parse())?;
    report("start");
    let text = document(megabytes * 1_000_000);
    report("a document as text");

    let begin = Instant::now();
    let parsed: Value = serde_json::from_str(&text)?;
    let time = begin.elapsed();
    report("and as values");

    let people = parsed.as_array().ok_or("an array")?;
    let ages: u64 = people
        .iter()
        .filter_map(|person| person["age"].as_u64())
        .sum();
    println!(
        "{} people in {} bytes, {ages} years old together, parsed in {time:.1?}",
        people.len(),
        text.len(),
    );
    assert_eq!(serde_json::to_string(&parsed)?, text, "nothing is lost");

    drop((parsed, text));
    report("both dropped");
    GLOBAL.check()?;
    Ok(())
}

/// An array of at least `len` bytes.
fn document(len: usize) -> String {
    let mut text = String::from("[");
    for n in 0_u64.. {
        let person = json!({
            "age": n * 7919 % 90,
            "email": format!("{n:x}@example.org"),
            "friends": (0..n % 5).map(|i| json!({ "id": n ^ i, "since": 1990 + i })).collect::<Vec<_>>(),
            "name": format!("person {n}"),
        });
        text += &person.to_string();
        if text.len() >= len {
            break;
        }
        text.push(',');
    }
    text + "]"
}

fn report(when: &str) {
    let (stats, mapped) = (GLOBAL.stats(), GLOBAL.mapped());
    println!(
        "{when:20} {:>7} blocks with {:>6} KiB; committed {:>6} KiB, {} direct mappings with {:>6} KiB",
        stats.n_used,
        stats.used >> 10,
        mapped.committed >> 10,
        mapped.n_direct,
        mapped.direct >> 10,
    );
}
