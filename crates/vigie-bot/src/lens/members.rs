//! GUILD_MEMBER_ADD, GUILD_MEMBER_UPDATE, GUILD_MEMBER_REMOVE, and the pages of a guild's list of members: who came, who
//! changed, who went, who is there. Sources: Discord, "Gateway Events", Guild Member Add, Update and Remove; "Guild Resource",
//! Guild Member Object and List Guild Members.

use std::borrow::Cow;

use vigie_core::vocabulary::{Fact, GuildId, MemberFact, MemberPage, Person, UnixMs, UserId};

use super::scan::Scanner;
use super::user::User;
use super::value::Given;
use super::{Read, SetAside, reasons};
use crate::limits;

/// `DID_REJOIN`: they had been here before.
const DID_REJOIN: i64 = 1;

/// `IS_GUEST`: here for one voice channel only, by a guest invite, and no member.
const IS_GUEST: i64 = 1 << 4;

/// Entries of a full page.
const PAGE_MEMBERS: usize = limits::MEMBERS_PAGE as usize;

/// The fields of a member object that are read.
#[derive(Default)]
struct Member<'a> {
    guild: Given<u64>,
    user: Option<User<'a>>,
    nick: Option<Cow<'a, str>>,
    joined_at: Option<UnixMs>,
    flags: Option<i64>,
    timed_out_until: Option<UnixMs>,
}

/// Reads the `d` of a GUILD_MEMBER_ADD; the cursor is on it.
pub(super) fn read_added<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let member = Member::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let guild = member.guild()?;
    if member.is(IS_GUEST) {
        return Ok(Read::NotCounted("member.guest"));
    }
    let rejoined = member.is(DID_REJOIN);
    let joined_at = member.joined_at;
    let person = member.into_person()?;
    let joined_at = joined_at.ok_or(SetAside { reason: "member.missing_joined_at" })?;
    Ok(Read::Fact(Fact::MemberJoined(guild, MemberFact { person, joined_at, rejoined })))
}

/// Reads the `d` of a GUILD_MEMBER_UPDATE; the cursor is on it.
pub(super) fn read_updated<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let member = Member::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let guild = member.guild()?;
    if member.is(IS_GUEST) {
        return Ok(Read::NotCounted("member.guest"));
    }
    let until = member.timed_out_until;
    Ok(Read::Fact(Fact::MemberUpdated(guild, member.into_person()?, until)))
}

/// Reads the `d` of a GUILD_MEMBER_REMOVE, which tells guild and user alone; the cursor is on it.
pub(super) fn read_removed<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let member = Member::read(scanner).ok_or(reasons::MISSING_DATA)?;
    Ok(Read::Fact(Fact::MemberLeft(member.guild()?, member.into_person()?)))
}

/// Reads the answer to `GET /guilds/{guild}/members?after={after}&limit=1000`.
///
/// Guests, and entries without a user or an instant of joining, are left out of the members; they are part of the page all the
/// same: `last` is the greatest id on it, and `more` says whether there were as many entries as a page can have.
///
/// # Errors
/// [`SetAside`] when the text is broken or no list, which is what an answer other than a page is (`members.not_a_list`).
pub fn read_members(text: &str, guild: GuildId, after: UserId) -> Result<MemberPage<'_>, SetAside> {
    let mut scanner = Scanner::new(text, 0);
    if scanner.peek() != b'[' {
        return Err(scanner.broken().unwrap_or(SetAside { reason: "members.not_a_list" }));
    }
    scanner.enter(b'[');
    let mut entries = 0;
    let mut last = None;
    let mut members = Vec::new();
    while scanner.element() {
        entries += 1;
        let Some(member) = Member::read(&mut scanner) else { continue };
        last = last.max(member.user.as_ref().and_then(|user| user.id.ok()).map(UserId));
        if members.len() < PAGE_MEMBERS {
            members.extend(member.into_present());
        }
    }
    match scanner.broken() {
        Some(broken) => Err(broken),
        None => Ok(MemberPage { guild, after, last, more: entries >= PAGE_MEMBERS, members }),
    }
}

impl<'a> Member<'a> {
    /// Reads the value under the cursor; `None` if it is not an object.
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut member = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"guild_id" => member.guild = scanner.id(),
                b"user" => member.user = User::read(scanner),
                b"nick" => member.nick = scanner.name(),
                b"joined_at" => member.joined_at = scanner.instant(),
                b"flags" => member.flags = scanner.integer(),
                b"communication_disabled_until" => member.timed_out_until = scanner.instant(),
                _ => scanner.skip(),
            }
        }
        Some(member)
    }

    fn guild(&self) -> Result<GuildId, SetAside> {
        self.guild.or_set_aside("member.missing_guild").map(GuildId)
    }

    fn is(&self, flag: i64) -> bool {
        self.flags.unwrap_or(0) & flag != 0
    }

    fn into_person(self) -> Result<Person<'a>, SetAside> {
        let missing = SetAside { reason: "member.missing_user" };
        let user = self.user.ok_or(missing)?;
        let id = user.id.ok().ok_or(missing)?;
        let kind = user.kind();
        Ok(user.into_person(id, kind, self.nick))
    }

    /// Somebody on a list of members; `None` for a guest, and for what cannot be read.
    fn into_present(self) -> Option<MemberFact<'a>> {
        if self.is(IS_GUEST) {
            return None;
        }
        let (joined_at, rejoined) = (self.joined_at?, self.is(DID_REJOIN));
        Some(MemberFact { person: self.into_person().ok()?, joined_at, rejoined })
    }
}
