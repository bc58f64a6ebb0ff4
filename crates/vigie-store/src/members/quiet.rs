//! Who was active and went quiet, though still a member.

use std::collections::{HashMap, HashSet};

use vigie_core::vocabulary::UserId;

use super::lifecycle::Gone;
use crate::{
    Store, StoreError,
    activity::days::{self, Day},
    db::Snapshot,
    invites::{inviter_names, named},
    limits::{MEMBERS_PER_STATEMENT, QUIET_ROWS_MAX},
    query::Query,
    question::{
        ACTIVE_VOICE_MS, Audience, HourRange, QuietCursor, QuietMember, QuietPage, QuietQuestion,
    },
    value::{id, key},
};

/// What somebody did in the active stretch.
#[derive(Clone, Copy, Debug, Default)]
struct Active {
    days: u32,
    messages: u64,
    /// Time in voice on days on which nothing else made them active.
    voice_ms: u64,
}

impl Store {
    /// A page of the people who were active in one stretch of time and did nothing in a later one, without those known to have gone.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn quiet_members(&self, question: &QuietQuestion) -> Result<QuietPage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(QuietPage::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut active = active(&mut at, guild, question.active).await?;
        for member in seen(&mut at, guild, question.silent).await? {
            active.remove(&member);
        }
        let gone = Gone::since(&mut at, guild, i64::from(question.active.from) * 3_600_000).await?;
        let mut rows: Vec<(i64, Active)> =
            active.into_iter().filter(|(member, _)| !gone.is_gone(*member, i64::MAX)).collect();
        let place = |member: i64, days: u32, messages: u64| {
            (std::cmp::Reverse(days), std::cmp::Reverse(messages), member)
        };
        rows.sort_unstable_by_key(|(member, active)| place(*member, active.days, active.messages));
        let total_rows = rows.len() as u64;
        let first = question.after.map_or(0, |cursor| {
            let member = key(cursor.member.0).unwrap_or(i64::MAX);
            let after = place(member, cursor.active_days, cursor.messages);
            rows.partition_point(|row| place(row.0, row.1.days, row.1.messages) <= after)
        });
        let limit = question.limit.min(QUIET_ROWS_MAX) as usize;
        let page = &rows[first..rows.len().min(first + limit)];
        let next = page.last().filter(|_| first + limit < rows.len()).map(|row| QuietCursor {
            active_days: row.1.days,
            messages: row.1.messages,
            member: UserId(id(row.0)),
        });
        Ok(QuietPage { rows: named_rows(&mut at, guild, page).await?, total_rows, next })
    }
}

/// People active in a range.
async fn active(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
) -> sqlx::Result<HashMap<i64, Active>> {
    let mut members: HashMap<i64, Active> = HashMap::new();
    let mut visit = |day: &Day<'_>| {
        for acts in day.acts {
            let active = members.entry(acts.member).or_default();
            active.messages += acts.messages;
            active.days += u32::from(acts.active_hours & day.hours != 0);
        }
        for voice in day.voices {
            let acts = day.acts.binary_search_by_key(&voice.member, |acts| acts.member);
            if acts.is_ok_and(|place| day.acts[place].active_hours & day.hours != 0) {
                continue;
            }
            let ms = voice.within(day.hours);
            let active = members.entry(voice.member).or_default();
            active.days += u32::from(ms >= ACTIVE_VOICE_MS);
            active.voice_ms += ms;
        }
    };
    days::each(at, guild, range, Audience::Humans, &mut visit).await?;
    members.retain(|_, active| active.days > 0 || active.voice_ms >= ACTIVE_VOICE_MS);
    Ok(members)
}

/// People active in a range, as a set.
async fn seen(at: &mut Snapshot, guild: i64, range: HourRange) -> sqlx::Result<HashSet<i64>> {
    Ok(active(at, guild, range).await?.into_keys().collect())
}

/// Rows with names, last sight and join.
async fn named_rows(
    at: &mut Snapshot,
    guild: i64,
    page: &[(i64, Active)],
) -> sqlx::Result<Vec<QuietMember>> {
    let names = inviter_names(at, guild, page.iter().map(|row| row.0)).await?;
    let (mut seen, mut joined) = (HashMap::new(), HashMap::new());
    for piece in page.chunks(MEMBERS_PER_STATEMENT) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let list = query.bind_list(piece.iter().map(|row| row.0));
        let statement = query.text(format!(
            "SELECT user_id, last_seen_minute FROM member_stats WHERE guild_id = {g} AND user_id IN ({list})"
        ));
        let rows: Vec<(i64, Option<i32>)> = statement.all(at).await?;
        seen.extend(rows.into_iter().filter_map(|(member, minute)| Some((member, minute?))));
        let mut query = Query::default();
        let g = query.bind(guild);
        let list = query.bind_list(piece.iter().map(|row| row.0));
        let statement = query.text(format!(
            "SELECT s.member_id, MAX(s.since_ms) FROM member_stays s \
             WHERE s.guild_id = {g} AND s.member_id IN ({list}) AND s.left_at_ms IS NULL AND s.is_join_known GROUP BY s.member_id"
        ));
        let rows: Vec<(i64, i64)> = statement.all(at).await?;
        joined.extend(rows);
    }
    let row = |(member, active): &(i64, Active)| QuietMember {
        member: named(*member, &names),
        active_days: active.days,
        messages: active.messages,
        last_seen_ms: seen.get(member).map(|minute: &i32| i64::from(*minute) * 60_000),
        joined_at_ms: joined.get(member).copied(),
    };
    Ok(page.iter().map(row).collect())
}
