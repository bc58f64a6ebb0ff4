//! Who is first, second, third: in any range of hours, by any board, with stable ranks.

use std::collections::HashSet;

use vigie_core::vocabulary::{AuthorKind, UserId};

use super::members::{self, MemberSum, Voice};
use crate::{
    Store, StoreError,
    db::Snapshot,
    guilds,
    limits::{LEADERBOARD_ROWS_MAX, SEARCH_BYTES_MAX},
    query::Query,
    question::{
        Audience, Board, Counts, HourRange, LeaderCursor, LeaderRow, Leaderboard,
        LeaderboardQuestion, MemberRow, MemberVoice, Scope, Standing,
    },
    value::{id, key, like_pattern},
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
        let Some(guild) = key(question.guild.0) else {
            return Ok(Leaderboard::default());
        };
        let mut at = self.read.snapshot().await?;
        let board = board(&mut at, guild, question).await?;
        let total_value = board.iter().fold(0.0, |sum, place| sum + place.value);
        let found = match question.search.as_deref().filter(|search| !search.is_empty()) {
            Some(search) => Some(named_like(&mut at, guild, search).await?),
            None => None,
        };
        let is_found =
            |place: &&Place| found.as_ref().is_none_or(|found| found.contains(&place.sum.member));
        let is_after = |place: &&Place| question.after.is_none_or(|after| place.is_after(after));
        let total_rows = board.iter().filter(is_found).count() as u64;
        let limit = question.limit.min(LEADERBOARD_ROWS_MAX) as usize;
        let page: Vec<&Place> =
            board.iter().filter(is_found).filter(is_after).take(limit).collect();
        let mut rows = named(&mut at, guild, &page).await?;
        if weights(question.board).is_voiceless() {
            with_voice(&mut at, guild, question, &mut rows).await?;
        }
        Ok(Leaderboard { rows, total_rows, total_value })
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
        let asked: HashSet<i64> = members.iter().filter_map(|member| key(member.0)).collect();
        let Some(guild) = key(question.guild.0).filter(|_| !asked.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let board = board(&mut at, guild, question).await?;
        let standings = board.iter().filter(|place| asked.contains(&place.sum.member));
        Ok(standings
            .map(|place| Standing {
                member: UserId(id(place.sum.member)),
                rank: place.rank,
                value: place.value,
            })
            .collect())
    }
}

/// A member's place on a board.
struct Place {
    rank: u64,
    value: f64,
    sum: MemberSum,
}

impl Place {
    fn is_after(&self, cursor: LeaderCursor) -> bool {
        let member = key(cursor.member.0).unwrap_or(i64::MAX);
        self.value < cursor.value || (self.value == cursor.value && self.sum.member > member)
    }
}

/// Everybody on a board, best first. Ranking 50,000 members takes less time than asking the engine for them, and is the same on both.
async fn board(
    at: &mut Snapshot,
    guild: i64,
    question: &LeaderboardQuestion,
) -> sqlx::Result<Vec<Place>> {
    let weights = weights(question.board);
    let voice = if weights.is_voiceless() { Voice::NotNeeded } else { Voice::Needed };
    let (range, audience, scope) = (question.range, question.audience, question.scope);
    let sums = members::sums(at, guild, range, audience, scope, voice).await?;
    let value = |sum: &MemberSum| weights.value(&sum.counts, &sum.voice);
    let mut board: Vec<Place> = sums
        .into_iter()
        .map(|sum| Place { rank: 0, value: value(&sum), sum })
        .filter(|place| place.value > 0.0)
        .collect();
    board
        .sort_unstable_by(|a, b| b.value.total_cmp(&a.value).then(a.sum.member.cmp(&b.sum.member)));
    for (rank, place) in (1..).zip(&mut board) {
        place.rank = rank;
    }
    Ok(board)
}

/// Fills in the voice of the rows of a board that is not ranked by it.
async fn with_voice(
    at: &mut Snapshot,
    guild: i64,
    question: &LeaderboardQuestion,
    rows: &mut [LeaderRow],
) -> sqlx::Result<()> {
    let asked: Vec<i64> = rows.iter().filter_map(|row| key(row.member.id.0)).collect();
    let (range, audience, scope) = (question.range, question.audience, question.scope);
    let voices = members::voices_of(at, guild, &asked, range, audience, scope).await?;
    for row in rows {
        let voice = key(row.member.id.0).and_then(|member| voices.get(&member));
        row.voice = voice.map(|sum| sum.voice).unwrap_or_default();
    }
    Ok(())
}

/// The members with the most messages, then reactions given, among those who did either.
pub(super) async fn top_members(
    at: &mut Snapshot,
    guild: i64,
    question: &LeaderboardQuestion,
) -> sqlx::Result<Vec<i64>> {
    let (range, audience, scope) = (question.range, question.audience, question.scope);
    let mut sums = members::sums(at, guild, range, audience, scope, Voice::NotNeeded).await?;
    sums.retain(|sum| sum.counts.messages + sum.counts.reactions_added > 0);
    sums.sort_unstable_by_key(|sum| {
        let counts = sum.counts;
        (std::cmp::Reverse((counts.messages, counts.reactions_added)), sum.member)
    });
    sums.truncate(question.limit as usize);
    Ok(sums.into_iter().map(|sum| sum.member).collect())
}

/// The members with the most time in voice, most first.
pub(crate) async fn top_in_voice(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
    top: u32,
) -> sqlx::Result<Vec<i64>> {
    let mut sums = members::sums(at, guild, range, audience, scope, Voice::Needed).await?;
    sums.retain(|sum| sum.voice.total_ms > 0);
    sums.sort_unstable_by_key(|sum| (std::cmp::Reverse(sum.voice.total_ms), sum.member));
    sums.truncate(top as usize);
    Ok(sums.into_iter().map(|sum| sum.member).collect())
}

/// Every board is a weighted sum.
#[derive(Clone, Copy, Debug)]
struct Weights {
    messages: f64,
    reactions: f64,
    voice_minutes: f64,
    active_voice_minutes: f64,
}

impl Weights {
    fn is_voiceless(self) -> bool {
        self.voice_minutes == 0.0 && self.active_voice_minutes == 0.0
    }

    fn value(self, counts: &Counts, voice: &MemberVoice) -> f64 {
        const MINUTE_MS: f64 = 60_000.0;
        counts.messages as f64 * self.messages
            + counts.reactions_added as f64 * self.reactions
            + voice.total_ms as f64 / MINUTE_MS * self.voice_minutes
            + voice.active_ms as f64 / MINUTE_MS * self.active_voice_minutes
    }
}

fn weights(board: Board) -> Weights {
    let none =
        Weights { messages: 0.0, reactions: 0.0, voice_minutes: 0.0, active_voice_minutes: 0.0 };
    match board {
        Board::Messages => Weights { messages: 1.0, ..none },
        Board::Reactions => Weights { reactions: 1.0, ..none },
        Board::Voice => Weights { voice_minutes: 1.0, ..none },
        Board::ActiveVoice => Weights { active_voice_minutes: 1.0, ..none },
        Board::Activity { weights } => Weights {
            messages: weights.messages,
            reactions: weights.reactions,
            voice_minutes: weights.voice_minutes,
            active_voice_minutes: 0.0,
        },
    }
}

fn check(question: &LeaderboardQuestion) -> Result<(), StoreError> {
    let weights = weights(question.board);
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    if [weights.messages, weights.reactions, weights.voice_minutes].into_iter().all(is_weight) {
        return Ok(());
    }
    Err(StoreError::InvalidQuestion { reason: "its weights are not finite numbers from zero up" })
}

/// The members whose names contain a text.
async fn named_like(at: &mut Snapshot, guild: i64, search: &str) -> sqlx::Result<HashSet<i64>> {
    if search.len() > SEARCH_BYTES_MAX {
        return Ok(HashSet::new());
    }
    let mut query = Query::default();
    let g = query.bind(guild);
    let pattern = query.bind(like_pattern(search));
    let statement = query.text(format!(
        "SELECT user_id FROM member_names WHERE guild_id = {g} AND search_name LIKE {pattern} ESCAPE '\\'"
    ));
    let rows: Vec<(i64,)> = statement.all(at).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The rows of these places, with names where they are known.
async fn named(at: &mut Snapshot, guild: i64, page: &[&Place]) -> sqlx::Result<Vec<LeaderRow>> {
    if page.is_empty() {
        return Ok(Vec::new());
    }
    let ids = page.iter().map(|place| place.sum.member);
    let names = guilds::member_names(at, guild, ids).await?;
    let row = |place: &&Place| {
        let member = UserId(id(place.sum.member));
        let unnamed = || MemberRow {
            id: member,
            kind: AuthorKind::from_u8(place.sum.kind as u8).unwrap_or_default(),
            username: None,
            display_name: None,
            avatar: None,
        };
        let known = names.binary_search_by_key(&member, |name| name.id);
        LeaderRow {
            rank: place.rank,
            member: known.map_or_else(|_| unnamed(), |at| names[at].clone()),
            value: place.value,
            counts: place.sum.counts,
            voice: place.sum.voice,
        }
    };
    Ok(page.iter().map(row).collect())
}
