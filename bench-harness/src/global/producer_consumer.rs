//! Blocks that one thread allocates and another frees.

use std::alloc::GlobalAlloc;
use std::iter::repeat_with;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::block::{Block, SMALL, allocate, free, words};
use super::rng::Rng;
use super::workers;

/// Blocks that are passed on together.
const LEN: usize = 1000;
/// Batches that wait for one thread at most.
const WAITING: usize = 8;

type Batch = Vec<Block>;

/// The ends of the channels of one thread.
struct Post {
    rng: Rng,
    to: Vec<SyncSender<Batch>>,
    from: Option<Receiver<Batch>>,
}

/// Nanoseconds of one block and its free, of `n`: each thread allocates for the next in a ring.
pub(super) fn around(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    let (senders, mut receivers): (Vec<_>, Vec<_>) = repeat_with(|| sync_channel(WAITING))
        .take(n_threads)
        .unzip();
    receivers.rotate_right(1);
    let posts = senders.into_iter().zip(receivers);
    let posts = posts.map(|(to, from)| (vec![to], Some(from))).collect();
    let n_each = n.div_ceil(n_threads * LEN);
    // Whoever has sent waits for what was sent to it, so that no channel is ever full.
    let run = |post: &mut Post| {
        for _ in 0..n_each {
            post.send(allocator, 0);
            post.take(allocator);
        }
    };
    time(n_threads, posts, run) / (n_each * n_threads * LEN) as f64
}

/// The same: one thread allocates, and the others free.
pub(super) fn one_way(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    let n_takers = n_threads - 1;
    let (senders, receivers): (Vec<_>, Vec<_>) =
        repeat_with(|| sync_channel(WAITING)).take(n_takers).unzip();
    let mut posts = vec![(senders, None)];
    posts.extend(receivers.into_iter().map(|from| (Vec::new(), Some(from))));
    let n_each = n.div_ceil(n_takers * LEN);
    let run = |post: &mut Post| {
        for _ in 0..n_each {
            match post.from {
                None => (0..n_takers).for_each(|taker| post.send(allocator, taker)),
                Some(_) => post.take(allocator),
            }
        }
    };
    time(n_threads, posts, run) / (n_each * n_takers * LEN) as f64
}

impl Post {
    fn send(&mut self, allocator: &impl GlobalAlloc, index: usize) {
        let rng = &mut self.rng;
        let batch = (0..LEN).map(|_| allocate(allocator, words(rng.within(SMALL))));
        // Nobody hangs up before every batch has arrived.
        let _ = self.to[index].send(batch.collect());
    }

    fn take(&self, allocator: &impl GlobalAlloc) {
        let batch = self.from.as_ref().and_then(|from| from.recv().ok());
        let blocks = batch.into_iter().flatten();
        blocks.for_each(|block| free(allocator, block));
    }
}

/// Senders to other threads, and the receiver of this one.
type Ends = (Vec<SyncSender<Batch>>, Option<Receiver<Batch>>);

fn time(n_threads: usize, posts: Vec<Ends>, run: impl Fn(&mut Post) + Sync) -> f64 {
    let posts = posts
        .into_iter()
        .enumerate()
        .map(|(index, (to, from))| Post {
            rng: Rng::new(index),
            to,
            from,
        });
    let posts: Vec<_> = posts.map(|post| Mutex::new(Some(post))).collect();
    let prepare = |index: usize| posts[index].lock().ok().and_then(|mut post| post.take());
    let run = |post: &mut Option<Post>| post.iter_mut().for_each(&run);
    workers::time(n_threads, prepare, run, drop)
}
