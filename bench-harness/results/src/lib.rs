//! What was measured, as one kind of record, and the views of it.
//!
//! A [`Measurement`] is a figure of a subject on a case: `time` of `coalescing` on `churn`. Whatever measures
//! writes such records; every view reads them, and knows of a metric what the one table of [`metric`] says.
//!
//! | module | what it holds |
//! |---|---|
//! | [`record`], [`lines`] | the record, the run that it is of, and files of both |
//! | [`runs`] | several runs taken together |
//! | [`metric`] | what each figure is, and how far two of them can be told apart |
//! | [`stats`], [`mod@ratio`] | medians, means, intervals; one figure over another |
//! | [`cmp`] | two runs side by side |
//! | [`gate`] | what a figure is to reach, as data |
//! | [`advice`] | which `malloc` a program is to run on |
//! | [`group`] | measurements by case and figure, which views fold over |
//! | [`mod@pivot`], [`figures`] | figures by subject and case, in full |
//! | [`standings`], [`means`], [`scaling`] | stages against the best of the others; over cases; over a parameter |
//! | [`values`] | comma-separated values |
//! | [`grid`] | tables for the terminal and in Markdown |
//!
//! The crate knows no allocator and measures nothing.

pub mod advice;
pub mod cmp;
pub mod figures;
pub mod gate;
pub mod grid;
pub mod group;
pub mod lines;
pub mod means;
pub mod metric;
pub mod pivot;
pub mod ratio;
pub mod record;
pub mod runs;
pub mod scaling;
pub mod standings;
pub mod stats;
#[cfg(test)]
pub(crate) mod testing;
pub mod values;

pub use alloc_trace::units;
pub use record::{
    Attachment, Case, Environment, Family, Linkage, Machine, Measurement, Outcome, Results, Role,
    Subject, Suite,
};
