//! Many rows into one table in one statement, on both engines: inserted where the key is new, merged where it is known.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection, query::Query};

use crate::db::{Conn, Db, Engine};

/// Rows for one table, by column, sorted by key (the order keeps neighbouring rows on the same pages, and gives concurrent
/// writers the same order of row locks), each key once.
pub(crate) struct Upsert {
    /// The table.
    pub(crate) table: &'static str,
    /// Name and values of each column, all of one length.
    pub(crate) columns: Vec<(&'static str, Values)>,
    /// Columns of the primary key, as SQL.
    pub(crate) key: &'static str,
    /// What becomes of a row whose key is known; empty where every row is a new one.
    pub(crate) merge: &'static [Merge],
}

/// The values of one column.
pub(crate) enum Values {
    /// INT columns.
    Int(Vec<i32>),
    /// INT columns that may be NULL.
    MaybeInt(Vec<Option<i32>>),
    /// BIGINT columns.
    Big(Vec<i64>),
    /// BIGINT columns that may be NULL.
    MaybeBig(Vec<Option<i64>>),
    /// BOOLEAN columns.
    Bool(Vec<bool>),
    /// TEXT columns, NULL or not.
    Text(Vec<Option<String>>),
    /// BYTEA columns.
    Bytes(Vec<Vec<u8>>),
}

/// How a column of a known row takes a new value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Merge {
    /// The new value.
    Replace(&'static str),
    /// The new value unless it is NULL.
    ReplaceKnown(&'static str),
    /// The sum, in a BIGINT column.
    Sum(&'static str),
    /// The sum, in an INT column; stays at [`crate::limits::COUNTER_MAX`] once there.
    SumInt(&'static str),
    /// The sum, in a SMALLINT column; stays at [`crate::limits::SMALL_COUNTER_MAX`] once there.
    SumSmall(&'static str),
    /// The greater of both.
    Max(&'static str),
    /// All bits of both.
    Bits(&'static str),
    /// The smaller of both, where a NULL is no value.
    MinKnown(&'static str),
    /// The greater of both, where a NULL is no value.
    MaxKnown(&'static str),
    /// The new value of the column where this condition on `excluded` holds.
    ReplaceIf(&'static str, &'static str),
    /// No column: a known row is merged only where this condition on it and `excluded` holds.
    Only(&'static str),
}

/// Rows in one statement on SQLite, largest first: a batch is cut into these sizes, so that few different statements exist and all
/// stay prepared. The largest, with 16 columns, binds 8,192 values of the 32,766 that SQLite takes.
const LITE_ROWS: [usize; 4] = [512, 64, 8, 1];

impl Upsert {
    /// Sends the rows; does nothing without any.
    pub(crate) async fn run(&self, conn: &mut Conn<'_>) -> sqlx::Result<()> {
        let rows = self.columns.first().map_or(0, |(_, values)| values.len());
        debug_assert!(self.columns.iter().all(|(_, values)| values.len() == rows));
        if rows == 0 {
            return Ok(());
        }
        match conn {
            Db::Lite(conn) => self.run_lite(conn, rows).await,
            Db::Pg(conn) => self.run_pg(conn).await,
        }
    }

    /// PostgreSQL: one array for each column, one text whatever the number of rows.
    async fn run_pg(&self, conn: &mut PgConnection) -> sqlx::Result<()> {
        let mut sql = self.head();
        sql.push_str("SELECT * FROM UNNEST(");
        for (at, (_, values)) in self.columns.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(sql, "{comma}${}::{}[]", at + 1, values.pg_type())
                .expect("a String takes any text");
        }
        sql.push(')');
        self.push_conflict(&mut sql, Engine::Postgres);
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (_, values) in &self.columns {
            query = match values {
                Values::Int(values) => query.bind(values),
                Values::MaybeInt(values) => query.bind(values),
                Values::Big(values) => query.bind(values),
                Values::MaybeBig(values) => query.bind(values),
                Values::Bool(values) => query.bind(values),
                Values::Text(values) => query.bind(values),
                Values::Bytes(values) => query.bind(values),
            };
        }
        query.execute(conn).await?;
        Ok(())
    }

    /// SQLite: rows of VALUES, in pieces of a few fixed sizes.
    async fn run_lite(&self, conn: &mut SqliteConnection, rows: usize) -> sqlx::Result<()> {
        let mut from = 0;
        while from < rows {
            let size = LITE_ROWS
                .into_iter()
                .find(|size| *size <= rows - from)
                .expect("the smallest size is 1");
            let mut query = sqlx::query(AssertSqlSafe(self.lite_text(size)));
            for row in from..from + size {
                for (_, values) in &self.columns {
                    query = values.bind_lite(query, row);
                }
            }
            query.execute(&mut *conn).await?;
            from += size;
        }
        Ok(())
    }

    fn lite_text(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        let mut sql = self.head();
        sql.push_str("VALUES ");
        for at in 0..rows {
            if at > 0 {
                sql.push(',');
            }
            sql.push_str(&row);
        }
        self.push_conflict(&mut sql, Engine::Sqlite);
        sql
    }

    fn head(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {} ({}) ", self.table, names.join(", "))
    }

    fn push_conflict(&self, sql: &mut String, engine: Engine) {
        if self.merge.is_empty() {
            return;
        }
        let (conditions, sets): (Vec<&Merge>, Vec<&Merge>) =
            self.merge.iter().partition(|merge| matches!(merge, Merge::Only(_)));
        let texts = |merges: Vec<&Merge>, between: &str| {
            let texts: Vec<_> =
                merges.into_iter().map(|merge| merge.sql(self.table, engine)).collect();
            texts.join(between)
        };
        write!(sql, " ON CONFLICT ({}) DO UPDATE SET {}", self.key, texts(sets, ", "))
            .expect("a String takes any text");
        if !conditions.is_empty() {
            write!(sql, " WHERE {}", texts(conditions, " AND ")).expect("a String takes any text");
        }
    }
}

impl Merge {
    fn sql(self, t: &str, engine: Engine) -> String {
        let (least, greatest) = match engine {
            Engine::Sqlite => ("MIN", "MAX"),
            Engine::Postgres => ("LEAST", "GREATEST"),
        };
        match self {
            Self::Replace(c) => format!("{c} = excluded.{c}"),
            Self::ReplaceKnown(c) => format!("{c} = COALESCE(excluded.{c}, {t}.{c})"),
            Self::Sum(c) => format!("{c} = {t}.{c} + excluded.{c}"),
            Self::SumInt(c) => {
                let max = crate::limits::COUNTER_MAX;
                format!("{c} = {least}(CAST({t}.{c} AS BIGINT) + excluded.{c}, {max})")
            }
            Self::SumSmall(c) => {
                let max = crate::limits::SMALL_COUNTER_MAX;
                format!("{c} = {least}(CAST({t}.{c} AS BIGINT) + excluded.{c}, {max})")
            }
            Self::Max(c) => format!("{c} = {greatest}({t}.{c}, excluded.{c})"),
            Self::Bits(c) => format!("{c} = {t}.{c} | excluded.{c}"),
            Self::MinKnown(c) => format!(
                "{c} = CASE WHEN {t}.{c} IS NULL OR excluded.{c} < {t}.{c} THEN excluded.{c} ELSE {t}.{c} END"
            ),
            Self::MaxKnown(c) => format!(
                "{c} = CASE WHEN {t}.{c} IS NULL OR excluded.{c} > {t}.{c} THEN excluded.{c} ELSE {t}.{c} END"
            ),
            Self::ReplaceIf(c, condition) => {
                format!("{c} = CASE WHEN {condition} THEN excluded.{c} ELSE {t}.{c} END")
            }
            Self::Only(condition) => condition.to_owned(),
        }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Int(values) => values.len(),
            Self::MaybeInt(values) => values.len(),
            Self::Big(values) => values.len(),
            Self::MaybeBig(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    fn pg_type(&self) -> &'static str {
        match self {
            Self::Int(_) | Self::MaybeInt(_) => "INT",
            Self::Big(_) | Self::MaybeBig(_) => "BIGINT",
            Self::Bool(_) => "BOOLEAN",
            Self::Text(_) => "TEXT",
            Self::Bytes(_) => "BYTEA",
        }
    }

    fn bind_lite<'q>(
        &'q self,
        query: Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        row: usize,
    ) -> Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
        match self {
            Self::Int(values) => query.bind(values[row]),
            Self::MaybeInt(values) => query.bind(values[row]),
            Self::Big(values) => query.bind(values[row]),
            Self::MaybeBig(values) => query.bind(values[row]),
            Self::Bool(values) => query.bind(values[row]),
            Self::Text(values) => query.bind(values[row].as_deref()),
            Self::Bytes(values) => query.bind(values[row].as_slice()),
        }
    }
}
