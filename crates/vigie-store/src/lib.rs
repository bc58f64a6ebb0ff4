//! The only crate that knows tables: SQLite and PostgreSQL, one repeatable transaction per batch, questions by family.
