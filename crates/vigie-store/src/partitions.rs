//! PostgreSQL's monthly partitions: made before the batch that needs them, without stopping readers or writers.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Mutex,
};

use sqlx::{AssertSqlSafe, PgPool};

/// A month, counted from January of the year 0.
type Month = i64;

/// Which months are known to have their partitions.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    known: Mutex<HashSet<Month>>,
}

/// A table partitioned by month, how many units of its time column a day has, and its fillfactor: minutes are written once, while
/// an hour's rows are updated until it ends and need room for that on their page.
const PARTITIONED: [(&str, i64, u8); 3] = [
    ("metrics_snapshots", 24 * 60, 100),
    ("member_activity_hourly", 24, 80),
    ("voice_hourly", 24, 80),
];

/// Key of the advisory lock under which partitions are made: the ASCII of "vigiepar".
const LOCK: i64 = 0x7669_6769_6570_6172;

impl Partitions {
    /// Makes the partitions of the months of these minutes where they do not exist, and those of the month after each: a batch of
    /// the first minutes of a month finds its tables ready.
    pub(crate) async fn ensure(
        &self,
        pool: &PgPool,
        minutes: impl Iterator<Item = u32>,
    ) -> sqlx::Result<()> {
        let wanted: BTreeSet<Month> = minutes
            .map(|minute| month_of_day(i64::from(minute) / (24 * 60)))
            .flat_map(|month| [month, month + 1])
            .collect();
        let missing: Vec<Month> = {
            let known = self.known.lock().expect("no holder of this lock panics");
            wanted.into_iter().filter(|month| !known.contains(month)).collect()
        };
        for month in missing {
            make(pool, month).await?;
            let mut known = self.known.lock().expect("no holder of this lock panics");
            known.insert(month);
        }
        Ok(())
    }
}

/// Makes the partitions of a month, one process at a time. A table made on its own and then attached needs only a lock on the parent
/// that lets reading and writing go on, where `CREATE TABLE … PARTITION OF` would wait for both to stop.
async fn make(pool: &PgPool, month: Month) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    for (parent, units_of_day, fillfactor) in PARTITIONED {
        let (year, month_of_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let name = format!("{parent}_{year:04}_{month_of_year:02}");
        let attached: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1) AND inhparent = to_regclass($2))",
        )
        .bind(&name)
        .bind(parent)
        .fetch_one(&mut *tx)
        .await?;
        if attached {
            continue;
        }
        let from = first_day(month) * units_of_day;
        let to = first_day(month + 1) * units_of_day;
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {name} (LIKE {parent} INCLUDING ALL) WITH (fillfactor = {fillfactor})"
        );
        sqlx::query(AssertSqlSafe(create)).execute(&mut *tx).await?;
        let attach = format!(
            "ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to})"
        );
        sqlx::query(AssertSqlSafe(attach)).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// The month in which a day (counted from 1970-01-01) lies. Gregorian calendar, after Richards' and Hinnant's integer arithmetic.
fn month_of_day(day: i64) -> Month {
    let mut month = 1970 * 12 + day * 12 / 366;
    while first_day(month + 1) <= day {
        month += 1;
    }
    month
}

/// The first day of a month, counted from 1970-01-01: days of the whole years before, and of the months of its own.
fn first_day(month: Month) -> i64 {
    const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let (year, at) = (month.div_euclid(12), month.rem_euclid(12) as usize);
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let before = year - 1;
    let days_of_years = before * 365 + before / 4 - before / 100 + before / 400;
    const DAYS_BEFORE_1970: i64 = 719_162;
    days_of_years - DAYS_BEFORE_1970 + BEFORE_MONTH[at] + i64::from(is_leap && at > 1)
}

#[cfg(test)]
mod tests {
    use super::{first_day, month_of_day};

    #[test]
    fn months_begin_where_the_calendar_says() {
        assert_eq!(first_day(1970 * 12), 0);
        assert_eq!(first_day(1970 * 12 + 1), 31);
        assert_eq!(first_day(2000 * 12 + 2), 11_017);
        assert_eq!(first_day(2015 * 12), 16_436);
        assert_eq!(first_day(2026 * 12 + 10), 20_758);
        assert_eq!(first_day(2100 * 12), 47_482);
    }

    #[test]
    fn every_day_lies_in_its_month() {
        let mut month = 1970 * 12;
        for day in 0..50_000 {
            if day == first_day(month + 1) {
                month += 1;
            }
            assert_eq!(month_of_day(day), month);
        }
    }
}
