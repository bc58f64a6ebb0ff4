//! What people and moderators did in history, in the words of the core, and what a bot of then would have read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use vigie_core::vocabulary::{
    AuditChange as ChangeWords, AuditEntry as EntryWords, AuditPage, AuthorKind, AutomodFact, Fact,
    GuildId, InviteFact, InviteList, MemberFact, MemberPage, Person, ReadingRequest, UnixMs,
    UserId,
};

use super::changes;
use crate::calendar::{DAY_MS, push_timestamp_in};
use crate::event::Happening;
use crate::guild::Guild;
use crate::invites::Invite;
use crate::limits;
use crate::members::NOBODY;
use crate::moderation::{AuditChange, AuditEntry, AuditQuery, AuditValue};
use crate::people::{Member, User};
use crate::world::World;

/// Members on a page of their list. Source: Discord, "List Guild Members".
const PAGE_MEMBERS: usize = 1_000;

impl World {
    /// What Discord would have answered at an instant of history to a reading of invites, of the audit log or of the members
    /// of a guild, all permissions and intents given. Of a guild that does not exist everything is empty.
    pub fn history_answer(&self, request: ReadingRequest, at: UnixMs) -> Fact<'static> {
        match request {
            ReadingRequest::Invites { guild, vanity } => {
                let (invites, address) = self.invites_at(guild, at);
                let facts = invites.iter().filter_map(|invite| {
                    self.guild(guild).map(|guild| invite_words(self, guild, invite))
                });
                Fact::Invites(InviteList {
                    guild,
                    invites: facts.collect(),
                    vanity: address
                        .filter(|_| vanity)
                        .map(|address| (Cow::Owned(address.code.to_string()), address.uses)),
                })
            }
            ReadingRequest::Audits { guild, after } => {
                let limit = limits::AUDIT_PAGE_MAX;
                let query = AuditQuery { after: Some(after), limit, ..AuditQuery::default() };
                let entries = self.audit_page_at(guild, query, at);
                let mut named = BTreeSet::new();
                for entry in &entries {
                    named.extend(entry.actor);
                    let names_user = matches!(entry.action_type, 20..=28 | 72 | 143..=146);
                    named.extend(entry.target.filter(|_| names_user).map(UserId));
                }
                let people = self.guild(guild).into_iter().flat_map(|guild| {
                    named.iter().map(|user| person(self, guild, *user)).collect::<Vec<_>>()
                });
                Fact::Audits(AuditPage {
                    guild,
                    after,
                    newest: entries.last().map(|entry| entry.id),
                    more: entries.len() == limit,
                    people: people.collect(),
                    entries: entries.into_iter().map(entry_words).collect(),
                })
            }
            ReadingRequest::Members { guild, after } => {
                let mut members = self.members_at(guild, at);
                members.retain(|member| member.person.id > after);
                let more = members.len() > PAGE_MEMBERS;
                members.truncate(PAGE_MEMBERS);
                let last = members.last().map(|member| member.person.id);
                Fact::Members(MemberPage { guild, after, last, more, members })
            }
        }
    }

    /// Members at an instant of history, by rising id.
    fn members_at(&self, id: GuildId, at: UnixMs) -> Vec<MemberFact<'static>> {
        let Some(guild) = self.guild(id) else { return Vec::new() };
        let founders = (0..guild.places)
            .map(|index| self.population.founding_member(guild, index, 0))
            .filter(|member| member.joined_at <= at)
            .map(|member| member_words(&member));
        let mut members: Vec<MemberFact<'static>> = founders.collect();
        let stays = &self.past(guild).society.stays;
        let was_there = stays.iter().filter(|stay| {
            stay.joined_at <= at && stay.left.is_some_and(|(left_at, _)| left_at > at)
        });
        members.extend(was_there.map(|stay| MemberFact {
            person: person(self, guild, stay.member),
            joined_at: stay.joined_at,
            rejoined: stay.rejoined,
        }));
        members.sort_unstable_by_key(|member| member.person.id);
        members
    }
}

/// What Discord told of a day of history (counted from 1970).
pub(super) fn of_day<'w>(
    world: &'w World,
    guild: &'w Guild,
    day: i64,
) -> &'w [(UnixMs, Happening)] {
    let events = &world.past(guild).events;
    let from = events.partition_point(|(at, _)| at.0 < day * DAY_MS);
    let to = events.partition_point(|(at, _)| at.0 < (day + 1) * DAY_MS);
    &events[from..to]
}

/// What the gateway told, in the words of the core.
pub(super) fn fact(world: &World, guild: &Guild, at: UnixMs, what: &Happening) -> Fact<'static> {
    let id = guild.id;
    match what {
        Happening::MemberAdd(member) => Fact::MemberJoined(id, member_words(member)),
        Happening::MemberUpdate(member) => {
            Fact::MemberUpdated(id, member_words(member).person, member.timed_out_until)
        }
        Happening::MemberRemove(user) => Fact::MemberLeft(id, person(world, guild, *user)),
        Happening::BanAdd(user) => Fact::Banned(id, person(world, guild, *user)),
        Happening::BanRemove(user) => Fact::Unbanned(id, person(world, guild, *user)),
        Happening::Audit(entry) => Fact::Audit(id, Box::new(entry_words(entry))),
        Happening::Automod(hit) => Fact::Automod(
            id,
            AutomodFact {
                member: hit.member,
                rule: hit.rule,
                action_type: hit.action_type,
                channel: Some(hit.channel),
                message: hit.message,
            },
        ),
        Happening::MessageDeleteBulk(channel, ids) => {
            Fact::MessagesDeleted(id, *channel, ids.len() as u32)
        }
        Happening::InviteCreate(invite) => {
            Fact::InviteCreated(id, invite_words(world, guild, invite))
        }
        Happening::InviteDelete(_, code) => Fact::InviteDeleted(id, Cow::Owned(code.to_string())),
        Happening::GuildUpdate => changes::details(world, guild, at),
        Happening::RoleCreate(role) | Happening::RoleUpdate(role) => {
            Fact::Role(id, changes::role_words(role))
        }
        Happening::EmojisUpdate(emojis) => {
            Fact::Emojis(id, emojis.iter().map(changes::emoji_words).collect())
        }
        // Nothing else happened in history.
        _ => Fact::Heard,
    }
}

fn invite_words(world: &World, guild: &Guild, invite: &Invite) -> InviteFact<'static> {
    InviteFact {
        code: Cow::Owned(invite.code.to_string()),
        channel: Some(invite.channel),
        inviter: Some(person(world, guild, invite.inviter)),
        uses: Some(invite.uses),
        max_uses: invite.max_uses,
        created_at: Some(invite.created_at),
        expires_at: invite.expires_at(),
        temporary: invite.temporary,
    }
}

fn member_words(member: &Member) -> MemberFact<'static> {
    MemberFact {
        person: user_words(&member.user, member.nick.clone()),
        joined_at: member.joined_at,
        rejoined: member.rejoined,
    }
}

/// Somebody who was in a guild in history.
fn person(world: &World, guild: &Guild, id: UserId) -> Person<'static> {
    let founder = world.population.founder(guild, id).unwrap_or(NOBODY);
    if founder != NOBODY {
        let member = world.population.founding_member(guild, founder, 0);
        return user_words(&member.user, member.nick);
    }
    user_words(&world.population.stranger(guild, id), None)
}

fn user_words(user: &User, nick: Option<String>) -> Person<'static> {
    Person {
        id: user.id,
        kind: if user.bot { AuthorKind::Bot } else { AuthorKind::Human },
        username: Cow::Owned(user.username.clone()),
        display_name: nick.or_else(|| user.global_name.clone()).map(Cow::Owned),
        avatar: user.avatar.map(|hash| Cow::Owned(hash.to_string())),
    }
}

fn entry_words(entry: &AuditEntry) -> EntryWords<'static> {
    let options = entry.options;
    EntryWords {
        id: entry.id,
        action_type: entry.action_type,
        actor: entry.actor,
        target: entry.target,
        reason: entry.reason.clone(),
        channel: options.channel,
        count: options.count.or(options.pruned.map(|(_, members)| members)),
        rule: options.rule.map(|(name, _)| Cow::Borrowed(name)),
        changes: entry.changes.iter().flat_map(change_words).collect(),
    }
}

/// The changes that the core is told; a role given or taken is one each.
fn change_words(change: &AuditChange) -> Vec<ChangeWords<'static>> {
    let key = Cow::Borrowed(change.key);
    match (change.key, &change.new) {
        ("$add" | "$remove", Some(AuditValue::Roles(roles))) => {
            let words = |(id, name): &(crate::guild::RoleId, String)| ChangeWords {
                key: key.clone(),
                role: Some(id.0),
                old: None,
                new: Some(Cow::Owned(name.clone())),
            };
            roles.iter().map(words).collect()
        }
        ("communication_disabled_until" | "nick" | "mute" | "deaf" | "code", _) => {
            let (old, new) = (change.old.as_ref().map(words), change.new.as_ref().map(words));
            vec![ChangeWords { key, role: None, old, new }]
        }
        _ => Vec::new(),
    }
}

fn words(value: &AuditValue) -> Cow<'static, str> {
    Cow::Owned(match value {
        AuditValue::Text(text) => text.clone(),
        AuditValue::Id(number) | AuditValue::Number(number) => number.to_string(),
        AuditValue::Flag(flag) => flag.to_string(),
        AuditValue::Time(at, hours_east) => {
            let mut text = String::new();
            push_timestamp_in(*at, *hours_east, &mut text);
            text
        }
        AuditValue::Roles(_) => String::new(),
    })
}
