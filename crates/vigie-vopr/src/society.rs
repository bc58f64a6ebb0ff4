//! The judge of members, moderation and invites: what the imaginary Discord knows beside what the tables say.
//!
//! The truth comes either from a world of this process or from `GET /_sim/society`; the rows from plain SQL. What must be
//! stored is what the coverage ledger calls heard or read again; what it calls blind may be there, and must then be right.

mod hearing;
mod invites;
mod members;
mod moderation;
mod truth;

use std::collections::BTreeMap;

pub use hearing::Hearing;
pub use invites::Shares;
pub use truth::Truth;

use crate::rows::society::Stored;

/// What the judge found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What the rows say otherwise than the truth.
    pub differences: Vec<String>,
    /// Attributions by method and confidence.
    pub shares: Shares,
    /// Stays, acts and joins that were compared.
    pub compared: Compared,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    /// Stays that had to be stored.
    pub stays: u64,
    /// Departures that had to be stored with their kind.
    pub departures: u64,
    /// Acts of moderation that had to be stored.
    pub acts: u64,
    /// Of these, acts whose moderator Discord tells.
    pub moderators: u64,
}

impl Verdict {
    /// Adds what another judgement found.
    pub fn add(&mut self, other: Self) {
        self.differences.extend(other.differences);
        self.shares.add(&other.shares);
        self.compared.stays += other.compared.stays;
        self.compared.departures += other.compared.departures;
        self.compared.acts += other.compared.acts;
        self.compared.moderators += other.compared.moderators;
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Compared { stays, departures, acts, moderators } = self.compared;
        write!(
            f,
            "{stays} stays, {departures} departures by kind and {acts} acts ({moderators} with moderator) compared; {}",
            self.shares
        )
    }
}

/// Compares all guilds.
pub fn judge(truth: &Truth, stored: &Stored, hearing: &Hearing<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for (guild, truth) in &truth.guilds {
        members::judge(*guild, truth, stored, hearing, &mut verdict);
        moderation::judge(*guild, truth, stored, hearing, &mut verdict);
        invites::judge(*guild, truth, stored, hearing, &mut verdict);
    }
    verdict.differences.extend(verdict.shares.complaint());
    verdict
}

/// Rows of one guild by a key.
fn by_key<R, K: Ord>(
    rows: &[R],
    is_meant: impl Fn(&R) -> bool,
    key: impl Fn(&R) -> K,
) -> BTreeMap<K, Vec<&R>> {
    let mut found: BTreeMap<K, Vec<&R>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_meant(row)) {
        found.entry(key(row)).or_default().push(row);
    }
    found
}
