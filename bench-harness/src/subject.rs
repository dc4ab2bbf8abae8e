//! An allocator under test: how to make one, and what can be asked of it.

use std::ptr::NonNull;
use std::time::{Duration, Instant};

use core_api::testing::{Contract, Failure, Program};
use core_api::{Allocator, HeapStats, Inspect, Region};

use crate::closed_loop::{Challenge, Figure};
use crate::erased::{Erased, Look};
use crate::measure::{Clocked, End, Laps, Observer};
use crate::memory::{Room, page_len};
use crate::noted::Noted;
use crate::process::{Resident, page_faults};
use crate::replay::{Outcome, Player, Slots, Stop, replay};
use crate::script::{Script, Step};
use crate::verify::{Violation, verify};

/// What a subject is asked to do. Behind `dyn`, so that the table of allocators is a plain list;
/// the timed loops inside are compiled for each allocator on its own.
pub trait Subject: Send + Sync {
    /// Replays `script` on a fresh allocator, `passes` times, and adds the times up.
    fn time(&self, room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed;

    /// Replays `script` with every check on a fresh allocator.
    fn verify(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> Result<Outcome, Violation>;

    /// Replays `script` and says what the process held at most. Each page of each block is touched.
    fn resident(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> (Resident, Option<Stop>);

    /// The heap at the step of peak live bytes; `None` if it cannot be walked or gets not so far.
    fn stats_at_peak(&self, room: &mut Room, script: &Script, limit: Duration)
    -> Option<HeapStats>;

    /// Replays `script` on a fresh allocator and shows each step to `observer`; `None` if its calls
    /// cannot be seen one by one.
    fn observe(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
        observer: &mut dyn Observer,
    ) -> Option<End> {
        let _ = (room, script, limit, observer);
        None
    }

    /// Free blocks that are looked at per allocation or resize of `script`; `None` if nobody counts
    /// them.
    fn probes(&self, room: &mut Room, script: &Script, limit: Duration) -> Option<f64> {
        let _ = (room, script, limit);
        None
    }

    /// Replays `script` on a fresh allocator and takes the time of each call. An allocator that
    /// cannot be called one call at a time leaves `laps` as they are.
    fn clock(&self, room: &mut Room, script: &Script, limit: Duration, laps: Laps<'_>) {
        let _ = (room, script, limit, laps);
    }

    /// Takes a challenge; `None` for what is no allocator.
    fn challenge(&self, challenge: Challenge, limit: Duration) -> Option<Figure> {
        let _ = (challenge, limit);
        None
    }

    /// Bytes of the allocator's own state outside its heap.
    fn state_len(&self) -> usize;

    /// The scenarios of the contract that can be tried on it.
    fn scenarios(&self) -> Vec<&'static str>;

    /// Tries one scenario of the contract, with so many random programs if it has any; `None` if its
    /// promise is kept.
    fn conform(&self, name: &str, scenario: &str, cases: Option<u32>) -> Option<Failure>;

    /// Plays one program on a fresh allocator, with every check of the contract; `None` if no promise is broken.
    fn play(&self, program: &Program) -> Option<Failure>;
}

/// A timed replay.
#[derive(Clone, Copy, Debug)]
pub struct Timed {
    /// The last pass, with the time of all of them.
    pub outcome: Outcome,
    /// How many passes there were.
    pub passes: u32,
    /// Page faults that needed no disk, in all passes.
    pub page_faults: u64,
}

/// A constructor and what it makes.
pub struct Made<A> {
    make: fn(&mut Room) -> A,
    inspect: Look<A>,
    probes: Option<CountProbes>,
    state_len: usize,
}

/// Replays a script on an allocator that counts its probes.
type CountProbes = fn(&mut Room, &Script, Duration) -> Option<f64>;

impl<A: Allocator> Made<A> {
    /// A subject made by `make`, which cannot be looked into.
    pub const fn new(make: fn(&mut Room) -> A) -> Self {
        Self {
            make,
            inspect: None,
            probes: None,
            state_len: size_of::<A>(),
        }
    }

    /// The same, with the bytes of its state where they are not in the value.
    pub const fn with_state(self, state_len: usize) -> Self {
        Self { state_len, ..self }
    }

    /// The same, with a replay that counts probes.
    pub fn probed(self, count: CountProbes) -> Self {
        Self {
            probes: Some(count),
            ..self
        }
    }

    /// The same, for an allocator with a heap walk.
    pub fn inspected(self) -> Self
    where
        A: Inspect,
    {
        Self {
            inspect: Some(|allocator| allocator),
            ..self
        }
    }
}

impl<A: Allocator + 'static> Subject for Made<A> {
    fn time(&self, room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        let mut slots = Slots::new(script);
        let mut nanos = 0;
        let mut page_faults_seen = 0;
        let mut pass = 0;
        loop {
            let mut allocator = (self.make)(room);
            let before = page_faults();
            let mut outcome = replay(&mut allocator, script, &mut slots, limit);
            page_faults_seen += page_faults() - before;
            nanos += outcome.nanos;
            pass += 1;
            if pass == passes || outcome.stop.is_some() {
                outcome.nanos = nanos;
                return Timed {
                    outcome,
                    passes: pass,
                    page_faults: page_faults_seen,
                };
            }
            slots.free_survivors(&mut allocator, script);
        }
    }

    fn verify(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> Result<Outcome, Violation> {
        verify(&mut self.erased(room), script, limit)
    }

    fn resident(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> (Resident, Option<Stop>) {
        resident(&mut || self.erased(room), script, limit)
    }

    fn stats_at_peak(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> Option<HeapStats> {
        self.inspect?;
        stats_at_peak(self.erased(room), script, limit)
    }

    fn observe(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
        observer: &mut dyn Observer,
    ) -> Option<End> {
        Some(observe(self.erased(room), script, limit, observer))
    }

    fn probes(&self, room: &mut Room, script: &Script, limit: Duration) -> Option<f64> {
        (self.probes?)(room, script, limit)
    }

    fn clock(&self, room: &mut Room, script: &Script, limit: Duration, laps: Laps<'_>) {
        let mut slots = Slots::new(script);
        let mut clocked = Clocked::new((self.make)(room), laps);
        replay(&mut clocked, script, &mut slots, limit);
    }

    fn challenge(&self, challenge: Challenge, limit: Duration) -> Option<Figure> {
        let mut room = Room::new(challenge.longest_heap());
        room.region();
        let mut make = |len| {
            room.resize(len);
            self.erased(&mut room)
        };
        Some(challenge.run(&mut make, limit))
    }

    fn state_len(&self) -> usize {
        self.state_len
    }

    fn scenarios(&self) -> Vec<&'static str> {
        self.contract("").scenarios().collect()
    }

    fn conform(&self, name: &str, scenario: &str, cases: Option<u32>) -> Option<Failure> {
        let mut contract = self.contract(name);
        if let Some(cases) = cases {
            contract = contract.cases(cases);
        }
        for other in self.scenarios() {
            if other != scenario {
                contract = contract.without(other);
            }
        }
        contract.try_run().err()
    }

    fn play(&self, program: &Program) -> Option<Failure> {
        self.contract("").play(program).err()
    }
}

impl<A: Allocator + 'static> Made<A> {
    fn erased(&self, room: &mut Room) -> Erased {
        Erased::new((self.make)(room), self.inspect)
    }

    fn contract(&self, name: &str) -> Contract<Noted, Make> {
        let (make, look) = (self.make, self.inspect);
        let noted = move |region| Noted::new(Erased::new(make(&mut Room::given(region)), look));
        let mut contract = Contract::new(name, Box::new(noted) as Make);
        if look.is_some() {
            contract = contract.inspected();
        }
        match self.uses_room() {
            true => contract,
            false => contract.own_memory(),
        }
    }

    fn uses_room(&self) -> bool {
        let mut room = Room::new(1 << 20);
        drop((self.make)(&mut room));
        room.is_used()
    }
}

/// Makes an allocator of a region.
type Make = Box<dyn Fn(Region) -> Noted>;

fn resident(
    make: &mut dyn FnMut() -> Erased,
    script: &Script,
    limit: Duration,
) -> (Resident, Option<Stop>) {
    let mut slots = Slots::new(script);
    let mut player = Player::new(&mut slots);
    let mut resident = Resident::start();
    let mut allocator = make();
    let deadline = Instant::now() + limit;
    let (rise, rest) = script.steps.split_at(script.peak_step + 1);
    let sampled = rise
        .chunks(between_samples(rise))
        .chain(rest.chunks(between_samples(rest)));
    for steps in sampled {
        let stop = player.play_until(deadline, &mut allocator, steps, touch_pages);
        resident.sample();
        if stop.is_some() || Instant::now() > deadline {
            let stop = stop.unwrap_or(Stop::TimeLimit);
            return (
                resident,
                Some(stop).filter(|_| player.ops_done < script.steps.len()),
            );
        }
    }
    slots.free_survivors(&mut allocator, script);
    (resident, None)
}

fn stats_at_peak(mut allocator: Erased, script: &Script, limit: Duration) -> Option<HeapStats> {
    let mut slots = Slots::new(script);
    let rise = &script.steps[..=script.peak_step];
    let deadline = Instant::now() + limit;
    let stop = Player::new(&mut slots).play_until(deadline, &mut allocator, rise, |_, _| ());
    match stop {
        None => allocator.inspect().map(Inspect::stats),
        Some(_) => None,
    }
}

fn observe(
    mut allocator: Erased,
    script: &Script,
    limit: Duration,
    observer: &mut dyn Observer,
) -> End {
    let mut slots = Slots::new(script);
    let mut player = Player::new(&mut slots);
    let deadline = Instant::now() + limit;
    let end = player.play_observed(deadline, &mut allocator, &script.steps, observer);
    if end == End::Whole {
        slots.free_survivors(&mut allocator, script);
    }
    end
}

/// How many of `steps` lie between two samples of resident memory.
fn between_samples(steps: &[Step]) -> usize {
    const N_SAMPLES: usize = 64;
    steps.len().div_ceil(N_SAMPLES).max(1)
}

/// Writes to every page of a block after its first byte, which holds the tag.
pub(crate) fn touch_pages(block: NonNull<u8>, size: usize) {
    let page = page_len();
    for offset in (page..size)
        .step_by(page)
        .chain((size > 1).then(|| size - 1))
    {
        // SAFETY: `offset` lies in the block.
        unsafe { block.add(offset).write(0) };
    }
}
