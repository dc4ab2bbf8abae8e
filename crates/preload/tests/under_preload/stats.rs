//! The report at exit.

use crate::build::{LIFECYCLE, library};
use crate::run::{output, preloaded, text};

/// The numbers of a report: requests, bytes requested, live blocks, live bytes.
fn numbers(times: &str) -> Option<[u64; 4]> {
    let mut command = preloaded(LIFECYCLE.path()?, &library());
    command
        .args(["leak", times])
        .env("MALLOC_LADDER_STATS", "1");
    let errors = text(&output(&mut command).stderr);
    let line = errors.lines().find(|line| line.contains("requests for"))?;
    let (_, counts) = line.split_once(": ")?.1.split_once(": ")?;
    let mut numbers = counts
        .split(' ')
        .filter_map(|word| word.parse::<u64>().ok());
    let numbers = std::array::from_fn(|_| numbers.next().expect("four numbers"));
    Some(numbers)
}

#[test]
fn requests_and_live_blocks_are_counted() {
    let (Some(few), Some(many)) = (numbers("10"), numbers("1010")) else {
        return;
    };
    let more: [u64; 4] = std::array::from_fn(|i| many[i] - few[i]);
    // A block of 100 bytes has 112 that can be used.
    assert_eq!(more, [1000, 100_000, 1000, 112_000]);
}

#[test]
fn without_the_variable_nothing_is_said() {
    if let Some(program) = LIFECYCLE.path() {
        let mut command = preloaded(program, &library());
        assert_eq!(text(&output(command.args(["leak", "10"])).stderr), "");
        command.env("MALLOC_LADDER_STATS", "0");
        assert_eq!(text(&output(&mut command).stderr), "");
    }
}

/// `ls` closes its stderr before it ends.
#[test]
fn a_program_that_closes_stderr_still_reports() {
    let mut command = preloaded("ls", &library());
    command.env("MALLOC_LADDER_STATS", "1");
    let errors = text(&output(&mut command).stderr);
    assert!(errors.contains("thread-cached: "), "{errors}");
    assert!(errors.contains("footprint: "), "{errors}");
}
