//! Whether an error of the store is about a record (trying again cannot help) or about the database (it can).

use vigie_store::{Engine, StoreError};

/// What an error says about the records of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing: the database failed, or something else is wrong.
    None,
    /// This entry can never be stored.
    Entry(u64),
    /// One of the entries can never be stored; which one is not said.
    SomeEntry,
}

pub(super) fn refusal(error: &StoreError, engine: Engine) -> Refusal {
    match error {
        StoreError::InvalidRecord { entry, .. } => Refusal::Entry(*entry),
        StoreError::Database(error) => {
            let Some(error) = error.as_database_error() else { return Refusal::None };
            let is_refused = error.code().is_some_and(|code| is_about_data(&code, engine));
            if is_refused { Refusal::SomeEntry } else { Refusal::None }
        }
        _ => Refusal::None,
    }
}

/// Whether a database's error code is about the values it was given.
///
/// SQLite: the primary code (the low byte) is CONSTRAINT 19, TOOBIG 18 or MISMATCH 20; source: sqlite.org, "Result and
/// Error Codes". PostgreSQL: SQLSTATE class 22 (data exception) or 23 (integrity constraint violation); source: its
/// manual, appendix "PostgreSQL Error Codes".
fn is_about_data(code: &str, engine: Engine) -> bool {
    match engine {
        Engine::Sqlite => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 18..=20)),
        Engine::Postgres => code.len() == 5 && (code.starts_with("22") || code.starts_with("23")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_about_values_are_told_from_troubles_of_the_database() {
        for code in ["19", "18", "20", "1811", "2067", "275"] {
            assert!(is_about_data(code, Engine::Sqlite), "{code}");
        }
        // Busy, locked, IO error, full disk, generic error.
        for code in ["5", "6", "10", "13", "1", "517", "", "none"] {
            assert!(!is_about_data(code, Engine::Sqlite), "{code}");
        }
        for code in ["22003", "22021", "23505", "23514"] {
            assert!(is_about_data(code, Engine::Postgres), "{code}");
        }
        // Serialization, deadlock, disk full, shutdown, missing table.
        for code in ["40001", "40P01", "53100", "57P01", "42P01", "22"] {
            assert!(!is_about_data(code, Engine::Postgres), "{code}");
        }
    }
}
