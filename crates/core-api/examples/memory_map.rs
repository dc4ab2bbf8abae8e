//! Where a program's memory is, and how the map of it changes.
//!
//! ```text
//! cargo run -p malloc-ladder-core-api --example memory_map
//! ```

use std::fs;
use std::hint::black_box;
use std::ops::Range;
use std::sync::atomic::AtomicU8;
use std::thread;

static SEVEN: AtomicU8 = AtomicU8::new(7);
static ZEROS: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];

fn main() {
    if fs::metadata("/proc/self/maps").is_err() {
        println!("This program reads /proc/self/maps, which only Linux has.");
        return;
    }
    let local = 0_u8;
    let small = Box::new([0_u8; 24]);
    let large = vec![0_u8; 1 << 20];
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let theirs = 0_u8;
            let mut places = [
                ("the function main", (main as fn()) as usize),
                ("a constant text", "hello".as_ptr().addr()),
                ("a static that is 7", address(&SEVEN)),
                ("a static of zeros", address(&ZEROS[1 << 15])),
                ("a block of 24 bytes", address(&*small)),
                ("a block of 1 MiB", address(&large[0])),
                ("a local of main", address(&local)),
                ("a local of a thread", address(&theirs)),
            ];
            places.sort_by_key(|&(_, address)| address);
            let map = map();
            for (what, address) in places {
                let line = map.lines().find(|line| range(line).contains(&address));
                let line = line.expect("a mapping holds it");
                show(&format!("{what:20} {address:012x} in"), line);
            }
        });
        thread.join().expect("a thread that prints");
    });
    // Its own block stays where it is, below those that follow.
    let mut last = String::with_capacity(1 << 14);
    last.push_str(&map());
    let huge = black_box(vec![0_u8; 64 << 20]);
    changes("a block of 64 MiB", &mut last);
    let mut boxes: Vec<_> = (0..10_000).map(|n| Box::new([n; 250])).collect();
    changes("10,000 blocks of 1,000 bytes", &mut last);
    drop(huge);
    changes("the block of 64 MiB is freed", &mut last);
    boxes.drain(..9_999);
    changes("all but the last of the 10,000 are freed", &mut last);
    drop(boxes);
    changes("the last one is freed", &mut last);
}

fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value).addr()
}

fn map() -> String {
    fs::read_to_string("/proc/self/maps").unwrap_or_default()
}

/// Prints what has changed in the map since it was `before`, which becomes what it is now.
fn changes(what: &str, before: &mut String) {
    let now = map();
    println!("\n{what}:");
    for gone in before.lines().filter(|line| !now.contains(line)) {
        show("  -", gone);
    }
    for new in now.lines().filter(|line| !before.contains(line)) {
        show("  +", new);
    }
    before.replace_range(.., &now);
}

/// Prints what is of interest of a line of the file, `start-end rights offset device inode path`.
/// Nothing is allocated for it, which would change the map.
fn show(mark: &str, line: &str) {
    let mut words = line.split_whitespace();
    let addresses = words.next().unwrap_or_default();
    let rights = words.next().unwrap_or_default();
    let path = words.nth(3).unwrap_or("anonymous");
    let name = path.rsplit('/').next().unwrap_or(path);
    let kib = range(line).len() >> 10;
    println!("{mark} {addresses} {rights} {kib:>6} KiB  {name}");
}

/// The addresses of a line's mapping.
fn range(line: &str) -> Range<usize> {
    let mut words = line.split(['-', ' ']);
    let mut address = || usize::from_str_radix(words.next()?, 16).ok();
    address().unwrap_or(0)..address().unwrap_or(0)
}
