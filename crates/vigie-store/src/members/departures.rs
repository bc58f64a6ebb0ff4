//! How stays ended: the ledger of moderation tells, whichever of the two arrives first.
//!
//! A departure that was heard is paired one to one with the nearest kick or ban of that member within [`DEPARTURE_GRACE_MS`], before or
//! after, if no join of theirs lies between; else with a prune of the guild within that time; else the member left. Who was only found
//! missing was kicked or banned if that was done to them during their stay, and went then.
//!
//! Everything near what changed is paired anew from all that is known, so that the answer does not depend on the order of arrival.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{DepartureKind, ModerationAction};

use super::{
    stays::{LEAVE, Stay, UNSEEN},
    write::{MemberKey, load, of_members, upsert},
};
use crate::{
    db::{Conn, Db},
    limits::{DEPARTURE_CHAIN_MS, DEPARTURE_GRACE_MS},
};

const KICKED: i32 = ModerationAction::Kick as i32;
const BANNED: i32 = ModerationAction::Ban as i32;
const PRUNED: i32 = ModerationAction::Prune as i32;

/// Where something changed that decides how stays ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Guild, member, instant: a stay of theirs ended, or a kick or ban of theirs was told, changed or merged into another.
    pub(crate) members: Vec<(i64, i64, i64)>,
    /// Guild and instant of a prune that was told or changed.
    pub(crate) prunes: Vec<(i64, i64)>,
}

/// An act of moderation: its row, what it was, when, and when an event told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Act {
    id: i64,
    action: i32,
    at: i64,
    heard: Option<i64>,
}

impl Act {
    /// The instant of it that is nearest to a departure. What is replayed after a pause is heard late, the departure as well as the act.
    fn nearest(&self, left: i64) -> i64 {
        let heard = self.heard.filter(|heard| (heard - left).abs() < (self.at - left).abs());
        heard.unwrap_or(self.at)
    }
}

/// Tells anew how the stays ended that were touched.
pub(super) async fn tell(conn: &mut Conn<'_>, touched: Touched) -> sqlx::Result<()> {
    let spans = spans(conn, touched).await?;
    if spans.is_empty() {
        return Ok(());
    }
    let keys: Vec<(MemberKey, i64)> =
        spans.iter().map(|(key, (from, _))| (*key, from - DEPARTURE_CHAIN_MS)).collect();
    let near = "(s.left_at_ms IS NULL OR s.left_at_ms >= asked.t OR s.unseen_ms >= asked.t)";
    let mut members = load(conn, &keys, near).await?;
    let acts = acts(conn, &keys).await?;
    let prunes = prunes(conn, &spans).await?;
    let mut changed = Vec::new();
    for (key, stays) in &mut members {
        let Some((_, to)) = spans.get(key) else { continue };
        let before = stays.clone();
        let none = Vec::new();
        let near = |stay: &&mut Stay| {
            stay.left_at.is_some() && stay.since <= to.saturating_add(DEPARTURE_CHAIN_MS)
        };
        let joins: Vec<i64> =
            before.iter().filter(|stay| stay.is_join_known).map(|stay| stay.since).collect();
        let asked: Vec<&mut Stay> = stays.iter_mut().filter(near).collect();
        pair(asked, &joins, acts.get(key).unwrap_or(&none), prunes.get(&key.0).unwrap_or(&none));
        let is_changed = |(after, before): &(&Stay, &Stay)| after != before;
        let rows = stays.iter().zip(&before).filter(is_changed).map(|(stay, _)| (*key, *stay));
        changed.extend(rows);
    }
    upsert(&changed).run(conn).await
}

/// The members touched, with the first and last instant; those that ended near a prune too.
async fn spans(
    conn: &mut Conn<'_>,
    touched: Touched,
) -> sqlx::Result<BTreeMap<MemberKey, (i64, i64)>> {
    let mut spans: BTreeMap<MemberKey, (i64, i64)> = BTreeMap::new();
    let mut add = |guild: i64, member: i64, at: i64| {
        let span = spans.entry((guild, member)).or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
    };
    for (guild, member, at) in touched.members {
        add(guild, member, at);
    }
    for (guild, at) in touched.prunes {
        let sql = "SELECT member_id, left_at_ms FROM member_stays \
            WHERE guild_id = $1 AND left_at_ms >= $2 AND left_at_ms <= $3 AND unseen_ms IS NULL";
        let (from, to) = (at - DEPARTURE_GRACE_MS, at + DEPARTURE_GRACE_MS);
        let rows: Vec<(i64, i64)> = match conn {
            Db::Lite(conn) => {
                let query = sqlx::query_as(sql).bind(guild).bind(from).bind(to);
                query.fetch_all(&mut **conn).await?
            }
            Db::Pg(conn) => {
                let query = sqlx::query_as(sql).bind(guild).bind(from).bind(to);
                query.fetch_all(&mut **conn).await?
            }
        };
        rows.into_iter().for_each(|(member, left)| add(guild, member, left));
    }
    Ok(spans)
}

/// All kicks and bans of these members.
async fn acts(
    conn: &mut Conn<'_>,
    keys: &[(MemberKey, i64)],
) -> sqlx::Result<BTreeMap<MemberKey, Vec<Act>>> {
    let rest = format!(
        "moderation_logs c WHERE c.guild_id = asked.g AND c.target_id = asked.m AND c.action IN ({BANNED}, {KICKED})"
    );
    let columns = "c.guild_id, c.target_id, c.id, c.action, c.at_ms, c.heard_ms";
    let rows: Vec<(i64, i64, i64, i32, i64, Option<i64>)> =
        of_members(conn, keys, columns, &rest).await?;
    let mut acts: BTreeMap<MemberKey, Vec<Act>> = BTreeMap::new();
    for (guild, target, id, action, at, heard) in rows {
        acts.entry((guild, target)).or_default().push(Act { id, action, at, heard });
    }
    Ok(acts)
}

/// The prunes of the guilds touched, near the instants touched.
async fn prunes(
    conn: &mut Conn<'_>,
    spans: &BTreeMap<MemberKey, (i64, i64)>,
) -> sqlx::Result<BTreeMap<i64, Vec<Act>>> {
    let mut guilds: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for ((guild, _), (from, to)) in spans {
        let span = guilds.entry(*guild).or_insert((*from, *to));
        *span = (span.0.min(*from), span.1.max(*to));
    }
    let reach = DEPARTURE_CHAIN_MS + DEPARTURE_GRACE_MS;
    let mut prunes = BTreeMap::new();
    for (guild, (from, to)) in guilds {
        let sql = format!(
            "SELECT id, at_ms FROM moderation_logs WHERE guild_id = $1 AND action = {PRUNED} AND at_ms >= $2 AND at_ms <= $3"
        );
        let (from, to) = (from - reach, to + reach);
        let rows: Vec<(i64, i64)> = match conn {
            Db::Lite(conn) => {
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(guild).bind(from);
                query.bind(to).fetch_all(&mut **conn).await?
            }
            Db::Pg(conn) => {
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(guild).bind(from);
                query.bind(to).fetch_all(&mut **conn).await?
            }
        };
        let act = |(id, at)| Act { id, action: PRUNED, at, heard: None };
        prunes.insert(guild, rows.into_iter().map(act).collect());
    }
    Ok(prunes)
}

/// Tells how these stays of a member ended (all of them that are near each other), from their joins, their kicks and bans, and the guild's
/// prunes.
fn pair(mut stays: Vec<&mut Stay>, joins: &[i64], acts: &[Act], prunes: &[Act]) {
    let mut pairs = Vec::new();
    for (place, stay) in stays.iter_mut().enumerate() {
        (stay.departure, stay.case) = (Some(LEAVE), None);
        if let Some(unseen) = stay.unseen {
            (stay.departure, stay.left_at) = (Some(UNSEEN), Some(unseen));
            continue;
        }
        let Some(left) = stay.left_at else { continue };
        for act in acts {
            let at = act.nearest(left);
            let (first, last) = (at.min(left), at.max(left));
            let is_between = joins.iter().any(|join| *join > first && *join <= last);
            if last - first <= DEPARTURE_GRACE_MS && !is_between {
                pairs.push((last - first, act.action != BANNED, left, act.id, place));
            }
        }
    }
    pairs.sort_unstable();
    let mut taken = Vec::new();
    for (_, _, _, id, place) in pairs {
        let act = acts.iter().find(|act| act.id == id && !taken.contains(&id));
        if let Some(act) = act.filter(|_| stays[place].case.is_none()) {
            taken.push(id);
            (stays[place].departure, stays[place].case) = (Some(kind(act)), Some(id));
        }
    }
    for stay in stays {
        let (Some(left), None) = (stay.left_at, stay.case) else { continue };
        if stay.unseen.is_some() {
            let during =
                |act: &&Act| act.at > stay.since && act.at <= left && !taken.contains(&act.id);
            if let Some(act) = acts.iter().filter(during).min_by_key(|act| (act.at, act.id)) {
                taken.push(act.id);
                stay.left_at = Some(act.at);
                (stay.departure, stay.case) = (Some(kind(act)), Some(act.id));
            }
            continue;
        }
        let distance = |act: &&Act| ((act.at - left).abs(), act.id);
        let prune = prunes.iter().min_by_key(distance);
        if let Some(act) = prune.filter(|act| (act.at - left).abs() <= DEPARTURE_GRACE_MS) {
            (stay.departure, stay.case) = (Some(kind(act)), Some(act.id));
        }
    }
}

/// The stored number of how somebody went to whom this was done.
fn kind(act: &Act) -> i32 {
    let kind = match act.action {
        BANNED => DepartureKind::Ban,
        KICKED => DepartureKind::Kick,
        _ => DepartureKind::Prune,
    };
    i32::from(kind as u8)
}
