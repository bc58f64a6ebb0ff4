//! The formats: kept files, whatever can be written, whatever can be read.

mod arbitrary;
mod checkpoint;
mod golden;
mod journal;
mod merge;
mod properties;
