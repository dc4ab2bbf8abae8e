//! Adapters that share an allocator: an algorithm takes `&mut self`; an adapter takes `&self`.
//!
//! | adapter | for | costs |
//! |---|---|---|
//! | [`Local`] | one thread, collections that borrow the heap | a borrow flag |
//! | [`Locked`] | statics, `#[global_allocator]`, several threads | a lock |

mod api2;
mod forward;
mod global;
mod handle;
mod local;
mod lock;
mod locked;
#[cfg(std_allocator)]
mod standard;

#[doc(hidden)]
pub use api2::versions;
pub use handle::Handle;
pub use local::Local;
#[cfg(feature = "critical-section")]
pub use lock::CriticalSection;
#[cfg(feature = "lock_api")]
pub use lock::LockApi;
#[cfg(target_has_atomic = "ptr")]
pub use lock::SpinLock;
pub use lock::{DefaultLock, RawLock};
pub use locked::Locked;
#[cfg(std_allocator)]
pub use standard::Standard;
