//! Why it is thought that somebody came by an invite: the candidates as bytes, and the columns of a join's attribution.

use std::collections::BTreeMap;

use sqlx::FromRow;
use vigie_core::vocabulary::{AttributionMethod, AuthorKind, Candidate, Confidence, UserId};

use crate::{
    db::Snapshot,
    guilds,
    limits::{CANDIDATES_MAX, CODE_BYTES_MAX},
    question::{JoinEvidence, MemberRow},
    value::{counter, id, push_number, take_number, text},
};

/// First byte of candidates. What begins otherwise is of another version, and read as absent.
const FORMAT: u8 = 1;

/// The columns of [`EvidenceSql`] of a row `t` of `invite_tracking`; all NULL where a join has none.
pub(crate) const EVIDENCE: &str =
    "t.method, t.confidence, t.code, t.inviter_id, t.burst, t.candidates";

/// A join's attribution, as it is stored.
#[derive(Clone, Debug, Default, FromRow)]
pub(crate) struct EvidenceSql {
    method: Option<i32>,
    confidence: Option<i32>,
    code: Option<String>,
    inviter_id: Option<i64>,
    burst: Option<i32>,
    candidates: Option<Vec<u8>>,
}

impl EvidenceSql {
    /// Who made the invite.
    pub(crate) fn inviter(&self) -> Option<i64> {
        self.inviter_id
    }

    /// As the answers of questions have it; `None` where the join has none.
    pub(crate) fn evidence(self, names: &BTreeMap<i64, MemberRow>) -> Option<JoinEvidence> {
        let method = AttributionMethod::from_u8(self.method? as u8).unwrap_or_default();
        let confidence = self.confidence.map(|stored| stored as u8);
        Some(JoinEvidence {
            method,
            confidence: confidence.and_then(Confidence::from_u8).unwrap_or_default(),
            code: self.code,
            inviter: self.inviter_id.map(|inviter| named(inviter, names)),
            candidates: self.candidates.and_then(|bytes| unpack(&bytes)).unwrap_or_default(),
            burst: counter(i64::from(self.burst.unwrap_or(0))),
        })
    }
}

/// The names of these members by id.
pub(crate) async fn inviter_names(
    at: &mut Snapshot,
    guild: i64,
    members: impl Iterator<Item = i64>,
) -> sqlx::Result<BTreeMap<i64, MemberRow>> {
    let names = guilds::member_names(at, guild, members).await?;
    Ok(names.into_iter().map(|name| (name.id.0 as i64, name)).collect())
}

/// A member with what is known of their name.
pub(crate) fn named(member: i64, names: &BTreeMap<i64, MemberRow>) -> MemberRow {
    names.get(&member).cloned().unwrap_or_else(|| MemberRow {
        id: UserId(id(member)),
        kind: AuthorKind::Human,
        username: None,
        display_name: None,
        avatar: None,
    })
}

/// The format; then each candidate as the length of its code, the code, the inviter (0 for none), how often it was used, and whether it
/// ended. All numbers but the format are LEB128.
pub(super) fn pack(candidates: &[Candidate]) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    for candidate in candidates.iter().take(CANDIDATES_MAX) {
        let code = text(&candidate.code, CODE_BYTES_MAX);
        push_number(&mut bytes, code.len() as u64);
        bytes.extend(code.as_bytes());
        push_number(&mut bytes, candidate.inviter.map_or(0, |inviter| inviter.0));
        push_number(&mut bytes, u64::from(candidate.used));
        push_number(&mut bytes, u64::from(candidate.ended));
    }
    bytes
}

/// The inverse of [`pack`]; `None` if it is not of this version or is damaged.
fn unpack(bytes: &[u8]) -> Option<Vec<Candidate>> {
    let (FORMAT, mut rest) = bytes.split_first().map(|(format, rest)| (*format, rest))? else {
        return None;
    };
    let mut candidates = Vec::new();
    while !rest.is_empty() {
        let length = usize::try_from(take_number(&mut rest)?).ok()?;
        let (code, after) = rest.split_at_checked(length)?;
        rest = after;
        let inviter = take_number(&mut rest)?;
        candidates.push(Candidate {
            code: std::str::from_utf8(code).ok()?.to_owned(),
            inviter: (inviter != 0).then_some(UserId(inviter)),
            used: u32::try_from(take_number(&mut rest)?).ok()?,
            ended: take_number(&mut rest)? != 0,
        });
    }
    Some(candidates)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vigie_core::vocabulary::{Candidate, UserId};

    use super::{FORMAT, pack, unpack};

    proptest! {
        #[test]
        fn candidates_are_what_was_packed(
            all in prop::collection::vec(("[a-zA-Z0-9é]{0,12}", prop::option::of(1..u64::MAX), any::<u32>(), any::<bool>()), 0..6),
        ) {
            let candidate = |(code, inviter, used, ended): (String, Option<u64>, u32, bool)| {
                Candidate { code, inviter: inviter.map(UserId), used, ended }
            };
            let candidates: Vec<_> = all.into_iter().map(candidate).collect();
            prop_assert_eq!(unpack(&pack(&candidates)), Some(candidates));
        }

        #[test]
        fn any_bytes_are_read_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            bytes.insert(0, FORMAT);
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn other_versions_are_absent() {
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[FORMAT + 1]), None);
        assert_eq!(unpack(&[FORMAT]), Some(Vec::new()));
    }
}
