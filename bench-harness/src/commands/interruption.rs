//! Ctrl-C and SIGTERM: the run ends early, keeps what it measured, and says so in its exit status.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether the user has had enough, and how that was said.
#[derive(Debug, Default)]
pub(crate) struct Interruption {
    is_set: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interruption {
    /// Watches from now on. The second signal ends the program at once.
    ///
    /// # Errors
    ///
    /// The system refuses the handlers.
    pub(crate) fn watch() -> Result<Self> {
        let interruption = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let is_set = || Arc::clone(&interruption.is_set);
            flag::register_conditional_shutdown(signal, 128 + signal, is_set())?;
            flag::register_usize(signal, Arc::clone(&interruption.signal), signal as usize)?;
            flag::register(signal, is_set())?;
        }
        Ok(interruption)
    }

    /// What a measurement looks at: set from the first signal on.
    pub(crate) fn is_set(&self) -> &AtomicBool {
        &self.is_set
    }

    /// The exit status that a shell gives for the signal.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let code = 128 + self.signal.load(Ordering::Relaxed);
        ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
    }
}
