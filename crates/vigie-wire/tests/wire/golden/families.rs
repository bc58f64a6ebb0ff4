//! The samples of members, moderation, invites, and of what a guild has.

use vigie_core::vocabulary::{
    Access, Attribution, AttributionMethod, AuditChange, AuditEntry, AuditId, AuditPage,
    AuthorKind, AutomodFact, Candidate, Case, CaseSource, Change, Confidence, CoverageFamily,
    CoverageReason, CoverageSpan, CoverageState, Departure, EmojiId, Fact, GuildDetails,
    GuildDetailsFact, GuildEmojiFact, GuildEmojiRecord, HistoryRefusal, InviteFact, InviteList,
    InviteRecord, Join, MemberFact, MemberPage, ModerationAction, Reading, ReadingRequest, Record,
    RoleFact, RoleId, RoleRecord, UnixMs, UserId,
};

use super::later::{BOT, GENERAL, MESSAGE, owner, person};
use super::{AT, GUILD, OWNER};

const ENTRY: AuditId = AuditId(1_573_336_668_981_100_600);
const ROLE: RoleId = RoleId(613_425_648_685_547_777);

fn later(ms: i64) -> UnixMs {
    UnixMs(AT.0 + ms)
}

/// The records, by the names of their files.
pub fn samples() -> Vec<(&'static str, Record)> {
    let access = |reading, at, allowed| Access { reading, at, allowed };
    let accesses = vec![
        access(Reading::AuditLog, AT, false),
        access(Reading::Invites, later(7), true),
        access(Reading::Members, later(-7), false),
    ];
    let bare = GuildDetails { at: AT, ..GuildDetails::default() };
    vec![
        ("joins", Record::Joins(GUILD, joins())),
        ("departures", Record::Departures(GUILD, departures())),
        ("members_listed", Record::MembersListed(GUILD, AT)),
        ("cases", Record::Cases(GUILD, cases())),
        ("invites", Record::Invites(GUILD, invites())),
        ("attributions", Record::Attributions(GUILD, attributions())),
        ("guild_details", Record::GuildDetails(GUILD, Box::new(details()))),
        ("guild_details_bare", Record::GuildDetails(GUILD, Box::new(bare))),
        ("access", Record::Access(GUILD, accesses)),
        ("coverage_families", Record::Coverage(GUILD, spans())),
    ]
}

/// Spans of the families whose number has a third bit, and of the last that has none.
fn spans() -> Vec<CoverageSpan> {
    let span =
        |family, until, state, reason| CoverageSpan { family, from: AT, until, state, reason };
    let (recovered, blind) = (CoverageState::Recovered, CoverageState::Blind);
    let lost = CoverageReason::SessionLost;
    vec![
        span(CoverageFamily::Members, Some(later(9)), blind, lost),
        span(CoverageFamily::Moderation, Some(later(9)), recovered, lost),
        span(CoverageFamily::Moderation, None, blind, CoverageReason::MissingPermission),
    ]
}

fn joins() -> Vec<Join> {
    let join = |member, kind, joined_at, rejoined, listed| Join {
        member,
        kind,
        joined_at,
        rejoined,
        listed,
    };
    vec![
        join(OWNER, AuthorKind::Human, AT, false, None),
        join(BOT, AuthorKind::Bot, later(13), false, Some(later(20))),
        join(OWNER, AuthorKind::Human, later(-86_400_000), true, Some(later(20))),
        join(UserId(u64::MAX), AuthorKind::Human, UnixMs(i64::MIN), true, None),
    ]
}

fn departures() -> Vec<Departure> {
    let departure = |member, kind, left_at| Departure { member, kind, left_at };
    vec![
        departure(OWNER, AuthorKind::Human, AT),
        departure(BOT, AuthorKind::Bot, later(-1)),
        departure(UserId(0), AuthorKind::Human, UnixMs(i64::MAX)),
    ]
}

fn cases() -> Vec<Case> {
    let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
        field: field.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
    };
    let fact = Case { at: AT, target: Some(OWNER), ..Case::default() };
    let whole = Case {
        audit: Some(ENTRY),
        action: ModerationAction::VoiceDeafen,
        source: CaseSource::AuditRead,
        at: later(-1_500),
        target: Some(OWNER),
        moderator: Some(BOT),
        reason: Some("trop de bruit 🔇".into()),
        channel: Some(GENERAL),
        count: Some(u32::MAX),
        until: Some(later(60_000)),
        changes: vec![
            change("deaf", Some("false"), Some("true")),
            change("role_added", Some("613425648685547777"), None),
            change("", None, Some("")),
        ],
    };
    let of = |(number, action): (u64, ModerationAction)| Case {
        audit: Some(AuditId(ENTRY.0 + number)),
        action,
        source: CaseSource::AuditPushed,
        at: AT,
        ..Case::default()
    };
    let all = (1..).zip(ModerationAction::ALL).map(of);
    [fact, whole].into_iter().chain(all).collect()
}

fn invites() -> Vec<InviteRecord> {
    vec![
        InviteRecord {
            code: "AbC123xY".into(),
            at: AT,
            is_vanity: false,
            channel: Some(GENERAL),
            inviter: Some(OWNER),
            uses: Some(4),
            max_uses: 5,
            created_at: Some(later(-86_400_000)),
            expires_at: Some(later(86_400_000)),
            ended_at: Some(later(1)),
            temporary: true,
        },
        InviteRecord { code: "harbour".into(), at: AT, is_vanity: true, ..InviteRecord::default() },
        InviteRecord { uses: Some(u32::MAX), max_uses: u32::MAX, ..InviteRecord::default() },
    ]
}

fn attributions() -> Vec<Attribution> {
    let candidate = |code: &str, inviter, used, ended| Candidate {
        code: code.to_owned(),
        inviter,
        used,
        ended,
    };
    let unknown = Attribution { member: OWNER, joined_at: AT, burst: 1, ..Attribution::default() };
    let of = |method, confidence, code: Option<&str>| Attribution {
        method,
        confidence,
        code: code.map(str::to_owned),
        ..unknown.clone()
    };
    let ambiguous = Attribution {
        member: BOT,
        joined_at: later(13),
        inviter: Some(OWNER),
        candidates: vec![
            candidate("AbC123xY", Some(OWNER), 2, true),
            candidate("dEf456", None, 19, false),
        ],
        burst: 20,
        ..of(AttributionMethod::Ambiguous, Confidence::Likely, Some("dEf456"))
    };
    let exact = Confidence::Exact;
    vec![
        unknown.clone(),
        of(AttributionMethod::SingleUse, exact, Some("AbC123xY")),
        of(AttributionMethod::UsesDiff, exact, Some("AbC123xY")),
        of(AttributionMethod::Vanity, exact, Some("harbour")),
        ambiguous,
        of(AttributionMethod::BotAdded, Confidence::None, None),
    ]
}

fn details() -> GuildDetails {
    let role = RoleRecord {
        id: ROLE,
        name: "Pilote".into(),
        color: 0x0034_98db,
        position: 3,
        permissions: 1 << 40 | 8,
        managed: true,
        deleted: false,
    };
    let gone = RoleRecord { id: RoleId(5), position: -1, deleted: true, ..RoleRecord::default() };
    let emoji = |id, name: &str, animated| GuildEmojiRecord {
        id: EmojiId(id),
        name: name.to_owned(),
        animated,
    };
    GuildDetails {
        at: AT,
        roles: vec![role, gone],
        emojis: Some(vec![
            emoji(41_771_983_429_993_937, "ancre", true),
            emoji(41_771_983_444_115_456, "", false),
        ]),
        features: Some(vec!["COMMUNITY".into(), "VANITY_URL".into()]),
        fields: vec![
            ("description".into(), Some("Un port ⚓".into())),
            ("banner".into(), None),
            ("mfa_level".into(), Some("1".into())),
        ],
        complete: true,
    }
}

fn member(joined_at: UnixMs, rejoined: bool) -> MemberFact<'static> {
    MemberFact { person: owner(), joined_at, rejoined }
}

fn entry() -> AuditEntry<'static> {
    AuditEntry {
        id: ENTRY,
        action_type: 24,
        actor: Some(BOT),
        target: Some(OWNER.0),
        reason: Some("trop de bruit 🔇".into()),
        channel: Some(GENERAL),
        count: Some(3),
        rule: Some("liens".into()),
        changes: vec![
            AuditChange {
                key: "communication_disabled_until".into(),
                role: None,
                old: None,
                new: Some("2026-11-20T13:00:07.250000+01:00".into()),
            },
            AuditChange {
                key: "$add".into(),
                role: Some(ROLE.0),
                old: Some("".into()),
                new: Some("Pilote".into()),
            },
        ],
    }
}

fn invite() -> InviteFact<'static> {
    InviteFact {
        code: "AbC123xY".into(),
        channel: Some(GENERAL),
        inviter: Some(owner()),
        uses: Some(4),
        max_uses: 5,
        created_at: Some(later(-86_400_000)),
        expires_at: Some(later(86_400_000)),
        temporary: true,
    }
}

fn role() -> RoleFact<'static> {
    RoleFact {
        id: ROLE,
        name: "Pilote".into(),
        color: 0x0034_98db,
        position: -3,
        permissions: u64::MAX,
        managed: true,
    }
}

fn emojis() -> Vec<GuildEmojiFact<'static>> {
    let emoji = |id, animated| GuildEmojiFact { id: EmojiId(id), name: "ancre".into(), animated };
    vec![emoji(41_771_983_429_993_937, true), emoji(5, false)]
}

fn details_fact() -> GuildDetailsFact<'static> {
    GuildDetailsFact {
        guild: GUILD,
        roles: vec![role(), RoleFact::default()],
        emojis: emojis(),
        features: vec!["COMMUNITY".into()],
        vanity: Some("harbour".into()),
        fields: vec![("description".into(), Some("Un port ⚓".into())), ("banner".into(), None)],
    }
}

/// Each fact of these families in each of its forms.
pub fn facts() -> Vec<Fact<'static>> {
    let automod = AutomodFact {
        member: OWNER,
        rule: 613_425_648_685_547_888,
        action_type: 3,
        channel: Some(GENERAL),
        message: Some(MESSAGE),
    };
    let blocked = AutomodFact { channel: None, message: None, ..automod.clone() };
    let helper = person(BOT, AuthorKind::Bot, None);
    let mut facts = vec![
        Fact::MemberJoined(GUILD, member(AT, false)),
        Fact::MemberJoined(GUILD, member(later(13), true)),
        Fact::MemberLeft(GUILD, owner()),
        Fact::MemberUpdated(GUILD, owner(), Some(later(60_000))),
        Fact::MemberUpdated(GUILD, helper.clone(), None),
        Fact::Banned(GUILD, owner()),
        Fact::Unbanned(GUILD, helper),
        Fact::Audit(GUILD, Box::new(entry())),
        Fact::Audit(GUILD, Box::default()),
        Fact::Automod(GUILD, automod),
        Fact::Automod(GUILD, blocked),
        Fact::MessagesDeleted(GUILD, GENERAL, 100),
        Fact::InviteCreated(GUILD, invite()),
        Fact::InviteCreated(GUILD, InviteFact::default()),
        Fact::InviteDeleted(GUILD, "AbC123xY".into()),
        Fact::GuildDetails(Box::new(details_fact())),
        Fact::Role(GUILD, role()),
        Fact::RoleDeleted(GUILD, ROLE),
        Fact::Emojis(GUILD, emojis()),
    ];
    facts.extend(answers());
    facts
}

/// Answers to readings, and refusals of them.
fn answers() -> [Fact<'static>; 9] {
    let audits = AuditPage {
        guild: GUILD,
        after: ENTRY,
        newest: Some(AuditId(ENTRY.0 + 9)),
        more: true,
        entries: vec![entry()],
        people: vec![owner()],
    };
    let members = MemberPage {
        guild: GUILD,
        after: OWNER,
        last: Some(BOT),
        more: true,
        members: vec![member(AT, false), member(later(1), true)],
    };
    let list =
        InviteList { guild: GUILD, invites: vec![invite()], vanity: Some(("harbour".into(), 70)) };
    let no_audits = AuditPage {
        newest: None,
        more: false,
        entries: Vec::new(),
        people: Vec::new(),
        ..audits.clone()
    };
    let no_members = MemberPage { last: None, more: false, members: Vec::new(), ..members.clone() };
    let no_invites = InviteList { guild: GUILD, invites: Vec::new(), vanity: None };
    let refused = |request, why| Fact::ReadingRefused(request, why);
    [
        Fact::Audits(audits),
        Fact::Audits(no_audits),
        Fact::Members(members),
        Fact::Members(no_members),
        Fact::Invites(list),
        Fact::Invites(no_invites),
        refused(
            ReadingRequest::Invites { guild: GUILD, vanity: true },
            HistoryRefusal::MissingPermission,
        ),
        refused(ReadingRequest::Audits { guild: GUILD, after: ENTRY }, HistoryRefusal::Gone),
        refused(ReadingRequest::Members { guild: GUILD, after: OWNER }, HistoryRefusal::Refused),
    ]
}
