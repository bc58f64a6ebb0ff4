//! Entries of a guild's audit log, pushed (GUILD_AUDIT_LOG_ENTRY_CREATE) or read: who did what to whom, and why.
//! Source: Discord, "Audit Logs Resource".

use std::borrow::Cow;

use vigie_core::vocabulary::{
    AuditChange, AuditEntry, AuditId, AuditPage, ChannelId, Fact, GuildId, Person, UserId,
};

use super::scan::Scanner;
use super::user::User;
use super::value::Given;
use super::{Read, SetAside, reasons};
use crate::limits;

/// Entries of a full page.
const PAGE_ENTRIES: usize = limits::AUDIT_PAGE_ENTRIES as usize;

/// The fields of an entry that are read.
#[derive(Default)]
struct Entry<'a> {
    guild: Given<u64>,
    id: Given<u64>,
    actor: Given<u64>,
    target: Given<u64>,
    action_type: Option<i64>,
    reason: Option<Cow<'a, str>>,
    options: Options<'a>,
    changes: Vec<AuditChange<'a>>,
}

/// The fields of an entry's `options` that are read. Discord writes the numbers in them as strings.
#[derive(Default)]
struct Options<'a> {
    channel: Given<u64>,
    count: Option<u32>,
    members_removed: Option<u32>,
    rule: Option<Cow<'a, str>>,
}

/// Reads the `d` of a GUILD_AUDIT_LOG_ENTRY_CREATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let entry = Entry::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let guild = GuildId(entry.guild.or_set_aside("audit.missing_guild")?);
    Ok(Read::Fact(Fact::Audit(guild, Box::new(entry.into_entry()?))))
}

/// Reads the answer to `GET /guilds/{guild}/audit-logs?after={after}&limit=100`.
///
/// Entries that cannot be read are left out; they are part of the page all the same: `newest` is the newest of all its entries with
/// an id, and `more` says whether there were as many entries as a page can have.
///
/// # Errors
/// [`SetAside`] when the text is broken or without a list of entries, which is what an answer other than a page is
/// (`audit.not_a_page`).
pub fn read_audits(text: &str, guild: GuildId, after: AuditId) -> Result<AuditPage<'_>, SetAside> {
    let mut scanner = Scanner::new(text, 0);
    let mut page = None;
    let mut people = Vec::new();
    if scanner.peek() == b'{' {
        scanner.enter(b'{');
        while let Some(key) = scanner.key() {
            match key {
                b"audit_log_entries" => page = read_entries(&mut scanner),
                b"users" => read_people(&mut scanner, &mut people),
                _ => scanner.skip(),
            }
        }
    }
    if let Some(broken) = scanner.broken() {
        return Err(broken);
    }
    let (count, newest, mut entries) = page.ok_or(SetAside { reason: "audit.not_a_page" })?;
    entries.sort_by_key(|entry: &AuditEntry<'_>| entry.id);
    Ok(AuditPage { guild, after, newest, more: count >= PAGE_ENTRIES, entries, people })
}

/// How many entries the list under the cursor has, the newest of them, and those that can be read; `None` if it is no list.
fn read_entries<'a>(
    scanner: &mut Scanner<'a>,
) -> Option<(usize, Option<AuditId>, Vec<AuditEntry<'a>>)> {
    if !scanner.enter(b'[') {
        return None;
    }
    let (mut count, mut newest, mut entries) = (0, None, Vec::new());
    while scanner.element() {
        count += 1;
        let Some(entry) = Entry::read(scanner) else { continue };
        newest = newest.max(entry.id.ok().map(AuditId));
        if entries.len() < PAGE_ENTRIES {
            entries.extend(entry.into_entry());
        }
    }
    Some((count, newest, entries))
}

/// Reads an array of users into `people`, in place of what was there; those without a name are left out.
fn read_people<'a>(scanner: &mut Scanner<'a>, people: &mut Vec<Person<'a>>) {
    people.clear();
    if !scanner.enter(b'[') {
        return;
    }
    while scanner.element() {
        let Some(user) = User::read(scanner).filter(User::is_named) else { continue };
        if let Some(id) = user.id.ok()
            && people.len() < limits::AUDIT_PAGE_PEOPLE_MAX
        {
            let kind = user.kind();
            people.push(user.into_person(id, kind, None));
        }
    }
}

impl<'a> Entry<'a> {
    /// Reads the value under the cursor; `None` if it is not an object.
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut entry = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"guild_id" => entry.guild = scanner.id(),
                b"id" => entry.id = scanner.id(),
                b"user_id" => entry.actor = scanner.id(),
                b"target_id" => entry.target = scanner.id(),
                b"action_type" => entry.action_type = scanner.integer(),
                b"reason" => {
                    let reason = scanner.text(limits::REASON_BYTES_MAX);
                    entry.reason = reason.filter(|reason| !reason.is_empty());
                }
                b"options" => entry.options = Options::read(scanner),
                b"changes" => read_changes(scanner, &mut entry.changes),
                _ => scanner.skip(),
            }
        }
        Some(entry)
    }

    fn into_entry(self) -> Result<AuditEntry<'a>, SetAside> {
        let action_type = self.action_type.and_then(|number| u16::try_from(number).ok());
        Ok(AuditEntry {
            id: AuditId(self.id.or_set_aside("audit.missing_id")?),
            action_type: action_type.ok_or(SetAside { reason: "audit.missing_type" })?,
            actor: self.actor.ok().map(UserId),
            target: self.target.ok(),
            reason: self.reason,
            channel: self.options.channel.ok().map(ChannelId),
            count: self.options.count.or(self.options.members_removed),
            rule: self.options.rule,
            changes: self.changes,
        })
    }
}

impl<'a> Options<'a> {
    /// Reads the value under the cursor; nothing if it is not an object.
    fn read(scanner: &mut Scanner<'a>) -> Self {
        let mut options = Self::default();
        if !scanner.enter(b'{') {
            return options;
        }
        while let Some(key) = scanner.key() {
            match key {
                b"channel_id" => options.channel = scanner.id(),
                b"count" => options.count = scanner.count(),
                b"members_removed" => options.members_removed = scanner.count(),
                b"auto_moderation_rule_name" => options.rule = scanner.name(),
                _ => scanner.skip(),
            }
        }
        options
    }
}

/// What is kept of a change, by its key.
enum Kept {
    /// Both values, where they are plain.
    Values,
    /// The roles in the new value.
    Roles,
}

impl Kept {
    /// `None` for a change that nobody asks for.
    fn of(key: &str) -> Option<Self> {
        match key {
            "communication_disabled_until" | "nick" | "mute" | "deaf" | "code" => {
                Some(Self::Values)
            }
            "$add" | "$remove" => Some(Self::Roles),
            _ => None,
        }
    }
}

/// Reads an array of changes into `changes`, in place of what was there. The key of a change may stand after its values, which are
/// therefore read once it is known.
fn read_changes<'a>(scanner: &mut Scanner<'a>, changes: &mut Vec<AuditChange<'a>>) {
    changes.clear();
    if !scanner.enter(b'[') {
        return;
    }
    while scanner.element() {
        if !scanner.enter(b'{') {
            continue;
        }
        let (mut name, mut old_at, mut new_at) = (None, None, None);
        while let Some(key) = scanner.key() {
            match key {
                b"key" => {
                    name = scanner.name();
                    continue;
                }
                b"old_value" => old_at = Some(scanner.at()),
                b"new_value" => new_at = Some(scanner.at()),
                _ => {}
            }
            scanner.skip();
        }
        let Some(name) = name else { continue };
        match Kept::of(&name) {
            Some(Kept::Values) if changes.len() < limits::AUDIT_CHANGES_MAX => {
                let value = |at: Option<usize>| at.and_then(|at| scanner.again(at).scalar());
                let (old, new) = (value(old_at), value(new_at));
                changes.push(AuditChange { key: name, role: None, old, new });
            }
            Some(Kept::Roles) => {
                if let Some(at) = new_at {
                    read_roles(&mut scanner.again(at), &name, changes);
                }
            }
            Some(Kept::Values) | None => {}
        }
    }
}

/// One change for each role of the list under the cursor.
fn read_roles<'a>(scanner: &mut Scanner<'a>, key: &str, changes: &mut Vec<AuditChange<'a>>) {
    if !scanner.enter(b'[') {
        return;
    }
    // One of two literals: nothing is copied.
    let key = if key == "$add" { "$add" } else { "$remove" };
    while scanner.element() {
        if !scanner.enter(b'{') {
            continue;
        }
        let (mut role, mut name) = (Given::Absent, None);
        while let Some(key) = scanner.key() {
            match key {
                b"id" => role = scanner.id(),
                b"name" => name = scanner.name(),
                _ => scanner.skip(),
            }
        }
        if let Given::Is(role) = role
            && changes.len() < limits::AUDIT_CHANGES_MAX
        {
            changes.push(AuditChange { key: key.into(), role: Some(role), old: None, new: name });
        }
    }
}
