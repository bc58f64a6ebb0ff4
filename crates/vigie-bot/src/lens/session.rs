//! READY and RESUMED: a session begins, or goes on. Sources: Discord, "Gateway Events", Ready and Resumed.

use vigie_core::vocabulary::{Fact, GuildId};

use super::scan::Scanner;
use super::{Read, SetAside, reasons};
use crate::limits;

/// Reads the `d` of a READY; the cursor is on it. A guild whose id cannot be read is left out.
pub(super) fn read_ready<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let mut guilds = None;
    while let Some(key) = scanner.key() {
        match key {
            b"guilds" => guilds = read_guilds(scanner),
            _ => scanner.skip(),
        }
    }
    // Without the list nothing can be said of any guild: an empty one would remove them all.
    let guilds = guilds.ok_or(SetAside { reason: "ready.missing_guilds" })?;
    Ok(Read::Fact(Fact::SessionStarted(guilds)))
}

/// Reads the `d` of a RESUMED, of which nothing is needed; the cursor is on it.
pub(super) fn read_resumed<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    scanner.skip();
    Ok(Read::Fact(Fact::Heard))
}

/// `None` if it is not a list.
fn read_guilds(scanner: &mut Scanner<'_>) -> Option<Vec<GuildId>> {
    if !scanner.enter(b'[') {
        return None;
    }
    let mut guilds = Vec::new();
    while scanner.element() {
        if let Some(guild) = read_guild(scanner)
            && guilds.len() < limits::GUILDS_PER_SHARD_MAX
        {
            guilds.push(guild);
        }
    }
    Some(guilds)
}

fn read_guild(scanner: &mut Scanner<'_>) -> Option<GuildId> {
    if !scanner.enter(b'{') {
        return None;
    }
    let mut id = None;
    while scanner.key_where(|key| key == b"id").is_some() {
        id = scanner.id().ok();
    }
    id.map(GuildId)
}
