//! `cargo xtask bench`, `record` and `trace` end here.

fn main() -> std::process::ExitCode {
    bench_harness::program::main(Vec::new)
}
