//! The forms in which an allocator is tested: as it is, moved, and behind every adapter.

use super::Verdict;
use super::subject::{Subject, Watched};
use super::wrappers::{Cloned, Global, Moving, Sizeless};
use crate::{Allocator, Handle, Inspect, Local, Locked, Region, SizelessFree};

/// A conversion to [`Inspect`], for allocators that have it.
pub(super) type Inspector<A> = for<'x> fn(&'x A) -> &'x dyn Inspect;

/// The test to run on the allocator in its form.
pub(super) type Body<'a> = &'a mut dyn FnMut(&mut dyn Subject) -> Verdict;

/// What a test knows of an allocator besides the results of its methods.
pub(super) struct View<A> {
    pub(super) inspect: Option<Inspector<A>>,
    /// The region in which all blocks must lie; `None` if the allocator has its own memory.
    pub(super) region: Option<Region>,
}

/// One form in which an allocator is tested.
pub(super) struct Guise<A> {
    /// The form's name in a failure.
    pub(super) name: &'static str,
    /// Puts the allocator into the form and runs the body on it.
    pub(super) enter: fn(A, View<A>, Body<'_>) -> Verdict,
}

impl<A> Guise<A> {
    /// Returns the forms that every allocator has.
    pub(super) fn all() -> [Self; 5]
    where
        A: Allocator,
    {
        let guise = |name, enter| Self { name, enter };
        [
            guise("", plain),
            guise("moved before every call", moving),
            guise("through &Local", local),
            guise("through &Locked", locked),
            guise("through GlobalAlloc of Locked", global),
        ]
    }

    /// Returns the form whose calls go through clones.
    pub(super) fn cloned() -> Self
    where
        A: Handle,
    {
        Self {
            name: "through clones that move and are dropped",
            enter: cloned,
        }
    }

    /// Returns the form that frees without a layout.
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

fn cloned<A: Handle>(handle: A, view: View<A>, body: Body<'_>) -> Verdict {
    let cloned = Cloned::new(handle);
    watch(cloned, view, |cloned, look| look(cloned.current()), body)
}

fn plain<A: Allocator>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    watch(allocator, view, |allocator, look| look(allocator), body)
}

fn moving<A: Allocator>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    let moving = Moving::new(allocator);
    watch(moving, view, |moving, look| look(moving.home()), body)
}

fn local<A: Allocator>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    let local = Local::new(allocator);
    watch(&local, view, |local, look| local.inspect(look), body)
}

fn locked<A: Allocator>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    let locked: Locked<A> = Locked::new(allocator);
    watch(&locked, view, |locked, look| locked.inspect(look), body)
}

fn global<A: Allocator>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    let global = Global(Locked::new(allocator));
    watch(global, view, |global, look| global.0.inspect(look), body)
}

fn sizeless<A: SizelessFree>(allocator: A, view: View<A>, body: Body<'_>) -> Verdict {
    let sizeless = Sizeless(allocator);
    watch(sizeless, view, |sizeless, look| look(&sizeless.0), body)
}

/// Runs the body on a form `T` of the allocator `A`, which `reach` finds inside.
fn watch<A, T: Allocator>(
    inner: T,
    view: View<A>,
    reach: impl Fn(&T, &mut dyn FnMut(&A)),
    body: Body<'_>,
) -> Verdict {
    let peek = |inner: &T, see: &mut dyn FnMut(&dyn Inspect)| {
        if let Some(inspect) = view.inspect {
            reach(inner, &mut |allocator| see(inspect(allocator)));
        }
    };
    body(&mut Watched {
        inner,
        peek: &peek,
        region: view.region,
    })
}
