//! `cargo xtask bench` and `cargo xtask record` end here.

fn main() -> std::process::ExitCode {
    bench_harness::program::main(Vec::new)
}
