//! The subcommands: their names, and what `--help` says about each.

use crate::{Result, listing, nearest::nearest};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subcommand {
    Bench,
    Advise,
    Count,
    Explain,
    Record,
    Trace,
    Grade,
    Exercise,
    Run,
    Install,
    Check,
    Tidy,
    Instructions,
    Size,
    Defences,
    Wasm,
    Emulate,
    Mutants,
    Fuzz,
    Sanitize,
    Book,
    Figures,
    Help,
}

struct Page {
    subcommand: Subcommand,
    name: &'static str,
    args: &'static str,
    about: &'static str,
    details: &'static str,
}

const PAGES: &[Page] = &[
    Page {
        subcommand: Subcommand::Bench,
        name: "bench",
        args: "[OPTIONS]",
        about: "replay real and generated traces on every allocator, and print tables",
        details: "Builds the bench harness in release mode and passes all arguments on to it.\n\
                  `cargo xtask bench --help` shows its options; the first build takes a minute or two.\n\
                  With `--peers all`, or a peer in C by its name, the peers in C and C++ are built as well,\n\
                  as far as their tools are installed; so are those that are libraries. `--preload mimalloc.so`,\n\
                  `mimalloc-v2` or `snmalloc.so` builds one of these alone. With `--global` and `--programs`,\n\
                  our library to be preloaded is built, and takes part.",
    },
    Page {
        subcommand: Subcommand::Advise,
        name: "advise",
        args: "[--time SECONDS] [--quick] [--preload NAME=PATH]… -- PROGRAM [ARGS…]",
        about: "say which allocator suits a program, in a sentence, with the line to use it",
        details: "Builds the bench harness and our library to be preloaded. Records the program, replays its trace on\n\
                  every allocator, and runs the program under what can take the place of libc's malloc.\n\
                  `cargo xtask advise --trace FILE` takes a trace instead; `cargo xtask advise -h` shows the options.\n\
                  `--preload mimalloc.so`, `mimalloc-v2` or `snmalloc.so` builds one of these.",
    },
    Page {
        subcommand: Subcommand::Count,
        name: "count",
        args: "FILE.trace [--baseline FILE --fail-on PERCENT] [--records FILE] [--summary FILE]",
        about: "count what a recorded program asks of an allocator, and hold it to an earlier count",
        details: "Builds the bench harness. Counts allocations and bytes of the recording, and finds what allocators need for\n\
                  it; no figure depends on a clock. `docs/src/ci.md` has the use in continuous integration.",
    },
    Page {
        subcommand: Subcommand::Explain,
        name: "explain",
        args: "FILE.trace [--stage NAME…] [--stacks FILE] [-o PAGE]",
        about: "explain the memory of a replay: what each resident byte is for, and who keeps free bytes",
        details: "Builds the bench harness. Shows bars of live bytes, padding, free bytes in partly used pages, free\n\
                  pages, metadata and huge-page slack, and the sites whose blocks keep free bytes in their pages.\n\
                  `cargo xtask record --stacks` finds the sites.",
    },
    Page {
        subcommand: Subcommand::Record,
        name: "record",
        args: "[-o FILE] [--all] [--env NAME=VALUE] -- PROGRAM [ARGS…]",
        about: "record the allocations of a program as a trace for `bench --trace`",
        details: "Builds the tool for traces, which takes less than a minute, and passes all arguments on to it.\n\
                  `cargo xtask record --help` shows its options.",
    },
    Page {
        subcommand: Subcommand::Trace,
        name: "trace",
        args: "info|dump|convert|cut|anonymize|import|export FILE [OPTIONS]",
        about: "look into traces, cut them, make them anonymous, read and write other formats",
        details: "Builds the tool for traces, which takes less than a minute, and passes all arguments on to it.\n\
                  `cargo xtask trace --help` shows its subcommands.",
    },
    Page {
        subcommand: Subcommand::Grade,
        name: "grade",
        args: "--crate PATH [--quick] [--instructions]",
        about: "grade your own allocator: the contract, density and speed, beside our stages and libc",
        details: "Builds the bench harness around the crate, which has a function\n\n  \
                  pub fn graded(memory: core_api::Region) -> impl core_api::Allocator\n\n\
                  and gives it up to 100 points: 50 for the promises of the contract, 30 for utilisation and 20 for\n\
                  speed on the shipped traces. Each promise and each replay runs in a process of its own, under a\n\
                  time limit. The exit status is 0 if every promise is kept, 1 if one is broken, and 2 if the crate\n\
                  could not be graded.\n\n\
                  --crate PATH       the directory of the package; `cargo xtask exercise new PATH` lays one out\n\
                  --stage NAME       grade an allocator of the bench instead, as `coalescing`\n\
                  --quick            20,000 operations of each trace, 32 random programs for each promise\n\
                  --instructions     score instructions, counted by valgrind, instead of time\n\
                  --trace NAME       a shipped trace to replay, instead of all; may be repeated\n\
                  --ops N            operations of each trace\n\
                  --cases N          random programs for each promise that is tried with them\n\
                  --patience N       seconds for each promise",
    },
    Page {
        subcommand: Subcommand::Exercise,
        name: "exercise",
        args: "N [DIR] [--solution] | new DIR | --list | --check [N…]",
        about: "lay out a phase's stage with holes to fill, or a crate for a stage of your own",
        details: "Copies the stage of phase N, 1 to 6, into DIR (default: target/exercises/phase-N), where the\n\
                  functions to write say what they are to do. Its tests say whether they are right. A directory\n\
                  with files in it is never written to.\n\n\
                  new DIR       a crate with an allocator that refuses every request, for `cargo xtask grade`\n\
                  --solution    the stage as it is shipped\n\
                  --list        print the exercises\n\
                  --check       see that each exercise compiles, that its tests fail, and that they pass with\n\
                  \x20             the shipped bodies: some minutes",
    },
    Page {
        subcommand: Subcommand::Run,
        name: "run",
        args: "[--stage STAGE] [--stats] [-v] -- PROGRAM [ARGS…]",
        about: "run any program on a stage, by preloading C's malloc family",
        details: "Builds the library for the stage in release mode, each in a directory of its own, and becomes\n\
                  the program with the library in LD_PRELOAD. The exit status is the program's.\n\n\
                  --stage STAGE    bump, freelist, first-fit, next-fit, best-fit, worst-fit, coalescing,\n\
                  \x20                mmap-backed, thread-cached or hardened (default: thread-cached)\n\
                  --stats          each process says at its exit what it requested, and what that took\n\
                  -v, --verbose    show the build and the command",
    },
    Page {
        subcommand: Subcommand::Install,
        name: "install",
        args: "--prefix DIR [--stage STAGE] [-v]",
        about: "put the library, a C header and a pkg-config file under DIR",
        details: "Builds the library for the stage in release mode and copies\n\n  \
                  DIR/lib/libmalloc_ladder.so\n  \
                  DIR/lib/malloc_ladder.o, to be linked into a program\n  \
                  DIR/lib/pkgconfig/malloc_ladder.pc\n  \
                  DIR/include/malloc_ladder.h",
    },
    Page {
        subcommand: Subcommand::Check,
        name: "check",
        args: "[--list] [--times FILE] [STEP…]",
        about: "everything that must hold before a change goes in; what CI runs",
        details: "Runs the steps and stops at the first that fails; those that build in places of their own run\n\
                  beside the others. With names, only those steps, in that order.\n\
                  What rustup can install, a step asks it to. A step whose tool is missing all the same is\n\
                  skipped; the last lines list those, and how to get what they need.\n\n\
                  --list          print the steps without running them\n\
                  --times FILE    write what the named steps took to FILE instead of printing it",
    },
    Page {
        subcommand: Subcommand::Tidy,
        name: "tidy",
        args: "[--list] [--imports] [--fix]",
        about: "check what the compiler does not: names in docs, the dependency picture, casts, invariants",
        details: "--list      print the rules without checking them\n\
                  --imports   print each stage's files, lines of code and imports\n\
                  --fix       bring the listings in Markdown up to date with their sources, then check",
    },
    Page {
        subcommand: Subcommand::Instructions,
        name: "instructions",
        args: "",
        about: "count the instructions of bump's allocate for a constant layout (x86-64)",
        details: "Compiles `crates/bump/examples/floor.rs` and reads the assembly of `allocate_u64`.\n\
                  Fails above 11 instructions or one branch.",
    },
    Page {
        subcommand: Subcommand::Size,
        name: "size",
        args: "[--docs]",
        about: "weigh the code of coalescing and its peers in the least program on each",
        details: "Builds `bench-harness/size` for size once for each allocator, without std and without the C\n\
                  library, and reads the sections with `size` of binutils. What the shell itself weighs is\n\
                  subtracted.\n\n\
                  --docs    put the table into the book",
    },
    Page {
        subcommand: Subcommand::Defences,
        name: "defences",
        args: "[--runs N] [--docs]",
        about: "run programs that misuse malloc under every allocator, and say which stops them, and where",
        details: "Builds our library to be preloaded, and the hardened allocators by others as far as they can be had;\n\
                  takes some minutes. Needs a C and a C++ compiler.\n\
                  --runs N    run each program N times under each allocator (default 6)\n\
                  --docs      put the table into the book as well",
    },
    Page {
        subcommand: Subcommand::Wasm,
        name: "wasm",
        args: "[--rounds N] [--docs]",
        about: "time and weigh the heap for WebAssembly and its peers in node",
        details: "Builds `bench-harness/wasm` once for each allocator, runs `wasm-opt` of Binaryen on the modules where it\n\
                  is installed, and runs their loops in turns in one process of node. Prints CPU times, pages of\n\
                  memory, bytes of code, and which bars are met.\n\n\
                  --rounds N    runs of each loop; the fastest counts (default 30)\n\
                  --docs        put the tables into the book",
    },
    Page {
        subcommand: Subcommand::Emulate,
        name: "emulate",
        args: "",
        about: "run a program on a static heap in an emulated microcontroller (needs QEMU)",
        details: "Builds `embedded/` for a Cortex-M0, which has no compare-and-swap, and runs it in\n\
                  `qemu-system-arm`. The program prints the bytes of the heap's state and what is free, and fails\n\
                  if the heap is not whole in the end.",
    },
    Page {
        subcommand: Subcommand::Mutants,
        name: "mutants",
        args: "[--list] [--only NAME]…",
        about: "seed faults into the allocators, one at a time, and see the tests catch each",
        details: "Works on a copy of the workspace in `target/mutants`; the sources are not touched.\n\
                  Fails if a fault survives, or if its place in the source is no longer found exactly once.\n\n\
                  --list         print the faults without seeding them\n\
                  --only NAME    seed this fault only; may be repeated",
    },
    Page {
        subcommand: Subcommand::Fuzz,
        name: "fuzz",
        args: "TARGET [--seconds N] [--features F]",
        about: "run a fuzz target with cargo-fuzz (needs nightly)",
        details: "Without a target, prints their names.\n\n\
                  --seconds N     stop after N seconds (default 60)\n\
                  --features F    `hardened`: thread-cached in its hardened mode",
    },
    Page {
        subcommand: Subcommand::Sanitize,
        name: "sanitize",
        args: "[thread] [address]",
        about: "run tests under ThreadSanitizer and AddressSanitizer (needs nightly)",
        details: "Both, or those named; one whose parts of the toolchain are missing is skipped, and says so.\n\n\
                  thread     several threads on core-api's locks, mmap-backed and thread-cached; builds the\n\
                  \x20          standard library too, from rust-src\n\
                  address    every stage's contract",
    },
    Page {
        subcommand: Subcommand::Book,
        name: "book",
        args: "[--open | --links | --words | --numbers [--preload NAME[=PATH]]…]",
        about: "build the book with mdBook into docs/book",
        details: "The first run compiles mdBook's crates; nothing has to be installed. Fails on a warning of mdBook,\n\
                  and on a link or image that leads nowhere. The chapters in `docs/src` are plain Markdown and\n\
                  read well without it.\n\n\
                  --open       show it in the browser\n\
                  --links      also try the links to other sites, with linkinator from npm; needs a network\n\
                  --words      count the words of each chapter instead, without code and tables\n\
                  --numbers    measure all that the book has a table of instead, and fill the tables:\n             \
                  some hours on an idle machine\n\
                  --preload L  a library with a `malloc` to compare as well, where that is done; may be repeated",
    },
    Page {
        subcommand: Subcommand::Figures,
        name: "figures",
        args: "",
        about: "write the book's figures anew: the WebAssembly module, the still pictures, their tables",
        details: "Compiles `docs/heap-lab` and the stages for WebAssembly and puts the module into a script of the book;\n\
                  then draws each figure of the chapters natively. `cargo xtask tidy` says when the sources have\n\
                  changed since. Needs core for wasm32-unknown-unknown, for which it asks rustup.",
    },
    Page {
        subcommand: Subcommand::Help,
        name: "help",
        args: "[COMMAND]",
        about: "print this list, or what a command does",
        details: "",
    },
];

fn page(subcommand: Subcommand) -> &'static Page {
    PAGES
        .iter()
        .find(|page| page.subcommand == subcommand)
        .expect("every subcommand has a page")
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|page| page.name)
}

/// The subcommand that `name` names.
///
/// # Errors
///
/// The message suggests the nearest one.
pub(crate) fn parse(name: &str) -> Result<Subcommand> {
    if matches!(name, "-h" | "--help") {
        return Ok(Subcommand::Help);
    }
    match PAGES.iter().find(|page| page.name == name) {
        Some(page) => Ok(page.subcommand),
        None => {
            let hint = match nearest(name, names()) {
                Some(near) => format!("did you mean `cargo xtask {near}`?"),
                None => "`cargo xtask --help` lists them".to_owned(),
            };
            Err(format!("there is no command `{name}`: {hint}"))
        }
    }
}

/// Whether the arguments ask for help; the harness answers for its own commands, and what comes
/// after `--` is another program's.
pub(crate) fn is_wanted(subcommand: Subcommand, args: &[String]) -> bool {
    !matches!(
        subcommand,
        Subcommand::Bench
            | Subcommand::Advise
            | Subcommand::Count
            | Subcommand::Explain
            | Subcommand::Record
            | Subcommand::Trace
    ) && args
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "-h" || arg == "--help")
}

pub(crate) fn run(args: &[String]) -> Result {
    match args {
        [] => print(None),
        [name] => print(Some(parse(name)?)),
        _ => Err("usage: cargo xtask help [COMMAND]".to_owned()),
    }
}

pub(crate) fn print(subcommand: Option<Subcommand>) -> Result {
    match subcommand {
        None | Some(Subcommand::Help) => listing::print([overview()]),
        Some(subcommand) => {
            let Page {
                name,
                args,
                about,
                details,
                ..
            } = page(subcommand);
            listing::print([format!("cargo xtask {name} {args}\n\n{about}\n\n{details}")])
        }
    }
}

pub(crate) fn overview() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND\n\n");
    for Page { name, about, .. } in PAGES {
        text += &format!("  {name:<14}{about}\n");
    }
    text + "\n`cargo xtask help COMMAND` says more."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_to_its_own_page() {
        for page in PAGES {
            assert_eq!(parse(page.name), Ok(page.subcommand));
        }
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        assert!(parse("bnech").unwrap_err().contains("cargo xtask bench"));
        assert!(parse("chekc").unwrap_err().contains("cargo xtask check"));
        assert!(parse("zzzzzzzz").unwrap_err().contains("--help"));
    }

    #[test]
    fn what_comes_after_the_dashes_asks_another_program_for_help() {
        let args = |args: &[&str]| args.iter().map(|arg| arg.to_string()).collect::<Vec<_>>();
        assert!(is_wanted(Subcommand::Run, &args(&["--help", "--", "ls"])));
        assert!(!is_wanted(Subcommand::Run, &args(&["--", "ls", "--help"])));
    }

    #[test]
    fn the_overview_names_every_command() {
        let text = overview();
        assert!(names().all(|name| text.contains(name)));
    }
}
