//! The product as an operator runs it, judged from outside: processes, the database, the truth, the comparison.

pub mod database;
pub mod process;
pub mod refused;
pub mod run;
pub mod storm;
pub mod upgrade;
