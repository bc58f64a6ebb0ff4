//! The judgement of a storm: every row against the truth, every blind stretch against what Discord really did not tell.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{CoverageFamily, CoverageState, GuildId, UnixMs};

use super::discord::Discord;
use super::expected::Expected;
use super::ledger::Ledger;
use crate::rows::{Rows, Span};
use crate::society::{self, Hearing, Truth, Verdict};
use crate::voice::{VoiceCells, VoiceKey};

/// What is heard as it happens is stored at its instant, give or take a turn of the loop.
pub const EXACT_MS: i64 = 200;

/// A stretch of one guild that the client could not hear, as the gateway knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Which guild.
    pub guild: GuildId,
    /// The blind stretch begins here at the earliest …
    pub from_earliest: UnixMs,
    /// … and here at the latest.
    pub from_latest: UnixMs,
    /// The next GUILD_CREATE, at the earliest and at the latest; `None` while there was none.
    pub until: Option<(UnixMs, UnixMs)>,
}

/// What the storm knows beside the world's truth.
#[derive(Debug, Default)]
pub struct Witness {
    /// Guilds that the client has heard of, and since when.
    pub known: BTreeMap<GuildId, UnixMs>,
    /// What could not be heard, by guild and in the order of time.
    pub missed: Vec<Missed>,
    /// By how much time in voice of a guild may be off: voice states carry no time, so that those that a RESUME replays are
    /// placed between the messages replayed around them.
    pub voice_slack_ms: BTreeMap<GuildId, i64>,
    /// A replay went over the end of an hour.
    pub replayed_over_the_hour: bool,
    /// The longest stretch that a RESUME replayed: what has no time of its own was placed somewhere in it.
    pub replayed_ms: i64,
    /// Up to when everything was flushed.
    pub flushed_until: UnixMs,
}

impl Witness {
    /// The process that heard this is gone, and what it heard after `durable` with it: that is told again, or never.
    pub fn forget_after(&mut self, durable: Option<UnixMs>) {
        let durable = durable.unwrap_or(UnixMs(i64::MIN));
        self.known.retain(|_, since| *since <= durable);
        self.missed.retain(|missed| missed.from_earliest <= durable);
        for missed in &mut self.missed {
            missed.until = missed.until.filter(|(earliest, _)| *earliest <= durable);
        }
    }
}

/// All differences, as sentences.
pub async fn differences(discord: &Discord, witness: &Witness, url: &str) -> Verdict {
    let rows = Rows::of(url);
    let ledger = Ledger::new(&rows.coverage().await);
    let world = discord.world();
    let by_hour = !witness.replayed_over_the_hour;
    let is_vague = |guild: GuildId, at: UnixMs| {
        let within = |(earliest, latest): (UnixMs, UnixMs)| earliest <= at && at <= latest;
        witness.missed.iter().filter(|missed| missed.guild == guild).any(|missed| {
            within((missed.from_earliest, missed.from_latest)) || missed.until.is_some_and(within)
        })
    };
    let expected = Expected::new(world, &discord.happened, &ledger, by_hour, is_vague);
    let mut found = expected.differences(&rows.totals().await);
    let voice = expected_voice(discord, &ledger, witness.flushed_until);
    let slack =
        |key: &VoiceKey| witness.voice_slack_ms.get(&GuildId(key.guild)).copied().unwrap_or(0);
    found.extend(crate::voice::differences(&voice, &rows.voice().await, slack));
    found.extend(coverage_differences(discord, witness, &ledger));
    found.extend(rows.inconsistent_rollups().await);
    let hearing = Hearing {
        ledger: &ledger,
        slack_ms: EXACT_MS + witness.replayed_ms,
        lists_members: true,
        reads_audits: true,
    };
    let mut verdict = society::judge(&Truth::of(world), &rows.society().await, &hearing);
    found.append(&mut verdict.differences);
    if !found.is_empty() {
        found.extend(
            witness.missed.iter().map(|missed| format!("the gateway missed out {missed:?}")),
        );
        found.extend(rows.coverage().await.iter().map(|span| format!("the ledger says {span:?}")));
    }
    Verdict { differences: found, ..verdict }
}

/// Time in voice, as far as the ledger says that it was heard.
fn expected_voice(discord: &Discord, ledger: &Ledger, until: UnixMs) -> VoiceCells {
    let mut cells = VoiceCells::new();
    for guild in discord.world().guilds() {
        let family = CoverageFamily::Voice;
        let Some(begins) = ledger.begins(guild.id, family) else { continue };
        let parts = ledger.heard_parts(guild.id, family, begins, until);
        let stretches: Vec<_> =
            parts.into_iter().map(|(from, to)| (UnixMs(from), UnixMs(to))).collect();
        for (hour, key, totals) in discord.world().voice_heard(guild.id, &stretches).voice() {
            let key = VoiceKey {
                guild: guild.id.0,
                hour: u64::from(hour),
                channel: key.channel.0,
                member: key.member.0,
            };
            let figures = totals.time.figures().map(|figure| figure as i64);
            cells.insert(key, (i64::from(totals.sessions), figures));
        }
    }
    cells
}

/// The ledger must name each missed stretch, in each family, and no other.
fn coverage_differences(discord: &Discord, witness: &Witness, ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    for guild in discord.world().guilds() {
        for family in CoverageFamily::ALL {
            if ledger.begins(guild.id, family).is_none() {
                found.push(format!(
                    "{family:?} of guild {} has no beginning in the ledger",
                    guild.id.0
                ));
            }
            let spans = ledger.missed(guild.id, family);
            let missed: Vec<&Missed> =
                witness.missed.iter().filter(|missed| missed.guild == guild.id).collect();
            found.extend(compare(guild.id, family, &spans, &missed));
            let unread = spans.iter().filter(|span| span.state == CoverageState::Blind as u8);
            if matches!(family, CoverageFamily::Messages | CoverageFamily::Moderation) {
                found.extend(unread.map(|span| {
                    format!("{family:?} of guild {} were never read again: {span:?}", guild.id.0)
                }));
            }
        }
    }
    found
}

fn compare(
    guild: GuildId,
    family: CoverageFamily,
    spans: &[Span],
    missed: &[&Missed],
) -> Vec<String> {
    // A stretch of no length hides nothing.
    let spans: Vec<&Span> = spans.iter().filter(|span| span.from_ms < span.until_ms).collect();
    let missed: Vec<&&Missed> = missed
        .iter()
        .filter(|missed| missed.until.is_none_or(|(_, until)| missed.from_earliest < until))
        .collect();
    let mut found = Vec::new();
    let mut left = spans.iter();
    for expected in &missed {
        let ends = expected.until.map_or(i64::MAX..=i64::MAX, |(a, b)| a.0..=b.0);
        let begins = expected.from_earliest.0..=expected.from_latest.0;
        let may_be_empty = begins.end() >= ends.start();
        let fits = |span: &&&Span| begins.contains(&span.from_ms) && ends.contains(&span.until_ms);
        match left.clone().next().filter(fits) {
            Some(_) => {
                left.next();
            }
            None if may_be_empty => {}
            None => {
                found.push(format!(
                    "{family:?} of guild {}: missed {expected:?}, the ledger says {spans:?}",
                    guild.0
                ));
                return found;
            }
        }
    }
    found.extend(left.map(|span| {
        format!("{family:?} of guild {}: the ledger says {span:?}, but all was told", guild.0)
    }));
    found
}
