//! Servers on loopback and the programs that send them requests, each pair as one command.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context, Result};

use super::commands::words;
use super::{Workplace, input};

/// redis, under the C library's malloc where none is preloaded.
pub(super) fn redis(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("redis.sh", include_str!("inputs/redis.sh"))?;
    let n_requests = workplace.scaled(160_000).to_string();
    Ok(words([
        "sh",
        &script,
        &free_port()?,
        &n_requests,
        &c_library(),
    ]))
}

/// nginx with a page that is compressed, one that is put together, and a list of files.
pub(super) fn nginx(workplace: &Workplace<'_>) -> Result<Vec<String>> {
    let script = workplace.write("nginx.sh", include_str!("inputs/nginx.sh"))?;
    let pages = workplace.folder.join("pages");
    fs::create_dir(&pages).with_context(|| format!("cannot make {}", pages.display()))?;
    workplace.generate("pages/records.json", |file| input::json(file, 600))?;
    workplace.generate("pages/includes.html", |file| input::includes(file, 200))?;
    (0..200).try_for_each(|n| {
        let page = format!("pages/page-{n}.html");
        workplace.write(&page, "a page").map(drop)
    })?;
    let n_requests = workplace.scaled(480).to_string();
    let folder = workplace.folder.display().to_string();
    Ok(words(["sh", &script, &folder, &free_port()?, &n_requests]))
}

/// A port on loopback that nobody listens on.
fn free_port() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port().to_string())
}

/// Where the C library of this process is; empty if it has another name.
fn c_library() -> String {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let paths = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    let mut libraries = paths.filter(|path| path.ends_with("/libc.so.6"));
    libraries.next().unwrap_or_default().to_string()
}
