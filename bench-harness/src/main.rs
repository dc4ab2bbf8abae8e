//! `cargo xtask bench` ends here.

fn main() -> std::process::ExitCode {
    bench_harness::program::main(Vec::new)
}
