//! The first allocator: one pointer that moves forward.
//!
//! ```text
//! cargo run -p malloc-ladder-bump --example first_allocator
//! ```

use core::alloc::Layout;
use core::ptr::NonNull;

use bump::Bump;
use core_api::{AllocError, Allocator, HeapMap, Reset, StaticHeap};

type Heap = &'static StaticHeap<1024>;
static HEAP: StaticHeap<1024> = StaticHeap::new();

fn main() -> Result<(), AllocError> {
    let mut bump = Bump::new(&HEAP);
    println!(
        "A heap of 1,024 bytes. In its maps one character stands for 16 of them, # used, . free;"
    );
    println!(
        "a bump allocator keeps no record of its blocks, so all that is used counts as one.\n"
    );

    println!("Allocating moves the cursor forward, by a multiple of 8:");
    let (first, first_layout) = allocate(&mut bump, 100, 1)?;
    let (last, last_layout) = allocate(&mut bump, 200, 8)?;

    println!("\nFreeing the last block moves it back:");
    // SAFETY: `last` is live and not used again.
    unsafe { bump.deallocate(last, last_layout) };
    show("free(200 bytes)", &bump);

    println!("\nA block with a larger alignment starts at the next multiple of it:");
    allocate(&mut bump, 160, 64)?;

    println!("\nFreeing any other block changes nothing. This is what a bump allocator cannot do:");
    // SAFETY: `first` is live and not used again.
    unsafe { bump.deallocate(first, first_layout) };
    show("free(100 bytes)", &bump);

    println!("\nSo it frees in bulk: all that a scope allocates goes when the scope ends.");
    bump.scope(|scope| {
        let words = scope.alloc_slice_with(40, |n| n as u64)?;
        let text = scope.alloc_str("a string in the same heap")?;
        let inside = format!("inside: {} words and {text:?}", words.len());
        scope.inspect(|bump| show(&inside, bump));
        Ok::<(), AllocError>(())
    })?;
    show("after the scope", &bump);

    println!("\nAnd reset() frees everything at once:");
    bump.reset();
    show("reset()", &bump);

    println!("\nUnless one block must stay. Messages come and go, two at a time:");
    immortal(&mut bump)
}

/// A session that must outlive the messages: nothing can be reset, and nothing is freed last.
fn immortal(bump: &mut Bump<Heap>) -> Result<(), AllocError> {
    let message = Layout::new::<[u8; 32]>();
    bump.allocate(Layout::new::<[u8; 16]>())?;
    let mut previous = bump.allocate(message)?;
    let mut n_messages = 1;
    while let Ok(next) = bump.allocate(message) {
        // SAFETY: `previous` is live and not used again.
        unsafe { bump.deallocate(previous.cast(), message) };
        previous = next;
        n_messages += 1;
    }
    show("out of memory", bump);
    println!("  after {n_messages} messages of 32 bytes, of which one is live");
    Ok(())
}

fn allocate(
    bump: &mut Bump<Heap>,
    size: usize,
    align: usize,
) -> Result<(NonNull<u8>, Layout), AllocError> {
    let layout = Layout::from_size_align(size, align).map_err(|_| AllocError)?;
    let block = bump.allocate(layout)?;
    let offset = block.addr().get() - bump.region().start();
    let name = format!("allocate({size}, align {align})");
    show(&format!("{name}: {} bytes at {offset}", block.len()), bump);
    Ok((block.cast(), layout))
}

fn show(step: &str, bump: &Bump<Heap>) {
    println!("  {step}\n    {}", HeapMap::new(bump, 64));
}
