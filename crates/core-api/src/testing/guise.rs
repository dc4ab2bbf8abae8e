//! The forms in which an allocator is tried: as it is, moved about, and behind every adapter.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::boxed::Box;

use super::Verdict;
use super::subject::{Subject, Watched};
use crate::{
    AllocError, Allocator, Inspect, Local, Locked, Reclaims, Region, SizelessFree, reallocate,
};

/// How to look into an allocator, if it has [`Inspect`].
pub(super) type Inspector<A> = for<'x> fn(&'x A) -> &'x dyn Inspect;

/// What a guise does: it puts the allocator into its form and runs the body on it.
type Enter<A> = fn(
    A,
    Option<Inspector<A>>,
    Option<Region>,
    &mut dyn FnMut(&mut dyn Subject) -> Verdict,
) -> Verdict;

/// One form in which an allocator is tried.
pub(super) struct Guise<A> {
    /// What it is called in a failure.
    pub(super) name: &'static str,
    pub(super) enter: Enter<A>,
}

impl<A> Guise<A> {
    /// The forms that every allocator has.
    pub(super) fn all() -> [Self; 5]
    where
        A: Allocator,
    {
        [
            Self {
                name: "",
                enter: plain,
            },
            Self {
                name: "moved before every call",
                enter: moving,
            },
            Self {
                name: "through &Local",
                enter: local,
            },
            Self {
                name: "through &Locked",
                enter: locked,
            },
            Self {
                name: "through GlobalAlloc of Locked",
                enter: global,
            },
        ]
    }

    /// The form that frees without a layout.
    pub(super) fn sizeless() -> Self
    where
        A: SizelessFree,
    {
        Self {
            name: "through SizelessFree",
            enter: sizeless,
        }
    }
}

type Body<'a> = &'a mut dyn FnMut(&mut dyn Subject) -> Verdict;

fn plain<A: Allocator>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let peek = |allocator: &A, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            see(inspect(allocator));
        }
    };
    body(&mut Watched {
        inner,
        peek: &peek,
        region,
    })
}

fn moving<A: Allocator>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let peek = |moving: &Moving<A>, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            see(inspect(moving.home()));
        }
    };
    let inner = Moving {
        home: Some(Box::new(inner)),
    };
    body(&mut Watched {
        inner,
        peek: &peek,
        region,
    })
}

fn local<A: Allocator>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let local = Local::new(inner);
    let peek = |local: &&Local<A>, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            local.inspect(|allocator| see(inspect(allocator)));
        }
    };
    body(&mut Watched {
        inner: &local,
        peek: &peek,
        region,
    })
}

fn locked<A: Allocator>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let locked: Locked<A> = Locked::new(inner);
    let peek = |locked: &&Locked<A>, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            locked.inspect(|allocator| see(inspect(allocator)));
        }
    };
    body(&mut Watched {
        inner: &locked,
        peek: &peek,
        region,
    })
}

fn global<A: Allocator>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let peek = |global: &Global<A>, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            global.0.inspect(|allocator| see(inspect(allocator)));
        }
    };
    let inner = Global(Locked::new(inner));
    body(&mut Watched {
        inner,
        peek: &peek,
        region,
    })
}

fn sizeless<A: SizelessFree>(
    inner: A,
    inspect: Option<Inspector<A>>,
    region: Option<Region>,
    body: Body<'_>,
) -> Verdict {
    let peek = |sizeless: &Sizeless<A>, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = inspect {
            see(inspect(&sizeless.0));
        }
    };
    body(&mut Watched {
        inner: Sizeless(inner),
        peek: &peek,
        region,
    })
}

/// Moves the allocator to another address before every call.
struct Moving<A> {
    home: Option<Box<A>>,
}

impl<A> Moving<A> {
    fn home(&self) -> &A {
        self.home
            .as_ref()
            .expect("the allocator is at home between moves")
    }

    fn moved(&mut self) -> &mut A {
        // The new box exists before the old one is freed, so it is at another address.
        self.home = self.home.take().map(|old| Box::new(*old));
        self.home
            .as_mut()
            .expect("the allocator is at home between moves")
    }
}

// SAFETY: every method is the inner allocator's own; moving an allocator leaves its blocks alone.
unsafe impl<A: Allocator> Allocator for Moving<A> {
    crate::forward_allocator!(self => *self.moved(), *self.home());
}

/// Goes through `GlobalAlloc`, as collections of a program whose global allocator it is would.
struct Global<A>(Locked<A>);

/// The layout that is asked for: `GlobalAlloc` knows no size 0.
fn at_least_one(layout: Layout) -> Layout {
    match layout.size() {
        0 => Layout::from_size_align(1, layout.align()).unwrap_or(layout),
        _ => layout,
    }
}

/// The block that a `GlobalAlloc` method returned: exactly as long as asked for.
fn fat(pointer: *mut u8, len: usize) -> Result<NonNull<[u8]>, AllocError> {
    let block = NonNull::new(pointer).ok_or(AllocError)?;
    Ok(NonNull::slice_from_raw_parts(block, len))
}

impl<A: Allocator> Global<A> {
    /// # Safety
    ///
    /// As [`Allocator::grow`] or [`Allocator::shrink`].
    unsafe fn resize(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (old, new) = (at_least_one(old), at_least_one(new));
        if old.align() != new.align() {
            // SAFETY: passed on.
            return unsafe { reallocate(self, block, old, new) };
        }
        // SAFETY: the block was allocated with `old`, as no length but the requested is returned.
        fat(
            unsafe { self.0.realloc(block.as_ptr(), old, new.size()) },
            new.size(),
        )
    }
}

// SAFETY: every method is the inner allocator's, by way of `GlobalAlloc`.
unsafe impl<A: Allocator> Allocator for Global<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let layout = at_least_one(layout);
        // SAFETY: the size is not 0.
        fat(unsafe { self.0.alloc(layout) }, layout.size())
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.dealloc(block.as_ptr(), at_least_one(layout)) };
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let layout = at_least_one(layout);
        // SAFETY: the size is not 0.
        fat(unsafe { self.0.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.inspect(A::reclaims)
    }
}

/// Frees and resizes without a layout, and uses all that `usable_size` grants.
struct Sizeless<A>(A);

impl<A: SizelessFree> Sizeless<A> {
    fn whole(&self, block: NonNull<[u8]>) -> NonNull<[u8]> {
        let block = block.cast::<u8>();
        // SAFETY: the block was returned just now.
        let usable = unsafe { self.0.usable_size(block) };
        NonNull::slice_from_raw_parts(block, usable)
    }

    /// # Safety
    ///
    /// As [`Allocator::grow`] or [`Allocator::shrink`].
    unsafe fn resize(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if !block.addr().get().is_multiple_of(new.align()) {
            // SAFETY: passed on.
            return unsafe { reallocate(self, block, old, new) };
        }
        // SAFETY: the block is live and its address has the new alignment.
        let resized = unsafe { self.0.realloc(block, new) }?;
        Ok(self.whole(resized))
    }
}

// SAFETY: every method is the inner allocator's, by way of `SizelessFree`.
unsafe impl<A: SizelessFree> Allocator for Sizeless<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.0.allocate(layout)?;
        Ok(self.whole(block))
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        // SAFETY: the block is live.
        unsafe { self.0.free(block) };
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.reclaims()
    }
}
