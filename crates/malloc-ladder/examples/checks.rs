//! The cost of each tier of checking: the instructions of an allocation and a free, as callgrind counts them.
//!
//! Without arguments, the program runs itself under valgrind, once for each heap and tier, and prints a table. With a
//! heap and a tier, it makes the calls that are counted. The full tier of `thread-cached` is the feature `hardened`.

use std::alloc::Layout;
use std::env;
use std::error::Error;
use std::process::Command;
use std::ptr::NonNull;

use malloc_ladder::coalescing::{CoalescingHeap, Deferred, Immediate};
use malloc_ladder::core_api::{AllocError, Allocator, Checked, CheckedFree, StaticHeap, checks};
use malloc_ladder::fit_strategies::{BestFit, FitHeap};
use malloc_ladder::freelist::FreeList;
use malloc_ladder::headerless::HeaderlessHeap;
use malloc_ladder::mmap_backed::MmapHeap;
use malloc_ladder::thread_cached::ThreadCached;

/// Pairs of an allocation and a free that are counted.
const N: usize = 20_000;

/// Blocks that are live at a time.
const N_LIVE: usize = 64;

const TIERS: [&str; 3] = ["none", "basic", "full"];

const HEAPS: [&str; 7] = [
    "freelist",
    "fit-strategies, best fit",
    "coalescing, immediate",
    "coalescing, deferred",
    "headerless",
    "mmap-backed",
    "thread-cached",
];

/// The heap whose calls cost nothing: the loop alone.
const LOOP: &str = "loop";

static MEMORY: StaticHeap = StaticHeap::new();

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => print_table(),
        [heap, tier] => Ok(play(heap, tier)?),
        _ => Err("expected no arguments, or a heap and a tier".into()),
    }
}

fn print_table() -> Result<(), Box<dyn Error>> {
    let of_loop = counted(LOOP, "basic")?.unwrap_or(0.0);
    println!("| heap | none | basic | full |\n|---|--:|--:|--:|");
    for heap in HEAPS {
        print!("| {heap} |");
        for tier in TIERS {
            match counted(heap, tier)? {
                Some(count) => print!(" {:.1} |", count - of_loop),
                None => print!(" – |"),
            }
        }
        println!();
    }
    Ok(())
}

/// Returns the instructions of a pair and of the loop around it; `None` if the heap does not have the tier.
fn counted(heap: &str, tier: &str) -> Result<Option<f64>, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*churn*"])
        .arg(env::current_exe()?)
        .args([heap, tier])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !output.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.ok_or("callgrind has counted nothing")?;
    Ok(Some(count.trim().parse::<f64>()? / N as f64))
}

/// Makes the calls on one heap.
fn play(heap: &str, tier: &str) -> Result<(), AllocError> {
    match heap {
        "freelist" => with_tier(FreeList::new(&MEMORY), tier),
        "fit-strategies, best fit" => with_tier(FitHeap::<_, BestFit>::new(&MEMORY), tier),
        "coalescing, immediate" => with_tier(CoalescingHeap::<_, 8, Immediate>::new(&MEMORY), tier),
        "coalescing, deferred" => with_tier(CoalescingHeap::<_, 8, Deferred>::new(&MEMORY), tier),
        "headerless" => with_tier(HeaderlessHeap::new(&MEMORY), tier),
        "mmap-backed" => with_tier(MmapHeap::<8>::new(), tier),
        "thread-cached" if tier == built_tier() => churn(&mut ThreadCached::new()),
        LOOP => churn(&mut Loop([0; 512])),
        _ => Err(AllocError),
    }
}

/// The tier that `thread-cached` is built with.
fn built_tier() -> &'static str {
    match cfg!(feature = "hardened") {
        true => "full",
        false => "basic",
    }
}

fn with_tier<H: CheckedFree>(mut heap: H, tier: &str) -> Result<(), AllocError> {
    match tier {
        "none" => churn(&mut Checked::<H, checks::None>::new(heap)),
        "basic" => churn(&mut heap),
        "full" => churn(&mut Checked::<H, checks::Full>::new(heap)),
        _ => Err(AllocError),
    }
}

/// Replaces one of some live blocks of 16 to 271 bytes, again and again.
#[inline(never)]
fn churn<A: Allocator>(heap: &mut A) -> Result<(), AllocError> {
    let mut state = 1_u64;
    let mut live = [None::<(NonNull<u8>, Layout)>; N_LIVE];
    for n in 0..N {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let slot = &mut live[n % N_LIVE];
        if let Some((block, layout)) = slot.take() {
            // SAFETY: the block is live, and was allocated with this layout.
            unsafe { heap.deallocate(block, layout) };
        }
        let layout = Layout::array::<u8>(16 + (state >> 56) as usize).map_err(|_| AllocError)?;
        *slot = Some((heap.allocate(layout)?.cast(), layout));
    }
    Ok(())
}

/// Hands out the same bytes again and again.
struct Loop([u8; 512]);

// SAFETY: none: the program does not use the blocks.
unsafe impl Allocator for Loop {
    #[inline]
    fn allocate(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Ok(NonNull::from(&mut self.0))
    }

    #[inline]
    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}
}
