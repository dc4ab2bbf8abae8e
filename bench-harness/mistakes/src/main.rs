//! `mistakes STAGE LOCK MISTAKE PLACE`: makes one mistake, which must end the process.
//!
//! The program has std and runs on the stage as its global allocator. With the lock `local` the heap is
//! beside it instead. The program says so if nothing ended it, and an alarm ends it if it hangs.

mod global;
mod mistake;
mod moody;
mod stages;
mod subject;

/// Seconds until a process that hangs is ended, by another signal than `SIGABRT`.
const PATIENCE: u32 = 20;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, stage, lock, mistake, place] = args.as_slice() else {
        panic!("usage: mistakes STAGE LOCK MISTAKE PLACE");
    };
    let make = mistake::find(mistake).expect("a mistake");
    // SAFETY: numbers, and a structure of numbers.
    unsafe {
        libc::alarm(PATIENCE);
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        libc::setrlimit(libc::RLIMIT_CORE, &none);
    }
    moody::prepare(mistake);
    stages::choose(stage, lock).expect("a stage and a lock of it");
    match place.as_str() {
        "main" => make(),
        "threads" => mistake::among_threads(make),
        "together" => mistake::together(make),
        "signal" => mistake::in_handler(make),
        _ => panic!("a place"),
    }
    eprintln!("went on");
}
