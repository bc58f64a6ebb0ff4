//! Time in voice by guild, hour, channel and member: one shape for what happened and for what was stored.

use std::collections::BTreeMap;

use serde_json::Value;
use vigie_core::vocabulary::{CoverageFamily, GuildId, UnixMs, VoiceState, VoiceTime};

use crate::storm::ledger::Ledger;

/// Where, when and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VoiceKey {
    /// Guild.
    pub guild: u64,
    /// Hours since 1970.
    pub hour: u64,
    /// Voice or stage channel.
    pub channel: u64,
    /// Who.
    pub member: u64,
}

/// Sessions begun, and the nine figures of a `VoiceTime` in milliseconds.
pub type VoiceCell = (i64, [i64; 9]);

/// All of it.
pub type VoiceCells = BTreeMap<VoiceKey, VoiceCell>;

/// The names of the nine figures.
const FIGURES: [&str; 9] =
    ["total", "active", "muted", "deafened", "streaming", "video", "suppressed", "alone", "afk"];

/// By how much one edge of a session may be off in a run of processes: the way of a dispatch on a busy machine.
const EDGE_SLACK_MS: i64 = 600;

/// The same for both edges of a stay, and for one that the truth does not have: it was over as hearing began.
pub const SLACK_MS: i64 = 2 * EDGE_SLACK_MS;

const HOUR_MS: i64 = 3_600_000;

/// The sessions of `GET /_sim/truth`, as far as the ledger says that they were heard: cells, and by how much each may be off.
pub fn from_truth(truth: &Value, ledger: &Ledger) -> (VoiceCells, BTreeMap<VoiceKey, i64>) {
    let (mut cells, mut slack) = (VoiceCells::new(), BTreeMap::new());
    for (guild, content) in truth["guilds"].as_object().into_iter().flatten() {
        let guild: u64 = guild.parse().unwrap();
        for session in content["sessions"].as_array().into_iter().flatten() {
            let id = |name: &str| session[name].as_str().unwrap().parse::<u64>().unwrap();
            let place = VoiceKey { guild, hour: 0, channel: id("channel"), member: id("member") };
            let segments = session["segments"].as_array().unwrap();
            let mut from = session["started_ms"].as_i64().unwrap();
            for segment in segments {
                let state = VoiceState(segment[0].as_u64().unwrap() as u8);
                let until = from + segment[1].as_i64().unwrap();
                let (begin, end) = (UnixMs(from), UnixMs(until));
                for part in ledger.heard_parts(GuildId(guild), CoverageFamily::Voice, begin, end) {
                    add(&mut cells, place, state, part);
                }
                *slack.entry(place).or_default() += SLACK_MS;
                from = until;
            }
        }
    }
    (cells, slack)
}

fn add(cells: &mut VoiceCells, place: VoiceKey, state: VoiceState, (mut from, until): (i64, i64)) {
    while from < until {
        let hour = from.div_euclid(HOUR_MS);
        let end = until.min((hour + 1) * HOUR_MS);
        let (_, figures) = cells.entry(VoiceKey { hour: hour as u64, ..place }).or_default();
        let mut time = VoiceTime::from_figures(figures.map(|figure| figure as u64));
        time.add(state, (end - from) as u64);
        *figures = time.figures().map(|figure| figure as i64);
        from = end;
    }
}

/// Cells that differ by more than `slack_ms` says for their guild, as sentences; sessions are compared when that is nothing.
pub fn differences(
    truth: &VoiceCells,
    stored: &VoiceCells,
    slack_ms: impl Fn(&VoiceKey) -> i64,
) -> Vec<String> {
    let keys = truth.keys().chain(stored.keys().filter(|key| !truth.contains_key(key)));
    let mut found = Vec::new();
    for key in keys {
        let (true_sessions, true_ms) = truth.get(key).copied().unwrap_or_default();
        let (sessions, ms) = stored.get(key).copied().unwrap_or_default();
        let slack = slack_ms(key);
        for ((name, expected), actual) in FIGURES.iter().zip(true_ms).zip(ms) {
            if (expected - actual).abs() > slack {
                found.push(format!(
                    "voice {key:?}: {name} {expected} ms in truth, {actual} ms stored (slack {slack})"
                ));
            }
        }
        if slack == 0 && true_sessions != sessions {
            found.push(format!(
                "voice {key:?}: {true_sessions} sessions in truth, {sessions} stored"
            ));
        }
    }
    found
}
