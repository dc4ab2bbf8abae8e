//! `instructions`: what bump's allocate costs, counted in its assembly.

use xtask_base::Result;
use xtask_base::process::{self, cargo, command, succeed, target_dir};

use crate::check::Outcome;

const FUNCTION: &str = "allocate_u64";
const MAX_INSTRUCTIONS: usize = 11;
const MAX_BRANCHES: usize = 1;

#[derive(Debug, PartialEq, Eq)]
struct Count {
    instructions: usize,
    branches: usize,
}

/// Compiles the example, counts and prints; the limits are for x86-64.
pub(crate) fn check() -> Result<Outcome> {
    if !cfg!(target_arch = "x86_64") {
        return Ok(Outcome::Skipped("the limits are for x86-64".to_owned()));
    }
    let listing = listing(&assembly()?, FUNCTION)?;
    let count = count(&listing);
    println!("{}", listing.join("\n"));
    let Count {
        instructions,
        branches,
    } = count;
    println!("{FUNCTION}: {instructions} instructions, {branches} conditional branches");
    if instructions > MAX_INSTRUCTIONS || branches > MAX_BRANCHES {
        return Err(format!(
            "the limit is {MAX_INSTRUCTIONS} instructions and {MAX_BRANCHES} branch"
        ));
    }
    Ok(Outcome::Passed)
}

/// The optimized assembly of the example, as the compiler writes it.
///
/// The compiler is called without cargo, which would build all that bump's tests need before an example.
fn assembly() -> Result<String> {
    succeed(&mut cargo(&[
        "build",
        "--quiet",
        "--release",
        "-p",
        "malloc-ladder-bump",
        "-p",
        "malloc-ladder-core-api",
    ]))?;
    let release = target_dir().join("release");
    let file = target_dir().join("floor.s");
    let mut compiler = command("rustc");
    compiler.args(["--edition", "2024", "--emit", "asm", "-Copt-level=3", "-o"]);
    compiler.arg(&file);
    for library in ["bump", "core_api"] {
        let path = release.join(format!("lib{library}.rlib"));
        compiler.arg(format!("--extern={library}={}", path.display()));
    }
    let dependencies = release.join("deps");
    compiler.arg(format!("-Ldependency={}", dependencies.display()));
    compiler.args(["-Cpanic=abort", "crates/bump/examples/floor.rs"]);
    succeed(&mut compiler)?;
    process::read(&file)
}

/// The lines of `function`, from its label to its end.
fn listing(assembly: &str, function: &str) -> Result<Vec<String>> {
    let label = format!("{function}:");
    let mut lines = assembly.lines().skip_while(|line| *line != label);
    lines.next().ok_or_else(|| {
        format!("no function `{function}` in the assembly: is it `no_mangle` and not inlined?")
    })?;
    let body = lines
        .take_while(|line| !line.trim().starts_with(".size") && !line.starts_with(".Lfunc_end"));
    Ok(body
        .filter(|line| !line.trim().starts_with('.') || line.trim().ends_with(':'))
        .map(str::to_owned)
        .collect())
}

fn count(listing: &[String]) -> Count {
    let code: Vec<&str> = listing
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty() && !line.ends_with(':') && !line.starts_with('#'))
        .collect();
    let is_branch = |line: &&&str| line.starts_with('j') && !line.starts_with("jmp");
    Count {
        instructions: code.len(),
        branches: code.iter().filter(is_branch).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSEMBLY: &str = "\
other:
\tretq
.Lfunc_end0:
\t.size\tother, .Lfunc_end0-other
allocate_u64:
\t.cfi_startproc
\tmovq\t(%rdi), %rax
\tcmpq\t%rcx, %rax
\tja\t.LBB1_2
\tretq
.LBB1_2:
\tjmp\tallocate_slow
.Lfunc_end1:
\t.size\tallocate_u64, .Lfunc_end1-allocate_u64
";

    #[test]
    fn instructions_and_conditional_branches_are_counted_in_one_function_only() {
        let listing = listing(ASSEMBLY, "allocate_u64").unwrap();
        assert_eq!(listing.len(), 6, "{listing:?}");
        assert_eq!(
            count(&listing),
            Count {
                instructions: 5,
                branches: 1
            }
        );
    }

    #[test]
    fn a_missing_function_is_an_error() {
        assert!(listing(ASSEMBLY, "allocate_u32").is_err());
    }
}
