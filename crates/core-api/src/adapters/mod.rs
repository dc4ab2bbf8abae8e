//! Adapters that share an allocator: an algorithm takes `&mut self`; an adapter takes `&self`.
//!
//! | adapter | for | costs |
//! |---|---|---|
//! | [`Local`] | one thread, collections that borrow the heap | a borrow flag |
//! | [`Locked`] | statics, `#[global_allocator]`, several threads | a lock |

mod api2;
mod forward;
mod global;
mod local;
mod lock;
mod locked;

#[doc(hidden)]
pub use api2::versions;
pub use local::Local;
#[cfg(feature = "critical-section")]
pub use lock::CriticalSection;
#[cfg(feature = "lock_api")]
pub use lock::LockApi;
pub use lock::RawLock;
#[cfg(target_has_atomic = "ptr")]
pub use lock::SpinLock;
pub use locked::Locked;
