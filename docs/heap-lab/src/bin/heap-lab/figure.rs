//! A still figure: the picture and the table that a page shows where nothing moves.

use heap_lab::{
    Lab, Map, Picture, Stage, Table, Threads, Trace, bits, classes, describe, document, map,
    metrics, records, remote, say, say_bits, say_classes, table_bits, table_classes, table_remote,
    thousands,
};

use crate::tag::Tag;

/// Pixels of a still picture, as wide as the text of the book on a small window.
const WIDTH: u32 = 720;

/// The most rows of a table in the book.
const MOST_ROWS: usize = 60;

pub(crate) struct Still {
    /// What the picture shows, in words.
    pub(crate) name: String,
    pub(crate) svg: String,
    /// Markdown.
    pub(crate) table: String,
}

pub(crate) fn still(tag: &Tag) -> Result<Still, String> {
    let caption = tag.need("caption")?;
    match tag.get("view").unwrap_or("heap") {
        "heap" => heap(tag, caption),
        "bits" => {
            let (address, align) = (tag.number("value", 4099)?, tag.number("align", 8)?);
            let picture = bits(address, align, WIDTH, 0);
            let table = table_bits(address, align);
            Ok(simple(caption, &say_bits(address, align), picture, &table))
        }
        "classes" => {
            let request = tag.number("request", 100)?;
            let picture = classes(request, WIDTH, 0);
            Ok(simple(
                caption,
                &say_classes(request),
                picture,
                &table_classes(),
            ))
        }
        "remote" => {
            let threads = Threads::of_script(tag.need("script")?)?;
            let at = tag.number("at", threads.n_ops())?;
            let picture = remote(&threads, at, WIDTH, 0, false);
            let table = table_remote(&threads);
            Ok(simple(caption, threads.said(at), picture, &table))
        }
        other => Err(format!("there is no view `{other}`")),
    }
}

fn simple(caption: &str, said: &str, picture: Picture, table: &Table) -> Still {
    let name = format!("{caption}: {said}");
    let n_columns = table.first().map_or(0, Vec::len);
    let mut lines: Vec<String> = table
        .iter()
        .map(|row| format!("| {} |\n", row.join(" | ")))
        .collect();
    lines.insert(1, format!("|{}\n", "---|".repeat(n_columns)));
    Still {
        svg: document(&name, WIDTH, &[(caption.to_owned(), picture)]),
        name,
        table: lines.concat(),
    }
}

/// One picture for each stage and each moment that the tag names.
fn heap(tag: &Tag, caption: &str) -> Result<Still, String> {
    let trace = Trace::of_script(tag.need("script")?)?;
    let n_ops = trace.ops.len();
    let stages = tag
        .need("stages")?
        .split(' ')
        .map(|name| Stage::named(name).ok_or_else(|| format!("there is no stage `{name}`")));
    let moments = match tag.get("stills") {
        Some(text) => text
            .split(' ')
            .map(|one| one.parse().map_err(|_| format!("stills=\"{text}\"")))
            .collect::<Result<_, _>>()?,
        None => vec![tag.number("at", n_ops)?],
    };
    let (mut parts, mut table, mut said) = (Vec::new(), String::new(), String::new());
    let thresholds = thresholds(tag)?;
    for (index, stage) in stages.enumerate() {
        let stage = stage?;
        let threshold = thresholds[index.min(thresholds.len() - 1)];
        for &moment in &moments {
            let lab = run(tag, stage, threshold, &trace, moment)?;
            let records = records(&lab);
            said = say(&lab, &trace, &records);
            let options = Map {
                width: WIDTH,
                figure: 0,
                row: tag.number("row", 0)?,
                is_live: false,
                has_bits: tag.get("bits").is_some(),
            };
            let sums = metrics(&records);
            let title = format!(
                "{}{}, after operation {moment}: {} B live, {} B free in {}, largest {} B",
                stage.name(),
                if threshold > 0 {
                    format!(" cut from {threshold} B on")
                } else {
                    String::new()
                },
                thousands(sums.live),
                thousands(sums.free),
                sums.n_free,
                thousands(sums.largest_free)
            );
            table += &format!("{title}\n\n| at | bytes | what |\n|--:|--:|---|\n");
            for record in records.iter().take(MOST_ROWS) {
                table += &format!(
                    "| {} | {} | {} |\n",
                    record.offset,
                    record.size,
                    describe(record, &trace)
                );
            }
            if records.len() > MOST_ROWS {
                table += &format!("\n… and {} more.\n", records.len() - MOST_ROWS);
            }
            table += "\n";
            parts.push((title, map(&lab, &trace, &records, options)));
        }
    }
    let name = format!("{caption}. The last operation: {said}");
    Ok(Still {
        svg: document(&name, WIDTH, &parts),
        name,
        table,
    })
}

/// Returns the split threshold of each stage; the last one holds for the stages that follow.
fn thresholds(tag: &Tag) -> Result<Vec<usize>, String> {
    let text = tag.get("threshold").unwrap_or("0");
    let numbers = text.split(' ').map(str::parse);
    let numbers: Result<Vec<_>, _> = numbers.collect();
    numbers.map_err(|_| format!("threshold=\"{text}\" is no list of numbers"))
}

fn run(
    tag: &Tag,
    stage: Stage,
    threshold: usize,
    trace: &Trace,
    moment: usize,
) -> Result<Lab, String> {
    let ops = trace
        .ops
        .get(..moment)
        .ok_or_else(|| format!("the script has no operation {moment}"))?;
    let mut lab = Lab::new(stage, tag.number("heap", 1024)?, threshold);
    for op in ops {
        lab.step(*op);
        lab.check().map_err(|corruption| corruption.to_string())?;
    }
    Ok(lab)
}
