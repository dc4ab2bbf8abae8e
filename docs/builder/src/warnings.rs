//! What mdBook reports while it builds: warnings and errors, printed and remembered.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

static ANY: AtomicBool = AtomicBool::new(false);

/// Prints every warning from now on.
pub(crate) fn watch() {
    tracing::subscriber::set_global_default(Warnings).expect("no other subscriber is set");
}

/// Whether there was a warning.
pub(crate) fn any() -> bool {
    ANY.load(Ordering::Relaxed)
}

struct Warnings;

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        ANY.store(true, Ordering::Relaxed);
        event.record(&mut Print);
    }

    // Spans say nothing of their own; every one has the same number.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Prints an event's message.
struct Print;

impl Visit for Print {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            eprintln!("mdBook: {value:?}");
        }
    }
}
