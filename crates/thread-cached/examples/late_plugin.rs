//! A plug-in like `plugin` that can be loaded when no static thread-local storage is left.
//!
//! `cargo build -p malloc-ladder-thread-cached --example late_plugin --features dynamic-tls`, then `dlopen`.

#[path = "plugin.rs"]
pub mod plugin;
