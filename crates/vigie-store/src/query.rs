//! A question's text and values, for either engine. Values never become part of the text.

use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::db::{Pools, Snapshot, on};

/// A statement under construction: [`Query::bind`] takes a value and gives the placeholder (`$1`, `$2`, …) that stands for it in
/// the text, as often as one likes. Both engines read these placeholders.
#[derive(Debug, Default)]
pub(crate) struct Query {
    values: Vec<Value>,
}

/// A statement with its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

/// A value to bind.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Compared with INT columns.
    Int(i32),
    /// Compared with BIGINT columns.
    Big(i64),
    /// A weight or a value of a board.
    Real(f64),
    /// Text.
    Text(String),
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

/// Hours and minutes are unsigned in questions and INT in the tables: what lies beyond the tables finds nothing.
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i32::try_from(value).unwrap_or(i32::MAX))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Big(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// A row type that both engines' rows can be read as.
pub(crate) trait AnyRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> AnyRow for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl Query {
    /// Takes a value; gives its placeholder.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Takes values; gives their placeholders, with commas between them.
    pub(crate) fn bind_list(&mut self, values: impl IntoIterator<Item = i64>) -> String {
        let placeholders: Vec<_> = values.into_iter().map(|value| self.bind(value)).collect();
        placeholders.join(", ")
    }

    /// The statement of this text.
    pub(crate) fn text(self, text: String) -> Statement {
        Statement { text, values: self.values }
    }
}

/// Binds the values of a statement to a query of either engine.
macro_rules! bound {
    ($make:path, $statement:expr) => {{
        let mut query = $make(AssertSqlSafe($statement.text));
        for value in $statement.values {
            query = match value {
                $crate::query::Value::Int(value) => query.bind(value),
                $crate::query::Value::Big(value) => query.bind(value),
                $crate::query::Value::Real(value) => query.bind(value),
                $crate::query::Value::Text(value) => query.bind(value),
            };
        }
        query
    }};
}

#[cfg(test)]
pub(crate) use bound;

impl Statement {
    /// All rows, at the snapshot's instant.
    pub(crate) async fn all<T: AnyRow>(self, at: &mut Snapshot) -> sqlx::Result<Vec<T>> {
        self.note();
        on!(at, tx => bound!(sqlx::query_as, self).fetch_all(&mut **tx).await)
    }

    /// The first row, at the snapshot's instant.
    pub(crate) async fn first<T: AnyRow>(self, at: &mut Snapshot) -> sqlx::Result<Option<T>> {
        self.note();
        on!(at, tx => bound!(sqlx::query_as, self).fetch_optional(&mut **tx).await)
    }

    /// All rows, now.
    pub(crate) async fn all_now<T: AnyRow>(self, pools: &Pools) -> sqlx::Result<Vec<T>> {
        self.note();
        on!(pools, pool => bound!(sqlx::query_as, self).fetch_all(pool).await)
    }

    /// The first row, now.
    pub(crate) async fn first_now<T: AnyRow>(self, pools: &Pools) -> sqlx::Result<Option<T>> {
        self.note();
        on!(pools, pool => bound!(sqlx::query_as, self).fetch_optional(pool).await)
    }

    /// The statement that asks for this one's plan.
    #[cfg(test)]
    pub(crate) fn explained(&self, explain: &str) -> Self {
        Self { text: format!("{explain}{}", self.text), values: self.values.clone() }
    }

    /// Lets the tests see how the engine goes about it.
    fn note(&self) {
        #[cfg(test)]
        crate::tests::note(self);
    }
}
