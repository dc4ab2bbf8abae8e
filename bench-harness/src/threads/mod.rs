//! Replay on several threads: each recorded thread is a thread of the replay.
//!
//! | to | use |
//! |---|---|
//! | make a trace with a thread for each call ready | [`Plan`] |
//! | replay it without checks | [`play`] |
//! | replay it with every check | [`verify`] |
//! | find an allocator that threads can share | [`find`] |
//!
//! What one thread frees and another allocated must happen in the order of the record, or the replay
//! would free what is not there yet. All calls on a block go through its [slot](Plan): each has a turn
//! at it and waits for the turn. Nothing else is ordered, so threads that share no block do not wait
//! for each other. Every wait is for a call that comes earlier in the record, so there is no circle
//! of threads that wait for one another.

mod oracle;
mod plan;
mod play;
mod sharing;
mod turn;

pub use oracle::verify;
pub use plan::{Call, Plan};
pub use play::{Played, play};
pub use sharing::{GlobalSubject, Shared, SharedSubject, find, global};
