//! How members came: `exact` is right without exception, `likely` in 19 of 20, and every heard join has its row.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{AttributionMethod, Confidence, CoverageFamily, UnixMs};
use vigie_world::{Stay, Way, limits};

use super::truth::GuildTruth;
use super::{Hearing, Verdict, by_key};
use crate::rows::society::{AttributionRow, Stored};

/// Of so many likely attributions at least the share is judged.
const LIKELY_MIN: u64 = 40;
/// Right in 19 of 20.
const LIKELY_RIGHT_PERCENT: u64 = 95;

/// Attributions by method and confidence: how many, and how many of them name what truly brought the member.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    by: BTreeMap<(AttributionMethod, Confidence), (u64, u64)>,
}

impl Shares {
    /// Adds other ones.
    pub fn add(&mut self, other: &Self) {
        for (key, (all, right)) in &other.by {
            let sum = self.by.entry(*key).or_default();
            sum.0 += all;
            sum.1 += right;
        }
    }

    /// All of a confidence: how many, and how many right.
    pub fn of(&self, confidence: Confidence) -> (u64, u64) {
        let own = self.by.iter().filter(|((_, of), _)| *of == confidence);
        own.fold((0, 0), |sum, (_, (all, right))| (sum.0 + all, sum.1 + right))
    }

    /// What is wrong about the share of right ones.
    pub fn complaint(&self) -> Option<String> {
        let (all, right) = self.of(Confidence::Likely);
        let is_wrong = all >= LIKELY_MIN && right * 100 < all * LIKELY_RIGHT_PERCENT;
        is_wrong.then(|| format!("of {all} likely attributions {right} are right"))
    }
}

impl std::fmt::Display for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum: u64 = self.by.values().map(|(all, _)| all).sum();
        write!(f, "{sum} joins attributed")?;
        for ((method, confidence), (all, right)) in &self.by {
            let percent = 100.0 * *all as f64 / sum.max(1) as f64;
            write!(f, "; {method:?} {confidence:?} {all} ({percent:.1} %)")?;
            if *confidence != Confidence::None {
                write!(f, " {right} right")?;
            }
        }
        Ok(())
    }
}

pub(super) fn judge(
    guild: u64,
    truth: &GuildTruth,
    stored: &Stored,
    hearing: &Hearing<'_>,
    verdict: &mut Verdict,
) {
    let key = |row: &AttributionRow| (row.member, row.joined_at_ms);
    let mut rows = by_key(&stored.attributions, |row| row.guild == guild, key);
    let inviters: BTreeMap<&str, u64> =
        truth.invites.iter().map(|invite| (&*invite.code, invite.inviter.0)).collect();
    for stay in &truth.stays {
        let row = rows.remove(&(stay.member.0, stay.joined_at.0));
        let row = row.as_ref().and_then(|rows| rows.first());
        let told_by =
            UnixMs(stay.joined_at.0 + limits::JOIN_TOLD_AFTER_MS_MAX as i64 + hearing.slack_ms);
        let must = stay.way != Way::Before
            && hearing.heard(guild, CoverageFamily::Members, stay.joined_at, told_by);
        let Some(row) = row else {
            if must {
                verdict.differences.push(format!("guild {guild}: {stay:?} was not attributed"));
            }
            continue;
        };
        let is_right = is_right(stay, row);
        let sum = verdict.shares.by.entry((row.method, row.confidence)).or_default();
        sum.0 += 1;
        sum.1 += u64::from(is_right);
        if row.confidence == Confidence::Exact && !is_right {
            verdict.differences.push(format!("guild {guild}: {stay:?} is exactly wrong: {row:?}"));
        }
        let inviter = match &stay.way {
            Way::Invite(code) => inviters.get(&**code).copied(),
            _ => None,
        };
        let is_named_wrong = row.confidence == Confidence::Exact
            && row.code.is_some()
            && row.inviter.is_some()
            && row.method != AttributionMethod::BotAdded
            && row.inviter != inviter;
        if is_named_wrong {
            verdict
                .differences
                .push(format!("guild {guild}: {stay:?} has a wrong inviter: {row:?}"));
        }
    }
    let extra = rows.values().flatten();
    verdict
        .differences
        .extend(extra.map(|row| format!("guild {guild}: nobody joined so: {row:?}")));
}

fn is_right(stay: &Stay, row: &AttributionRow) -> bool {
    match &stay.way {
        Way::Invite(code) => row.code.as_deref() == Some(&**code),
        Way::Vanity => row.method == AttributionMethod::Vanity,
        Way::BotAdded => row.method == AttributionMethod::BotAdded,
        Way::Discovery | Way::Before => {
            row.code.is_none() && row.method == AttributionMethod::Unknown
        }
    }
}
