//! The eight bytes before every payload.

/// Unit of size and smallest alignment, in bytes.
///
/// ```
/// use core_api::{Allocator, StaticHeap};
/// static HEAP: StaticHeap = StaticHeap::new();
/// let mut heap = freelist::FreeList::new(&HEAP);
/// let block = heap.allocate(core::alloc::Layout::new::<[u8; 9]>())?;
/// assert_eq!(block.len(), 2 * freelist::GRANULE, "9 bytes, rounded up");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub const GRANULE: usize = 8;

/// Bytes of a header, on every target.
///
/// ```
/// use core_api::{Allocator, StaticHeap};
/// static HEAP: StaticHeap = StaticHeap::new();
/// let mut heap = freelist::FreeList::new(&HEAP);
/// let block = heap.allocate(core::alloc::Layout::new::<u64>())?;
/// assert_eq!(block.addr().get() - heap.region().start(), freelist::HEADER);
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub const HEADER: usize = 8;

/// The smallest block that can be handed out: a header and room for a link.
///
/// ```
/// use core_api::{Allocator, StaticHeap};
/// static HEAP: StaticHeap<1024> = StaticHeap::new();
/// let mut heap = freelist::FreeList::new(&HEAP);
/// heap.allocate(core::alloc::Layout::new::<u8>())?;
/// assert_eq!(heap.untouched(), 1024 - freelist::MIN_BLOCK);
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub const MIN_BLOCK: usize = HEADER + GRANULE;

/// What a header says its block is. In memory each is four letters, to be seen in a hex dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The payload is a caller's.
    Used,
    /// On the free list.
    Free,
    /// A header without payload, left over where an aligned block had to start 8 bytes later.
    Pad,
}

impl State {
    const fn word(self) -> u32 {
        u32::from_ne_bytes(*match self {
            Self::Used => b"USED",
            Self::Free => b"FREE",
            Self::Pad => b"PAD ",
        })
    }

    fn of_word(word: u32) -> Option<Self> {
        [Self::Used, Self::Free, Self::Pad]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A header as it lies in memory.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Stored {
    granules: u32,
    state: u32,
}

/// Size and state of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    granules: u32,
    pub(crate) state: State,
}

impl Header {
    /// The header of a block of `size` bytes, a multiple of 8, header included; `None` if that is
    /// 32 GiB or more.
    pub(crate) fn new(size: usize, state: State) -> Option<Self> {
        let granules = u32::try_from(size / GRANULE).ok()?;
        Some(Self { granules, state })
    }

    /// Bytes of the block, header included.
    #[inline]
    pub(crate) const fn size(self) -> usize {
        self.granules as usize * GRANULE
    }

    /// Bytes of the block that are its user's.
    #[inline]
    pub(crate) const fn payload(self) -> usize {
        self.size() - HEADER
    }

    /// The same block in another state.
    #[inline]
    pub(crate) const fn with(self, state: State) -> Self {
        Self { state, ..self }
    }

    /// Reads the header at `place`, or `None` if the bytes there are none.
    ///
    /// # Safety
    ///
    /// `place` is a multiple of 8, and 8 bytes can be read there.
    #[inline]
    pub(crate) unsafe fn read(place: *const u8) -> Option<Self> {
        // SAFETY: the caller's promise; any bytes are a `Stored`.
        let Stored { granules, state } = unsafe { place.cast::<Stored>().read() };
        let state = State::of_word(state)?;
        let is_plausible = match state {
            State::Pad => granules as usize == HEADER / GRANULE,
            State::Used | State::Free => granules as usize >= MIN_BLOCK / GRANULE,
        };
        is_plausible.then_some(Self { granules, state })
    }

    /// Writes the header to `place`.
    ///
    /// # Safety
    ///
    /// `place` is a multiple of 8, and 8 bytes can be written there.
    #[inline]
    pub(crate) unsafe fn write(self, place: *mut u8) {
        let stored = Stored {
            granules: self.granules,
            state: self.state.word(),
        };
        // SAFETY: the caller's promise.
        unsafe { place.cast::<Stored>().write(stored) };
    }
}

/// The size of a block with a payload of at least `payload` bytes, or `None` on overflow.
#[inline]
pub(crate) fn block_size(payload: usize) -> Option<usize> {
    let rounded = core_api::align::checked_round_up(payload.max(1), GRANULE)?;
    rounded.checked_add(HEADER)
}
