//! Who is first, second, third: in any range of hours, by any board, with stable ranks.

use sqlx::FromRow;
use vigie_core::vocabulary::{AuthorKind, UserId};

use super::{
    range::{Known, within},
    sums::{COUNTERS, CountsSql, SUMS},
};
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::{LEADERBOARD_ROWS_MAX, SEARCH_BYTES_MAX},
    query::Query,
    question::{Board, LeaderRow, Leaderboard, LeaderboardQuestion, MemberRow, Scope, Standing},
    value::{id, key, sum},
};

impl Store {
    /// A page of a leaderboard.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when a weight is negative or not a number; [`StoreError::Database`].
    pub async fn leaderboard(
        &self,
        question: &LeaderboardQuestion,
    ) -> Result<Leaderboard, StoreError> {
        check(question)?;
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(board) = board(&mut query, &mut at, question).await? else {
            return Ok(Leaderboard::default());
        };
        let g = &board.guild;
        let search = search_condition(&mut query, g, question.search.as_deref());
        let after = after_condition(&mut query, question);
        let limit = query.bind(i64::from(question.limit.min(LEADERBOARD_ROWS_MAX)));
        let statement = query.text(format!(
            "{ranked}, hit AS (SELECT * FROM ranked{search}), \
             page AS (SELECT * FROM hit{after} ORDER BY place LIMIT {limit}), \
             total AS (SELECT (SELECT COUNT(*) FROM hit) AS total_rows, (SELECT SUM(value) FROM board) AS total_value) \
             SELECT t.total_rows, t.total_value, p.place, p.value, p.member_id, COALESCE(n.kind, p.kind) AS kind, \
               n.username, n.display_name, n.avatar, {counters} \
             FROM total t LEFT JOIN page p ON TRUE \
             LEFT JOIN member_names n ON n.guild_id = {g} AND n.user_id = p.member_id ORDER BY p.place",
            ranked = board.ranked,
            counters = COUNTERS
        ));
        let rows: Vec<LeaderSql> = statement.all(&mut at).await?;
        let total = rows.first().map(|row| (row.total_rows, row.total_value));
        let (total_rows, total_value) = total.unwrap_or_default();
        Ok(Leaderboard {
            rows: rows.into_iter().filter_map(LeaderSql::row).collect(),
            total_rows: sum(total_rows),
            total_value: total_value.unwrap_or(0.0),
        })
    }

    /// Where these members stand on a board (those that are on it), by rank: what a trend compares with. Search, cursor and limit
    /// of the question do not apply.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when a weight is negative or not a number; [`StoreError::Database`].
    pub async fn standings(
        &self,
        question: &LeaderboardQuestion,
        members: &[UserId],
    ) -> Result<Vec<Standing>, StoreError> {
        check(question)?;
        let mut members: Vec<i64> = members.iter().filter_map(|member| key(member.0)).collect();
        members.sort_unstable();
        members.dedup();
        members.truncate(LEADERBOARD_ROWS_MAX as usize);
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(board) = board(&mut query, &mut at, question).await? else {
            return Ok(Vec::new());
        };
        let members = query.bind_list(members);
        let statement = query.text(format!(
            "{ranked} SELECT member_id, place, value FROM ranked WHERE member_id IN ({members}) ORDER BY place",
            ranked = board.ranked
        ));
        let rows: Vec<(i64, i64, f64)> = statement.all(&mut at).await?;
        Ok(rows
            .into_iter()
            .map(|(member, rank, value)| Standing {
                member: UserId(id(member)),
                rank: sum(rank),
                value,
            })
            .collect())
    }
}

/// Common part of the statements about a board.
pub(super) struct BoardSql {
    /// Placeholder of the guild.
    guild: String,
    /// `WITH … board AS (…), ranked AS (…)`, to be followed by a comma or by SELECT.
    ranked: String,
}

/// The ranked members of a question; `None` if there can be none.
pub(super) async fn board(
    query: &mut Query,
    at: &mut Snapshot,
    question: &LeaderboardQuestion,
) -> sqlx::Result<Option<BoardSql>> {
    let Some(guild) = key(question.guild.0) else {
        return Ok(None);
    };
    let Some(known) = Known::of(guild, at).await? else {
        return Ok(None);
    };
    let Some(pieces) = known.pieces(question.range) else {
        return Ok(None);
    };
    let g = query.bind(guild);
    let (low, high) = question.audience.kinds();
    let kinds = format!("kind BETWEEN {} AND {}", query.bind(low), query.bind(high));
    let (messages, reactions) = weights(question.board);
    let (messages, reactions) = (query.bind(messages), query.bind(reactions));
    let members = if pieces.is_everything && question.scope == Scope::Guild {
        format!(
            "SELECT user_id AS member_id, kind, {COUNTERS} FROM member_stats WHERE guild_id = {g} AND {kinds}"
        )
    } else {
        let Some(within) = within(query, &g, "channel_id", question.scope) else {
            return Ok(None);
        };
        let mut piece = |table: &str, column: &str, from: u32, to: u32| {
            let (from, to) = (query.bind(from), query.bind(to));
            format!(
                "SELECT member_id, kind, {COUNTERS} FROM {table} \
                 WHERE guild_id = {g} AND {column} >= {from} AND {column} < {to} AND {kinds}{within}"
            )
        };
        let union = [
            piece("member_activity_daily", "unix_day", pieces.first_day, pieces.end_day),
            piece("member_activity_hourly", "unix_hour", pieces.head.from, pieces.head.to),
            piece("member_activity_hourly", "unix_hour", pieces.tail.from, pieces.tail.to),
        ]
        .join(" UNION ALL ");
        format!(
            "SELECT member_id, MAX(kind) AS kind, {SUMS} FROM ({union}) AS piece GROUP BY member_id"
        )
    };
    let ranked = format!(
        "WITH member AS ({members}), \
         board AS (SELECT * FROM (SELECT member_id, kind, {COUNTERS}, messages * {messages} + reactions_added * {reactions} AS value \
           FROM member) AS valued WHERE value > 0), \
         ranked AS (SELECT member_id, kind, {COUNTERS}, value, ROW_NUMBER() OVER (ORDER BY value DESC, member_id) AS place FROM board)"
    );
    Ok(Some(BoardSql { guild: g, ranked }))
}

/// Every board is a weighted sum of messages and reactions given.
fn weights(board: Board) -> (f64, f64) {
    match board {
        Board::Messages => (1.0, 0.0),
        Board::Reactions => (0.0, 1.0),
        Board::Activity { weights } => (weights.messages, weights.reactions),
    }
}

fn check(question: &LeaderboardQuestion) -> Result<(), StoreError> {
    let (messages, reactions) = weights(question.board);
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    if is_weight(messages) && is_weight(reactions) {
        return Ok(());
    }
    Err(StoreError::InvalidQuestion { reason: "its weights are not finite numbers from zero up" })
}

/// The condition that keeps members whose names contain a text; empty without a search.
fn search_condition(query: &mut Query, guild: &str, search: Option<&str>) -> String {
    let Some(search) = search.filter(|search| !search.is_empty()) else {
        return String::new();
    };
    if search.len() > SEARCH_BYTES_MAX {
        return " WHERE FALSE".into();
    }
    let pattern = query.bind(like_pattern(search));
    format!(
        " WHERE member_id IN (SELECT user_id FROM member_names WHERE guild_id = {guild} AND search_name LIKE {pattern} ESCAPE '\\')"
    )
}

/// The LIKE pattern of names that contain a text. Stored names are folded the same way, and have no NUL.
fn like_pattern(search: &str) -> String {
    let mut pattern = String::with_capacity(search.len() + 2);
    pattern.push('%');
    for character in search.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The condition that starts a page after the cursor's row.
fn after_condition(query: &mut Query, question: &LeaderboardQuestion) -> String {
    let Some(after) = question.after else {
        return String::new();
    };
    let value = query.bind(after.value);
    let member = query.bind(key(after.member.0).unwrap_or(i64::MAX));
    format!(" WHERE value < {value} OR (value = {value} AND member_id > {member})")
}

#[derive(FromRow)]
struct LeaderSql {
    total_rows: i64,
    total_value: Option<f64>,
    place: Option<i64>,
    value: Option<f64>,
    member_id: Option<i64>,
    kind: Option<i32>,
    username: Option<String>,
    display_name: Option<String>,
    avatar: Option<String>,
    #[sqlx(flatten)]
    counts: CountsSql,
}

impl LeaderSql {
    /// The row; `None` for the row of totals on an empty page.
    fn row(self) -> Option<LeaderRow> {
        Some(LeaderRow {
            rank: sum(self.place?),
            member: MemberRow {
                id: UserId(id(self.member_id?)),
                kind: AuthorKind::from_u8(self.kind? as u8).unwrap_or_default(),
                username: self.username,
                display_name: self.display_name,
                avatar: self.avatar,
            },
            value: self.value?,
            counts: self.counts.counts(),
        })
    }
}

/// The members with the most messages, then reactions given.
pub(super) async fn top_members(
    at: &mut Snapshot,
    question: &LeaderboardQuestion,
) -> sqlx::Result<Vec<i64>> {
    let mut query = Query::default();
    let Some(board) = board(&mut query, at, question).await? else {
        return Ok(Vec::new());
    };
    let limit = query.bind(i64::from(question.limit));
    let statement = query.text(format!(
        "{ranked} SELECT member_id FROM ranked ORDER BY messages DESC, reactions_added DESC, member_id LIMIT {limit}",
        ranked = board.ranked
    ));
    let rows: Vec<(i64,)> = statement.all(at).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

#[cfg(test)]
mod tests {
    use super::like_pattern;

    #[test]
    fn a_search_is_no_pattern() {
        assert_eq!(like_pattern("100%_\\ÀB\0"), "%100\\%\\_\\\\àb%");
    }
}
