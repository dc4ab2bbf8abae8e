//! Problems that are generated for solvers: the same in every run.

use std::io::{self, Write};

/// Random numbers, of which a problem takes as many as it needs.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Writes `n` groups of questions to an algebra system.
pub(super) fn algebra(to: &mut impl Write, n: usize) -> io::Result<()> {
    let questions = include_str!("inputs/algebra.ginsh");
    (1..=n).try_for_each(|i| write!(to, "{}", questions.replace("{i}", &i.to_string())))
}

/// Writes `n` variables and three clauses for each, of three variables or so: easy, and satisfiable.
pub(super) fn clauses(to: &mut impl Write, n: usize) -> io::Result<()> {
    let mut dice = Dice(1);
    writeln!(to, "p cnf {n} {}", 3 * n)?;
    for _ in 0..3 * n {
        for _ in 0..3 {
            let sign = if dice.below(2) == 0 { "-" } else { "" };
            write!(to, "{sign}{} ", dice.below(n) + 1)?;
        }
        writeln!(to, "0")?;
    }
    Ok(())
}

/// Writes `n` jobs with a start each, and pairs of them of which one waits until the other is done.
pub(super) fn schedule(to: &mut impl Write, n: usize) -> io::Result<()> {
    let mut dice = Dice(1);
    writeln!(to, "(set-logic QF_LIA)")?;
    for job in 0..n {
        writeln!(to, "(declare-const x{job} Int)")?;
        writeln!(to, "(assert (and (<= 0 x{job}) (<= x{job} {})))", n + 100)?;
    }
    for _ in 0..4 * n {
        let one = dice.below(n);
        let other = (one + 1 + dice.below(n - 1)) % n;
        let [first, second] = [(); 2].map(|()| 1 + dice.below(9));
        writeln!(
            to,
            "(assert (or (<= (+ x{one} {first}) x{other}) (<= (+ x{other} {second}) x{one})))"
        )?;
    }
    writeln!(to, "(check-sat)")
}

/// Writes a graph of `n` nodes, with three edges for two of them.
pub(super) fn graph(to: &mut impl Write, n: usize) -> io::Result<()> {
    let mut dice = Dice(1);
    writeln!(to, "digraph g {{")?;
    for node in 0..n {
        writeln!(to, "  n{node} [label=\"node {node}\"];")?;
    }
    for _ in 0..n * 3 / 2 {
        let from = dice.below(n);
        writeln!(to, "  n{from} -> n{};", (from + 1 + dice.below(20)) % n)?;
    }
    writeln!(to, "}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::input::text;

    #[test]
    fn there_are_as_many_clauses_as_the_first_line_says() {
        let text = text(|to| clauses(to, 20));
        let (first, rest) = text.split_once('\n').unwrap();
        assert_eq!(first, "p cnf 20 60");
        assert_eq!(rest.lines().count(), 60);
        assert!(rest.lines().all(|line| line.ends_with(" 0")), "{rest}");
    }

    #[test]
    fn every_parenthesis_of_a_schedule_is_closed() {
        let text = text(|to| schedule(to, 5));
        assert_eq!(text.matches('(').count(), text.matches(')').count());
        assert_eq!(text.matches("(or ").count(), 20);
    }

    #[test]
    fn edges_of_a_graph_are_between_its_nodes() {
        let text = text(|to| graph(to, 10));
        assert_eq!(text.matches(" -> ").count(), 15);
        assert!(!text.contains("n10"), "{text}");
    }
}
