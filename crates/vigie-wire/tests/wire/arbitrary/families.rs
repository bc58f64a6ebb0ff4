//! Arbitrary records and facts of members, moderation, invites, and of what a guild has.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    Access, Attribution, AttributionMethod, AuditChange, AuditEntry, AuditId, AuditPage,
    AutomodFact, Candidate, Case, CaseSource, Change, ChannelId, Confidence, Departure, EmojiId,
    Fact, GuildDetails, GuildDetailsFact, GuildEmojiFact, GuildEmojiRecord, GuildId, InviteFact,
    InviteList, InviteRecord, Join, MemberFact, MemberPage, MessageId, ModerationAction, Reading,
    ReadingRequest, Record, RoleFact, RoleId, RoleRecord, UnixMs, UserId,
};

use super::facts::{person, refusal};
use super::{count, id, kind, text};

fn guild() -> BoxedStrategy<GuildId> {
    id().prop_map(GuildId).boxed()
}

fn user() -> BoxedStrategy<UserId> {
    id().prop_map(UserId).boxed()
}

fn channel() -> BoxedStrategy<ChannelId> {
    id().prop_map(ChannelId).boxed()
}

/// Instants as they come: close together, now and then not.
fn instant() -> BoxedStrategy<UnixMs> {
    prop_oneof![4 => 1_795_176_007_250_i64..1_795_176_009_999, 1 => any::<i64>()]
        .prop_map(UnixMs)
        .boxed()
}

fn join() -> BoxedStrategy<Join> {
    (user(), kind(), instant(), any::<bool>(), option::of(instant()))
        .prop_map(|(member, kind, joined_at, rejoined, listed)| Join {
            member,
            kind,
            joined_at,
            rejoined,
            listed,
        })
        .boxed()
}

fn departure() -> BoxedStrategy<Departure> {
    (user(), kind(), instant())
        .prop_map(|(member, kind, left_at)| Departure { member, kind, left_at })
        .boxed()
}

fn change() -> BoxedStrategy<Change> {
    (text(), option::of(text()), option::of(text()))
        .prop_map(|(field, old, new)| Change { field, old, new })
        .boxed()
}

fn case() -> BoxedStrategy<Case> {
    let action =
        (0..16_u8).prop_map(|at| ModerationAction::from_u8(at).expect("0..15 are actions"));
    let source = (0..3_u8).prop_map(|at| CaseSource::from_u8(at).expect("0..2 are sources"));
    let ids = (option::of(id()), option::of(user()), option::of(user()), option::of(channel()));
    let rest = (option::of(text()), option::of(count()), option::of(instant()));
    (action, source, instant(), ids, rest, vec(change(), 0..4))
        .prop_map(|(action, source, at, ids, (reason, count, until), changes)| Case {
            audit: ids.0.map(AuditId),
            action,
            source,
            at,
            target: ids.1,
            moderator: ids.2,
            reason,
            channel: ids.3,
            count,
            until,
            changes,
        })
        .boxed()
}

fn invite() -> BoxedStrategy<InviteRecord> {
    let instants = (option::of(instant()), option::of(instant()), option::of(instant()));
    let places = (option::of(channel()), option::of(user()));
    let uses = (option::of(count()), count());
    (text(), instant(), any::<(bool, bool)>(), places, uses, instants)
        .prop_map(|(code, at, flags, (channel, inviter), (uses, max_uses), instants)| {
            InviteRecord {
                code,
                at,
                is_vanity: flags.0,
                channel,
                inviter,
                uses,
                max_uses,
                created_at: instants.0,
                expires_at: instants.1,
                ended_at: instants.2,
                temporary: flags.1,
            }
        })
        .boxed()
}

fn attribution() -> BoxedStrategy<Attribution> {
    let method = (0..6_u8).prop_map(|at| AttributionMethod::from_u8(at).expect("0..5 are methods"));
    let confidence = (0..3_u8).prop_map(|at| Confidence::from_u8(at).expect("0..2 are known"));
    let candidate = (text(), option::of(user()), count(), any::<bool>())
        .prop_map(|(code, inviter, used, ended)| Candidate { code, inviter, used, ended });
    let by = (option::of(text()), option::of(user()));
    (user(), instant(), method, confidence, by, vec(candidate, 0..4), count())
        .prop_map(|(member, joined_at, method, confidence, (code, inviter), candidates, burst)| {
            Attribution { member, joined_at, method, confidence, code, inviter, candidates, burst }
        })
        .boxed()
}

fn role() -> BoxedStrategy<RoleRecord> {
    let figures = (any::<u32>(), any::<i32>(), any::<u64>());
    (id(), text(), figures, any::<(bool, bool)>())
        .prop_map(|(id, name, (color, position, permissions), (managed, deleted))| RoleRecord {
            id: RoleId(id),
            name,
            color,
            position,
            permissions,
            managed,
            deleted,
        })
        .boxed()
}

fn emoji() -> BoxedStrategy<GuildEmojiRecord> {
    (id(), text(), any::<bool>())
        .prop_map(|(id, name, animated)| GuildEmojiRecord { id: EmojiId(id), name, animated })
        .boxed()
}

fn details() -> BoxedStrategy<GuildDetails> {
    let emojis = option::of(vec(emoji(), 0..4));
    let features = option::of(vec(text(), 0..4));
    let fields = vec((text(), option::of(text())), 0..4);
    (instant(), vec(role(), 0..5), emojis, features, fields, any::<bool>())
        .prop_map(|(at, roles, emojis, features, fields, complete)| GuildDetails {
            at,
            roles,
            emojis,
            features,
            fields,
            complete,
        })
        .boxed()
}

fn reading() -> BoxedStrategy<Reading> {
    proptest::sample::select(&Reading::ALL[..]).boxed()
}

/// Any record of these families: those that leave at once.
pub fn record() -> BoxedStrategy<Record> {
    let access = (reading(), instant(), any::<bool>()).prop_map(|(reading, at, allowed)| Access {
        reading,
        at,
        allowed,
    });
    prop_oneof![
        (guild(), vec(join(), 0..9)).prop_map(|(guild, list)| Record::Joins(guild, list)).boxed(),
        (guild(), vec(departure(), 0..9))
            .prop_map(|(guild, list)| Record::Departures(guild, list))
            .boxed(),
        (guild(), instant()).prop_map(|(guild, at)| Record::MembersListed(guild, at)).boxed(),
        (guild(), vec(case(), 0..6)).prop_map(|(guild, list)| Record::Cases(guild, list)).boxed(),
        (guild(), vec(invite(), 0..6))
            .prop_map(|(guild, list)| Record::Invites(guild, list))
            .boxed(),
        (guild(), vec(attribution(), 0..6))
            .prop_map(|(guild, list)| Record::Attributions(guild, list))
            .boxed(),
        (guild(), details())
            .prop_map(|(guild, details)| Record::GuildDetails(guild, Box::new(details)))
            .boxed(),
        (guild(), vec(access, 0..6)).prop_map(|(guild, list)| Record::Access(guild, list)).boxed(),
    ]
    .boxed()
}

fn member_fact() -> BoxedStrategy<MemberFact<'static>> {
    (person(), instant(), any::<bool>())
        .prop_map(|(person, joined_at, rejoined)| MemberFact { person, joined_at, rejoined })
        .boxed()
}

fn entry() -> BoxedStrategy<AuditEntry<'static>> {
    let change = (text(), option::of(id()), option::of(text()), option::of(text())).prop_map(
        |(key, role, old, new)| AuditChange {
            key: key.into(),
            role,
            old: old.map(Into::into),
            new: new.map(Into::into),
        },
    );
    let ids = (id(), option::of(user()), option::of(id()), option::of(channel()));
    let texts = (option::of(text()), option::of(text()));
    (ids, any::<u16>(), texts, option::of(count()), vec(change, 0..4))
        .prop_map(|(ids, action_type, (reason, rule), count, changes)| AuditEntry {
            id: AuditId(ids.0),
            action_type,
            actor: ids.1,
            target: ids.2,
            reason: reason.map(Into::into),
            channel: ids.3,
            count,
            rule: rule.map(Into::into),
            changes,
        })
        .boxed()
}

fn invite_fact() -> BoxedStrategy<InviteFact<'static>> {
    (invite(), option::of(person()))
        .prop_map(|(invite, inviter)| InviteFact {
            code: invite.code.into(),
            channel: invite.channel,
            inviter,
            uses: invite.uses,
            max_uses: invite.max_uses,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
            temporary: invite.temporary,
        })
        .boxed()
}

fn role_fact() -> BoxedStrategy<RoleFact<'static>> {
    role()
        .prop_map(|role| RoleFact {
            id: role.id,
            name: role.name.into(),
            color: role.color,
            position: role.position,
            permissions: role.permissions,
            managed: role.managed,
        })
        .boxed()
}

fn emoji_facts() -> BoxedStrategy<Vec<GuildEmojiFact<'static>>> {
    let fact = emoji().prop_map(|emoji| GuildEmojiFact {
        id: emoji.id,
        name: emoji.name.into(),
        animated: emoji.animated,
    });
    vec(fact, 0..4).boxed()
}

fn details_fact() -> BoxedStrategy<GuildDetailsFact<'static>> {
    let fields = vec((text(), option::of(text())), 0..4);
    let lists = (vec(role_fact(), 0..4), emoji_facts(), vec(text(), 0..4));
    (guild(), lists, option::of(text()), fields)
        .prop_map(|(guild, (roles, emojis, features), vanity, fields)| GuildDetailsFact {
            guild,
            roles,
            emojis,
            features: features.into_iter().map(Into::into).collect(),
            vanity: vanity.map(Into::into),
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.map(Into::into)))
                .collect(),
        })
        .boxed()
}

fn answers() -> BoxedStrategy<Fact<'static>> {
    let request = prop_oneof![
        (guild(), any::<bool>())
            .prop_map(|(guild, vanity)| ReadingRequest::Invites { guild, vanity })
            .boxed(),
        (guild(), id())
            .prop_map(|(guild, after)| ReadingRequest::Audits { guild, after: AuditId(after) })
            .boxed(),
        (guild(), user())
            .prop_map(|(guild, after)| ReadingRequest::Members { guild, after })
            .boxed(),
    ];
    let members =
        (guild(), user(), option::of(user()), any::<bool>(), vec(member_fact(), 0..5)).prop_map(
            |(guild, after, last, more, members)| MemberPage { guild, after, last, more, members },
        );
    let pages = (vec(entry(), 0..4), vec(person(), 0..4));
    let audits = (guild(), id(), option::of(id()), any::<bool>(), pages).prop_map(
        |(guild, after, newest, more, (entries, people))| AuditPage {
            guild,
            after: AuditId(after),
            newest: newest.map(AuditId),
            more,
            entries,
            people,
        },
    );
    let vanity = option::of((text(), count()));
    let invites =
        (guild(), vec(invite_fact(), 0..4), vanity).prop_map(|(guild, invites, vanity)| {
            InviteList { guild, invites, vanity: vanity.map(|(code, uses)| (code.into(), uses)) }
        });
    prop_oneof![
        members.prop_map(Fact::Members).boxed(),
        audits.prop_map(Fact::Audits).boxed(),
        invites.prop_map(Fact::Invites).boxed(),
        (request, refusal()).prop_map(|(request, why)| Fact::ReadingRefused(request, why)).boxed(),
    ]
    .boxed()
}

fn automod() -> BoxedStrategy<AutomodFact> {
    let message = option::of(id().prop_map(MessageId));
    (user(), id(), any::<u8>(), option::of(channel()), message)
        .prop_map(|(member, rule, action_type, channel, message)| AutomodFact {
            member,
            rule,
            action_type,
            channel,
            message,
        })
        .boxed()
}

/// Any fact of these families.
pub fn fact() -> BoxedStrategy<Fact<'static>> {
    let of_people = prop_oneof![
        (guild(), member_fact())
            .prop_map(|(guild, member)| Fact::MemberJoined(guild, member))
            .boxed(),
        (guild(), person()).prop_map(|(guild, person)| Fact::MemberLeft(guild, person)).boxed(),
        (guild(), person(), option::of(instant()))
            .prop_map(|(guild, person, until)| Fact::MemberUpdated(guild, person, until))
            .boxed(),
        (guild(), person()).prop_map(|(guild, person)| Fact::Banned(guild, person)).boxed(),
        (guild(), person()).prop_map(|(guild, person)| Fact::Unbanned(guild, person)).boxed(),
    ];
    let of_acts = prop_oneof![
        (guild(), entry()).prop_map(|(guild, entry)| Fact::Audit(guild, Box::new(entry))).boxed(),
        (guild(), automod()).prop_map(|(guild, fact)| Fact::Automod(guild, fact)).boxed(),
        (guild(), channel(), count())
            .prop_map(|(guild, channel, count)| Fact::MessagesDeleted(guild, channel, count))
            .boxed(),
        (guild(), invite_fact())
            .prop_map(|(guild, invite)| Fact::InviteCreated(guild, invite))
            .boxed(),
        (guild(), text()).prop_map(|(guild, code)| Fact::InviteDeleted(guild, code.into())).boxed(),
    ];
    let of_guilds = prop_oneof![
        details_fact().prop_map(|details| Fact::GuildDetails(Box::new(details))).boxed(),
        (guild(), role_fact()).prop_map(|(guild, role)| Fact::Role(guild, role)).boxed(),
        (guild(), id()).prop_map(|(guild, role)| Fact::RoleDeleted(guild, RoleId(role))).boxed(),
        (guild(), emoji_facts()).prop_map(|(guild, emojis)| Fact::Emojis(guild, emojis)).boxed(),
    ];
    prop_oneof![of_people, of_acts, of_guilds, answers()].boxed()
}
