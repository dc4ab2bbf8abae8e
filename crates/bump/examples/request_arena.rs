//! An arena a request: whatever a request allocates is gone when it is answered, in one step.

use bump::{Bump, Scope};
use core_api::{AllocError, StaticHeap};

static MEMORY: StaticHeap<4096> = StaticHeap::new();

/// The fields of a request, in memory of its scope.
struct Request<'s> {
    path: &'s str,
    words: &'s mut [usize],
}

fn parse<'s>(
    scope: &Scope<'s, &'static StaticHeap<4096>>,
    line: &str,
) -> Result<Request<'s>, AllocError> {
    let path = scope.alloc_str(line.split(' ').nth(1).unwrap_or("/"))?;
    let mut words = line.split(' ').map(str::len);
    let n_words = words.clone().count();
    let words = scope.alloc_slice_with(n_words, |_| words.next().unwrap_or(0))?;
    Ok(Request { path, words })
}

fn main() -> Result<(), AllocError> {
    let mut arena = Bump::new(&MEMORY);
    for line in [
        "GET /index.html",
        "PUT /a/rather/long/path text/plain",
        "GET /",
    ] {
        let used = arena.scope(|scope| {
            let request = parse(scope, line)?;
            println!("{:28} {:?}", request.path, request.words);
            Ok::<usize, AllocError>(scope.inspect(|bump| bump.used()))
        })?;
        println!("{used:5} bytes for it, {} after it", arena.used());
    }
    Ok(())
}
