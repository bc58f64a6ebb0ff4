//! GUILD_CREATE, GUILD_UPDATE and GUILD_DELETE. A GUILD_CREATE may be megabytes (members, presences): what is not read
//! is stepped over, and members are read only for the names of those in voice. Sources: Discord, "Guild Resource", Guild Structure; "Gateway Events", Guild Create Extra Fields.

use std::borrow::Cow;

use vigie_core::vocabulary::{Channel, ChannelId, Fact, GuildFact, GuildId, UnixMs, UserId};

use super::details::Details;
use super::scan::Scanner;
use super::value::Given;
use super::voice::{self, Voice};
use super::{Read, SetAside, channel, reasons};

/// The fields of a guild that are read.
#[derive(Default)]
struct Guild<'a> {
    id: Given<u64>,
    unavailable: bool,
    name: Option<Cow<'a, str>>,
    icon: Option<Cow<'a, str>>,
    owner: Given<u64>,
    member_count: Option<i64>,
    joined_at: Option<UnixMs>,
    premium_tier: Option<i64>,
    boost_count: Option<i64>,
    channels: Vec<Channel<'a>>,
    threads: Vec<Channel<'a>>,
    details: Details<'a>,
    voice_states: Vec<Voice<'a>>,
    /// Where the list of members stands: it is read only for those in voice, once these are known.
    members_at: Option<usize>,
}

/// Reads the `d` of a GUILD_CREATE or GUILD_UPDATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>, created: bool) -> Result<Read<'a>, SetAside> {
    let mut guild = Guild::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let id = guild.id.or_set_aside("guild.missing_id")?;
    if guild.unavailable {
        return Ok(Read::Fact(Fact::GuildUnavailable(GuildId(id))));
    }
    guild.channels.append(&mut guild.threads);
    let afk_channel = guild.details.afk_channel();
    let fact = Fact::Guild(Box::new(GuildFact {
        id: GuildId(id),
        name: guild.name.ok_or(SetAside { reason: "guild.missing_name" })?,
        icon: guild.icon,
        owner: UserId(guild.owner.or_set_aside("guild.missing_owner")?),
        // A GUILD_UPDATE does not say these; if it ever did, it would still not be the moment to believe it.
        member_count: guild.member_count.filter(|_| created).and_then(|n| u32::try_from(n).ok()),
        bot_joined_at: guild.joined_at.filter(|_| created),
        premium_tier: guild.premium_tier.and_then(|n| u8::try_from(n).ok()).unwrap_or(0),
        boost_count: guild.boost_count.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        afk_channel: afk_channel.map(ChannelId),
        channels: if created { guild.channels } else { Vec::new() },
        voice_states: created.then(|| {
            let members = guild.members_at.map(|at| scanner.again(at));
            voice::into_facts(guild.voice_states, GuildId(id), members)
        }),
    }));
    Ok(match guild.details.into_fact(GuildId(id)) {
        Some(details) => Read::Facts(vec![fact, details]),
        None => Read::Fact(fact),
    })
}

/// Reads the `d` of a GUILD_DELETE; the cursor is on it. `unavailable` tells an outage from our removal.
pub(super) fn read_deleted<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let guild = Guild::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let id = guild.id.or_set_aside("guild.missing_id")?;
    if guild.unavailable {
        return Ok(Read::Fact(Fact::GuildUnavailable(GuildId(id))));
    }
    Ok(Read::Fact(Fact::GuildRemoved(GuildId(id))))
}

impl<'a> Guild<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut guild = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"id" => guild.id = scanner.id(),
                b"name" => guild.name = scanner.name(),
                b"icon" => guild.icon = scanner.hash(),
                b"owner_id" => guild.owner = scanner.id(),
                b"joined_at" => guild.joined_at = scanner.instant(),
                // An oddly written flag counts as set: an outage must never pass for a removal.
                b"unavailable" => guild.unavailable = scanner.is_set(),
                b"member_count" => guild.member_count = scanner.integer(),
                b"premium_tier" => guild.premium_tier = scanner.integer(),
                b"premium_subscription_count" => guild.boost_count = scanner.integer(),
                b"voice_states" => voice::read_list(scanner, &mut guild.voice_states),
                b"members" => {
                    guild.members_at = Some(scanner.at());
                    scanner.skip();
                }
                b"channels" => channel::read_list(scanner, &mut guild.channels),
                b"threads" => channel::read_list(scanner, &mut guild.threads),
                other => {
                    if !guild.details.read(other, scanner) {
                        scanner.skip();
                    }
                }
            }
        }
        Some(guild)
    }
}
