//! Gateway facts in, records out: the only place that decides what is counted. No IO.

pub mod vocabulary;
