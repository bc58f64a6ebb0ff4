//! The words of members, moderation and invites.
//!
//! - `join g= by= [at=TIME] [kind=bot]`, `leave g= by=`, `ban g= by=`, `unban g= by=`, `member g= by= [until=TIME]`.
//! - `audit g= type= [actor=] [target=] [reason=] [count=] [changes="key:old>new …"]`: an entry of that instant.
//! - `invite g= code= [by=] [max=]`, `invite_deleted g= code=`.
//! - `invites g= list="CODE:INVITER:USES/MAX@EXPIRY …" [vanity=CODE:USES]`: the answer; `no_invites g=`: refused.
//! - `audits g=`: the audit log is read to its end, and has nothing.

use std::borrow::Cow;

use vigie_core::Core;
use vigie_core::vocabulary::{
    AuditChange, AuditEntry, AuditId, AuditPage, AuthorKind, Fact, GuildId, HistoryRefusal,
    InviteFact, InviteList, MemberFact, Person, ReadingRequest, UserId, snowflake_at,
};

use super::{Line, time};

impl Line<'_> {
    /// The fact of a line in these words; the core says what it asked for.
    pub(super) fn society(&self, core: &Core) -> Option<Fact<'_>> {
        let guild = || GuildId(self.id("g"));
        Some(match self.verb {
            "join" => {
                let joined_at = self.text("at").map_or(self.now, |at| time(self.day, at));
                let fact = MemberFact { person: self.person(), joined_at, rejoined: false };
                Fact::MemberJoined(guild(), fact)
            }
            "leave" => Fact::MemberLeft(guild(), self.person()),
            "ban" => Fact::Banned(guild(), self.person()),
            "unban" => Fact::Unbanned(guild(), self.person()),
            "member" => {
                let until = self.text("until").map(|until| time(self.day, until));
                Fact::MemberUpdated(guild(), self.person(), until)
            }
            "audit" => Fact::Audit(guild(), Box::new(self.entry())),
            "audits" => {
                let Some(ReadingRequest::Audits { guild, after }) = core.next_reading() else {
                    panic!("no audit log is asked for");
                };
                let (entries, people) = (Vec::new(), Vec::new());
                let (newest, more) = (None, false);
                Fact::Audits(AuditPage { guild, after, newest, more, entries, people })
            }
            "invite" => Fact::InviteCreated(
                guild(),
                InviteFact {
                    code: self.text("code").expect("code=").into(),
                    inviter: self.number("by").map(somebody),
                    max_uses: self.number("max").unwrap_or(0) as u32,
                    uses: Some(0),
                    created_at: Some(self.now),
                    ..InviteFact::default()
                },
            ),
            "invite_deleted" => {
                Fact::InviteDeleted(guild(), self.text("code").expect("code=").into())
            }
            "invites" => {
                let words = self.text("list").unwrap_or_default().split_whitespace();
                let vanity = self.text("vanity").map(|text| {
                    let (code, uses) = text.split_once(':').expect("code:uses");
                    (Cow::from(code), uses.parse().expect("uses"))
                });
                let invites = words.map(|word| self.listed(word)).collect();
                Fact::Invites(InviteList { guild: guild(), invites, vanity })
            }
            "no_invites" => {
                let request = core.next_reading().expect("something is asked for");
                Fact::ReadingRefused(request, HistoryRefusal::MissingPermission)
            }
            _ => return None,
        })
    }

    fn entry(&self) -> AuditEntry<'_> {
        let change = |word: &'_ str| {
            let (key, values) = word.split_once(':').expect("key:old>new");
            let (old, new) = values.split_once('>').expect("old>new");
            let text = |text: &str| (!text.is_empty()).then(|| Cow::from(text.to_owned()));
            AuditChange { key: key.to_owned().into(), role: None, old: text(old), new: text(new) }
        };
        let changes = self.text("changes").unwrap_or_default().split_whitespace();
        AuditEntry {
            id: AuditId(snowflake_at(self.now)),
            action_type: self.number("type").expect("type=") as u16,
            actor: self.number("actor").map(UserId),
            target: self.number("target"),
            reason: self.text("reason").map(Cow::from),
            count: self.number("count").map(|count| count as u32),
            changes: changes.map(change).collect(),
            ..AuditEntry::default()
        }
    }

    fn listed<'a>(&self, word: &'a str) -> InviteFact<'a> {
        let (word, expiry) = word.split_once('@').map_or((word, None), |(w, at)| (w, Some(at)));
        let mut parts = word.splitn(3, ':');
        let code = parts.next().expect("a code");
        let inviter: u64 = parts.next().expect("who").parse().expect("a user");
        let (uses, max) = parts.next().and_then(|uses| uses.split_once('/')).expect("uses/max");
        InviteFact {
            code: code.into(),
            inviter: Some(somebody(inviter)),
            uses: Some(uses.parse().expect("uses")),
            max_uses: max.parse().expect("max"),
            created_at: Some(vigie_core::vocabulary::UnixMs(super::DAY_MS)),
            expires_at: expiry.map(|at| time(self.day, at)),
            ..InviteFact::default()
        }
    }
}

fn somebody(id: u64) -> Person<'static> {
    Person {
        id: UserId(id),
        kind: AuthorKind::Human,
        username: format!("u{id}").into(),
        display_name: None,
        avatar: None,
    }
}
