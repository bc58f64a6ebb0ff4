//! What the process-level tests share: processes, the database seen from outside, the truth, the comparison.

pub mod database;
pub mod process;
pub mod run;
pub mod totals;
