//! The numbers of the layout: pages, units, and the size classes.
//!
//! Imports nothing.

pub(crate) mod classes;
pub(crate) mod units;
