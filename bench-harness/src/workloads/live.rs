//! A number of live blocks that stays as it is: how cost grows with them.

use super::program::Program;
use crate::trace::Trace;

/// Allocates `n_live` blocks (at least one), then `n_replacements` times frees one at random and
/// allocates another.
///
/// Sizes are from 16 to 1,024 bytes, the larger the rarer, whatever the number of blocks.
pub fn live(seed: u64, n_live: usize, n_replacements: usize) -> Trace {
    let n_live = n_live.max(1);
    let mut program = Program::new(seed, n_live + 2 * n_replacements);
    while program.goes_on() {
        if program.n_live() == n_live {
            program.free_any();
        }
        let size = program.random.size(16, 1024);
        program.allocate(size);
    }
    program.finish(&format!("live-{n_live}"))
}
