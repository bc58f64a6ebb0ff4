//! INVITE_CREATE and INVITE_DELETE, and a guild's list of invites with its vanity address.
//! Sources: Discord, "Gateway Events", Invite Create and Delete; "Invite Resource"; "Guild Resource", Get Guild Invites and Get Guild
//! Vanity URL.

use std::borrow::Cow;

use vigie_core::vocabulary::{ChannelId, Fact, GuildId, InviteFact, InviteList, Person, UnixMs};

use super::scan::Scanner;
use super::user::User;
use super::value::{Given, beyond};
use super::{Read, SetAside, reasons};
use crate::limits;

/// The fields of an invite that are read.
#[derive(Default)]
struct Invite<'a> {
    guild: Given<u64>,
    code: Option<Cow<'a, str>>,
    /// `channel_id`, as events have it.
    channel: Given<u64>,
    /// `channel.id`, as lists have it.
    channel_object: Given<u64>,
    inviter: Option<User<'a>>,
    uses: Option<u32>,
    max_uses: Option<u32>,
    max_age_s: Option<u32>,
    created_at: Option<UnixMs>,
    expires_at: Option<UnixMs>,
    temporary: bool,
}

/// Reads the `d` of an INVITE_CREATE; the cursor is on it.
pub(super) fn read_created<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let invite = Invite::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let Some(guild) = invite.guild()? else { return Ok(Read::NotCounted("invite.direct")) };
    Ok(Read::Fact(Fact::InviteCreated(guild, invite.into_fact()?)))
}

/// Reads the `d` of an INVITE_DELETE; the cursor is on it.
pub(super) fn read_deleted<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let invite = Invite::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let Some(guild) = invite.guild()? else { return Ok(Read::NotCounted("invite.direct")) };
    let code = invite.code.ok_or(SetAside { reason: "invite.missing_code" })?;
    Ok(Read::Fact(Fact::InviteDeleted(guild, code)))
}

/// Reads the answers to `GET /guilds/{guild}/invites` and, where it was asked for and given, `GET /guilds/{guild}/vanity-url`.
///
/// Invites without a code are left out. A vanity address that cannot be read is as good as none.
///
/// # Errors
/// [`SetAside`] when the list is broken or no list, which is what an answer other than a list is (`invites.not_a_list`).
pub fn read_invites<'a>(
    text: &'a str,
    vanity: Option<&'a str>,
    guild: GuildId,
) -> Result<InviteList<'a>, SetAside> {
    let mut scanner = Scanner::new(text, 0);
    if scanner.peek() != b'[' {
        return Err(scanner.broken().unwrap_or(SetAside { reason: "invites.not_a_list" }));
    }
    scanner.enter(b'[');
    let mut invites = Vec::new();
    while scanner.element() {
        let Some(invite) = Invite::read(&mut scanner) else { continue };
        if invites.len() < limits::INVITES_PER_GUILD_MAX {
            invites.extend(invite.into_fact());
        }
    }
    if let Some(broken) = scanner.broken() {
        return Err(broken);
    }
    Ok(InviteList { guild, invites, vanity: vanity.and_then(read_vanity) })
}

/// The vanity address and how often it was used; `None` where there is none, or it cannot be read.
fn read_vanity(text: &str) -> Option<(Cow<'_, str>, u32)> {
    let mut scanner = Scanner::new(text, 0);
    if !scanner.enter(b'{') {
        return None;
    }
    let (mut code, mut uses) = (None, None);
    while let Some(key) = scanner.key() {
        match key {
            b"code" => code = read_code(&mut scanner),
            b"uses" => uses = scanner.count(),
            _ => scanner.skip(),
        }
    }
    code.zip(uses).filter(|_| scanner.broken().is_none())
}

/// A code; a text too long for one is none: cut, it would name another invite.
pub(super) fn read_code<'a>(scanner: &mut Scanner<'a>) -> Option<Cow<'a, str>> {
    let text = scanner.text(beyond(limits::INVITE_CODE_BYTES_MAX))?;
    (1..=limits::INVITE_CODE_BYTES_MAX).contains(&text.len()).then_some(text)
}

impl<'a> Invite<'a> {
    /// Reads the value under the cursor; `None` if it is not an object.
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut invite = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"guild_id" => invite.guild = scanner.id(),
                b"code" => invite.code = read_code(scanner),
                b"channel_id" => invite.channel = scanner.id(),
                b"channel" => invite.channel_object = read_id_of(scanner),
                b"inviter" => invite.inviter = User::read(scanner),
                b"uses" => invite.uses = scanner.count(),
                b"max_uses" => invite.max_uses = scanner.count(),
                b"max_age" => invite.max_age_s = scanner.count(),
                b"created_at" => invite.created_at = scanner.instant(),
                b"expires_at" => invite.expires_at = scanner.instant(),
                b"temporary" => invite.temporary = scanner.is_true(),
                _ => scanner.skip(),
            }
        }
        Some(invite)
    }

    /// `None` for an invite to a group of friends.
    fn guild(&self) -> Result<Option<GuildId>, SetAside> {
        match self.guild {
            Given::Absent => Ok(None),
            given => given.or_set_aside("invite.missing_guild").map(|id| Some(GuildId(id))),
        }
    }

    fn into_fact(self) -> Result<InviteFact<'a>, SetAside> {
        let expires_at = self.expires_at.or_else(|| {
            // 0 is for never.
            let age_ms =
                self.max_age_s.filter(|age_s| *age_s > 0).map(|age_s| i64::from(age_s) * 1_000)?;
            Some(UnixMs(self.created_at?.0.saturating_add(age_ms)))
        });
        Ok(InviteFact {
            code: self.code.ok_or(SetAside { reason: "invite.missing_code" })?,
            channel: self.channel.ok().or(self.channel_object.ok()).map(ChannelId),
            inviter: self.inviter.and_then(person),
            uses: self.uses,
            max_uses: self.max_uses.unwrap_or(0),
            created_at: self.created_at,
            expires_at,
            temporary: self.temporary,
        })
    }
}

fn person(user: User<'_>) -> Option<Person<'_>> {
    let (id, kind) = (user.id.ok()?, user.kind());
    Some(user.into_person(id, kind, None))
}

/// The `id` of the object under the cursor.
fn read_id_of(scanner: &mut Scanner<'_>) -> Given<u64> {
    if !scanner.enter(b'{') {
        return Given::Absent;
    }
    let mut id = Given::Absent;
    while scanner.key_where(|key| key == b"id").is_some() {
        id = scanner.id();
    }
    id
}
