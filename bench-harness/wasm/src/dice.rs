//! Random numbers: a xorshift generator, the same on every allocator.

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u32) -> Self {
        Self(0x9E37_79B9_7F4A_7C15 ^ ((seed as u64) << 17 | 1))
    }

    #[inline(always)]
    pub(crate) fn roll(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// Returns a number below `n`.
    #[inline(always)]
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.roll()) * u64::from(n)) >> 32) as u32
    }
}
