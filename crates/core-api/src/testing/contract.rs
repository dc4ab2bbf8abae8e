//! [`Contract`]: one test suite for every allocator.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::arena::Arena;
use super::guise::{Guise, Inspector, View};
use super::lab::Lab;
use super::scenarios::{SCENARIOS, Scenario};
use super::{Failure, Program, Verdict};
use crate::{Allocator, Handle, Inspect, Region, SizelessFree};

/// The default length of a region: room for two blocks aligned to 2 MiB.
const DEFAULT_LEN: usize = 16 << 20;

/// A test of everything that [`Allocator`] promises, on one allocator.
///
/// ```
/// use core_api::testing::Contract;
/// # use core::{alloc::Layout, ptr::NonNull};
/// # use core_api::{AllocError, Allocator, Reclaims, Region};
/// # struct Full;
/// # // SAFETY: it never returns a block.
/// # unsafe impl Allocator for Full {
/// #     fn allocate(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> { Err(AllocError) }
/// #     unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}
/// # }
/// let failures = Contract::new("full", |_region: Region| Full).verify();
/// assert!(failures[0].to_string().contains("must succeed"));
/// ```
///
/// The scenarios run on the allocator as it is, moved before every call, through `&Local`,
/// `&Locked` and `GlobalAlloc`; through [`SizelessFree`] after [`sizeless`](Self::sizeless), and through clones
/// after [`handle`](Self::handle).
pub struct Contract<A, F> {
    name: String,
    make: F,
    heap_len: usize,
    own_memory: bool,
    cases: Option<u32>,
    inspect: Option<Inspector<A>>,
    guises: Vec<Guise<A>>,
    skipped: Vec<&'static str>,
}

impl<A: Allocator, F: Fn(Region) -> A> Contract<A, F> {
    /// Returns the contract for the allocators that `make` builds, each in a region of its own.
    pub fn new(name: &str, make: F) -> Self {
        Self {
            name: name.to_string(),
            make,
            heap_len: DEFAULT_LEN,
            own_memory: false,
            cases: None,
            inspect: None,
            guises: Guise::all().into(),
            skipped: Vec::new(),
        }
    }

    /// Sets the bytes of the largest region for `make`; the default is 16 MiB. With less than 8 MiB, the
    /// largest alignments need not succeed.
    pub fn heap_len(mut self, len: usize) -> Self {
        self.heap_len = len;
        self
    }

    /// Says that the allocator ignores the region and has plenty of its own memory.
    pub fn own_memory(mut self) -> Self {
        self.own_memory = true;
        self
    }

    /// Sets the number of random programs per scenario. The default is `PROPTEST_CASES` or 256, and 4 under
    /// Miri. Behind adapters, a quarter of them run.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = Some(cases);
        self
    }

    /// Inspects the heap after every operation: tests that [`check`](Inspect::check) holds, that the walk has
    /// no gaps, and that walk, statistics and model agree.
    pub fn inspected(mut self) -> Self
    where
        A: Inspect,
    {
        self.inspect = Some(|allocator| allocator);
        self
    }

    /// Runs every scenario through [`SizelessFree`], too.
    pub fn sizeless(mut self) -> Self
    where
        A: SizelessFree,
    {
        self.guises.push(Guise::sizeless());
        self
    }

    /// Runs every scenario through two clones of the [`Handle`], too. They take turns, and move before each call. Now and
    /// then one clone is dropped, and the other is cloned.
    pub fn handle(mut self) -> Self
    where
        A: Handle,
    {
        self.guises.push(Guise::cloned());
        self
    }

    /// Skips a scenario, for peers that do not make its promise.
    ///
    /// # Panics
    ///
    /// If there is no scenario of that name.
    pub fn without(mut self, scenario: &'static str) -> Self {
        let is_known = SCENARIOS.iter().any(|known| known.name == scenario);
        assert!(is_known, "no scenario is called \"{scenario}\"");
        self.skipped.push(scenario);
        self
    }

    /// Returns the names of the scenarios that [`verify`](Self::verify) runs, in its order. A harness can run
    /// each in a process of its own, by skipping the others.
    pub fn scenarios(&self) -> impl Iterator<Item = &'static str> {
        self.chosen().map(|scenario| scenario.name)
    }

    fn chosen(&self) -> impl Iterator<Item = &'static Scenario> {
        SCENARIOS
            .iter()
            .filter(|scenario| !self.skipped.contains(&scenario.name))
            .filter(|scenario| !(self.own_memory && scenario.bounded))
    }

    /// Runs all scenarios and returns the broken promises: at most one failure per scenario.
    ///
    /// An allocator that hands out the same bytes twice can end the process when it copies a block
    /// onto itself; [`try_run`](Self::try_run) stops before that.
    pub fn verify(&self) -> Vec<Failure> {
        self.failures(&Arena::new(self.heap_len)).collect()
    }

    /// Runs the scenarios until a promise is broken. Simple scenarios come first.
    ///
    /// # Errors
    ///
    /// The first broken promise: the scenario, the shortest program that shows it if there is one,
    /// and the heap map if the allocator is [`inspected`](Self::inspected).
    pub fn try_run(&self) -> Verdict {
        let arena = Arena::new(self.heap_len);
        self.failures(&arena).next().map_or(Ok(()), Err)
    }

    /// Runs all scenarios.
    ///
    /// # Panics
    ///
    /// If [`try_run`](Self::try_run) returns an error.
    #[track_caller]
    pub fn run(&self) {
        if let Err(failure) = self.try_run() {
            panic!("{failure}");
        }
    }

    fn failures<'a>(&'a self, arena: &'a Arena) -> impl Iterator<Item = Failure> + 'a {
        self.chosen()
            .filter_map(|scenario| self.try_guises(scenario, arena).err())
    }

    /// Runs one program on a fresh allocator in a region of [`heap_len`](Self::heap_len) bytes, with all
    /// checks of the suite. Fuzz targets and regression tests use it.
    ///
    /// # Errors
    ///
    /// The first broken promise.
    pub fn play(&self, program: &Program) -> Verdict {
        let arena = Arena::new(self.heap_len);
        let verdict = self.guises.first().map_or(Ok(()), |plain| {
            self.in_lab(plain, &arena, 1, &|lab| {
                lab.trial(&mut |trial| lab.play(program, trial))
            })
        });
        verdict.map_err(|failure| Failure {
            allocator: self.name.clone(),
            scenario: "one program".to_string(),
            program: Some(program.clone()),
            ..failure
        })
    }

    /// Runs a scenario in each guise until one fails.
    fn try_guises(&self, scenario: &Scenario, arena: &Arena) -> Verdict {
        for (index, guise) in self.guises.iter().enumerate() {
            let verdict = self.in_lab(guise, arena, self.cases_of(index == 0), &scenario.run);
            verdict.map_err(|failure| Failure {
                allocator: format!("{} {}", self.name, guise.name).trim().to_string(),
                scenario: scenario.name.to_string(),
                ..failure
            })?;
        }
        Ok(())
    }

    /// Calls `run` with a lab in which the allocator takes the form `guise`.
    fn in_lab(
        &self,
        guise: &Guise<A>,
        arena: &Arena,
        cases: u32,
        run: &dyn Fn(&Lab<'_>) -> Verdict,
    ) -> Verdict {
        let view = |region| View {
            inspect: self.inspect,
            region: (!self.own_memory).then_some(region),
        };
        run(&Lab {
            arena,
            make: &|region, body| (guise.enter)((self.make)(region), view(region), body),
            heap_len: self.heap_len,
            own_memory: self.own_memory,
            cases,
        })
    }

    /// Returns the number of random cases per scenario, for the allocator as it is or behind an adapter.
    fn cases_of(&self, is_plain: bool) -> u32 {
        let default = match cfg!(miri) {
            true => 4,
            false => proptest::test_runner::Config::default().cases,
        };
        let cases = self.cases.unwrap_or(default);
        if is_plain { cases } else { cases.div_ceil(4) }
    }
}
