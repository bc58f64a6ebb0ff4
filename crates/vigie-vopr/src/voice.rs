//! Time in voice by guild, hour, channel and member: one shape for what happened and for what was stored.

use std::collections::BTreeMap;

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

/// Cells that differ by more than `slack_ms` says for their guild, as sentences; sessions are compared when that is nothing.
pub fn differences(
    truth: &VoiceCells,
    stored: &VoiceCells,
    slack_ms: impl Fn(u64) -> i64,
) -> Vec<String> {
    let keys = truth.keys().chain(stored.keys().filter(|key| !truth.contains_key(key)));
    let mut found = Vec::new();
    for key in keys {
        let (true_sessions, true_ms) = truth.get(key).copied().unwrap_or_default();
        let (sessions, ms) = stored.get(key).copied().unwrap_or_default();
        let slack = slack_ms(key.guild);
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
