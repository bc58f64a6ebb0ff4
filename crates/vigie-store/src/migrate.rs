//! Bringing the tables up to date at start, under a lock, only forward.

use sqlx::migrate::Migrator;

use crate::{
    StoreError,
    db::{Db, Pools},
};

pub(crate) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Applies the migrations that the database does not have yet. Several processes may do so at once: one works, the others wait.
pub(crate) async fn run(writer: &Pools) -> Result<(), StoreError> {
    match writer {
        // The driver takes no lock of its own on SQLite: the write lock of one transaction around all migrations is the lock
        // (each migration then runs in a savepoint), and a failure leaves the file as it was.
        Db::Lite(pool) => {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            SQLITE.run(&mut *tx).await?;
            tx.commit().await?;
        }
        // An advisory lock of the driver, one transaction for each migration.
        Db::Pg(pool) => POSTGRES.run(pool).await?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{POSTGRES, SQLITE};

    /// A migration exists for both engines, under the same number and name.
    #[test]
    fn migrations_come_in_pairs() {
        let names = |migrator: &sqlx::migrate::Migrator| {
            migrator
                .iter()
                .map(|migration| (migration.version, migration.description.to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        assert!(!names(&SQLITE).is_empty());
    }
}
