//! bump-scope: a bump arena with scopes and checkpoints.

use bump_scope::Bump;
use bump_scope::settings::BumpSettings;
use core_api::Region;

use super::Peer;
use super::api2::Api2;
use super::one_chunk::OneChunk;

const PAGE: usize = 4096;

/// The default settings, but for an arena that may be without a chunk: alignment 1, upwards.
type Settings = BumpSettings<1, true, false>;

/// A bump-scope arena on a region.
pub type BumpScope = Bump<OneChunk, Settings>;

/// An arena of one chunk, the whole pages of `region`; one without refuses every request.
pub fn bump_scope(region: Region) -> Peer<Api2<BumpScope>> {
    let len = region.len() / PAGE * PAGE;
    let arena = Bump::try_with_size_in(len, OneChunk::new(region));
    Peer(Api2(arena.unwrap_or_else(|_| Bump::unallocated())))
}
