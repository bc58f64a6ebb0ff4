//! Making a guild out of its seed.

use std::borrow::Cow;
use std::sync::OnceLock;

use vigie_core::vocabulary::{ChannelId, ChannelKind, EmojiId, GuildId, UnixMs, UserId};

use super::sizes::daily_messages;
use super::threads::threads;
use super::{
    Access, AssetHash, Channel, Guild, GuildEmoji, GuildPermissions, Purpose, Role, RoleId, Webhook,
};
use crate::calendar::{DAY_MS, Daylight, TimeZone, weekday};
use crate::config::WorldConfig;
use crate::ids::{IdLayout, user_id};
use crate::members::Roster;
use crate::names::communities::{self, Powers};
use crate::names::{Language, emoji, guilds, talk};
use crate::rhythm::Community;
use crate::rng::{Rng, hash};

/// Guilds are made between 2017-01-01 and 2024-01-01.
const GUILDS_FROM_MS: i64 = 1_483_228_800_000;
const GUILDS_FOR_MS: u64 = 7 * 365 * 86_400_000;

/// What everybody may do: create invites, react, view channels, write, embed, attach, read history, use custom emoji,
/// connect, speak, use voice activity, change the own nickname, use commands, write in and open threads.
const EVERYONE: u64 = (1 << 0)
    | (1 << 6)
    | (1 << 10)
    | (1 << 11)
    | (1 << 14)
    | (1 << 15)
    | (1 << 16)
    | (1 << 18)
    | (1 << 20)
    | (1 << 21)
    | (1 << 25)
    | (1 << 26)
    | (1 << 31)
    | (1 << 35)
    | (1 << 38);
/// Kick, ban, view the audit log, manage messages, mute, deafen, move, manage nicknames, time out.
const MODERATION: u64 = (1 << 1)
    | (1 << 2)
    | (1 << 7)
    | (1 << 13)
    | (1 << 22)
    | (1 << 23)
    | (1 << 24)
    | (1 << 27)
    | (1 << 40);
/// Administrator.
const ADMINISTRATOR: u64 = 1 << 3;
/// What our bot and its like ask for: ban, manage channels and the guild, view channels, the audit log and the history,
/// write, embed.
const BOT: u64 =
    (1 << 2) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 10) | (1 << 11) | (1 << 14) | (1 << 16);

/// Zones of the first four, then of everybody else.
const ZONES: &[(TimeZone, Language, &str)] = &[
    (zone("America/New_York", -300, Daylight::NorthAmerica), Language::English, "en-US"),
    (zone("Europe/Berlin", 60, Daylight::Europe), Language::English, "en-US"),
    (zone("Europe/Paris", 60, Daylight::Europe), Language::French, "fr"),
    (zone("Australia/Brisbane", 600, Daylight::None), Language::English, "en-GB"),
    (zone("Europe/London", 0, Daylight::Europe), Language::English, "en-GB"),
    (zone("America/Chicago", -360, Daylight::NorthAmerica), Language::English, "en-US"),
    (zone("America/Los_Angeles", -480, Daylight::NorthAmerica), Language::English, "en-US"),
    (zone("America/Toronto", -300, Daylight::NorthAmerica), Language::French, "fr"),
    (zone("Europe/Brussels", 60, Daylight::Europe), Language::French, "fr"),
    (zone("Europe/Paris", 60, Daylight::Europe), Language::French, "fr"),
    (zone("Asia/Kolkata", 330, Daylight::None), Language::English, "en-GB"),
    (zone("Asia/Tokyo", 540, Daylight::None), Language::English, "en-US"),
    (zone("Asia/Singapore", 480, Daylight::None), Language::English, "en-GB"),
    (zone("America/Sao_Paulo", -180, Daylight::None), Language::English, "en-US"),
    (zone("Africa/Lagos", 60, Daylight::None), Language::English, "en-GB"),
];

const fn zone(name: &'static str, standard_offset_minutes: i32, daylight: Daylight) -> TimeZone {
    TimeZone { name, standard_offset_minutes, daylight }
}

/// One guild. `first_user` is the number of the first account of its own.
pub(crate) fn build(
    config: &WorldConfig,
    layout: &IdLayout,
    index: u32,
    member_count: u32,
    first_user: u64,
) -> Guild {
    let mut rng = Rng::of(&[config.seed, 0x6011d, u64::from(index)]);
    let created_at = UnixMs(GUILDS_FROM_MS + rng.below(GUILDS_FOR_MS) as i64);
    let community = community(&mut rng, index, member_count);
    let (time_zone, language, locale) = match index {
        0..4 => ZONES[index as usize],
        _ => ZONES[rng.below(ZONES.len() as u64) as usize],
    };
    let bots = bots(&mut rng, community, member_count);
    let mut ids = Ids { layout, index, at: created_at };
    let id = GuildId(ids.next(&mut rng));
    let channels = channels(&mut ids, &mut rng, community, language, member_count);
    let talk = talk_table(community, language, member_count, &channels);
    let roles = roles(config.seed, id, &mut ids, &mut rng, community, language, &bots);
    let emojis = emojis(&mut ids, &mut rng, community, member_count);
    let webhooks = webhooks(&mut ids, &mut rng, community, &channels);
    let (name, description) = name(&mut rng, index, community, language);
    let premium_tier = premium_tier(member_count, &mut rng);
    let icon = (index < 4 || rng.chance(0.85)).then(|| AssetHash {
        bits: u128::from(rng.bits()) << 64 | u128::from(rng.bits()),
        animated: false,
    });
    let mut guild = Guild {
        id,
        index,
        name,
        description: description.map(Cow::Borrowed),
        icon,
        owner: user_id(config.seed, first_user),
        community,
        time_zone,
        locale,
        member_count,
        places: member_count,
        human_count: member_count - bots.len() as u32,
        created_at,
        bot_joined_at: UnixMs(created_at.0 + 40 * DAY_MS + rng.below(200 * DAY_MS as u64) as i64),
        roles,
        channels,
        threads: Vec::new(),
        emojis,
        webhooks,
        premium_tier,
        boost_count: [0, 2, 7, 14][usize::from(premium_tier)] + rng.below(3) as u32,
        daily_messages: daily_messages(config.seed, index, member_count),
        language,
        first_user,
        bots,
        talk,
        growth: growth(&mut rng, index),
        special_day: special_day(&mut rng, index, community, config.start),
        seed: hash(&[config.seed, 0xda75, u64::from(index)]),
        founding_roles: 0,
        founding_emojis: 0,
        permissions: GuildPermissions::ALL,
        roster: Roster::default(),
        past: OnceLock::new(),
        society: None,
    };
    guild.threads = threads(config, layout, &guild);
    guild.founding_roles = guild.roles.len() as u16;
    guild.founding_emojis = guild.emojis.len() as u8;
    guild
}

/// Structural ids: one a few minutes after the other, from the making of the guild on.
struct Ids<'a> {
    layout: &'a IdLayout,
    index: u32,
    at: UnixMs,
}

impl Ids<'_> {
    fn next(&mut self, rng: &mut Rng) -> u64 {
        self.at.0 += 1 + rng.below(600_000) as i64;
        self.layout.id(self.at, self.index)
    }
}

fn community(rng: &mut Rng, index: u32, members: u32) -> Community {
    match index {
        0 => Community::Game,
        1 => Community::Project,
        2 => Community::Association,
        3 => Community::Friends,
        _ if members < 25 => Community::Friends,
        _ => rng.pick(&[
            Community::Game,
            Community::Game,
            Community::Project,
            Community::Association,
            Community::Study,
            Community::Creators,
        ]),
    }
}

fn bots(rng: &mut Rng, community: Community, members: u32) -> Vec<u8> {
    let wanted = match (community, members) {
        (_, 0..6) => 0,
        (Community::Friends, _) => 1,
        (_, 0..200) => 1,
        (_, 200..2_000) => 2,
        (_, 2_000..20_000) => 3,
        _ => 5,
    };
    let others = communities::BOTS.len() as u64 - 1;
    let first = rng.below(others);
    // The bot of number 0 is ours, and comes last.
    (0..wanted).map(|step| (1 + (first + step * 2) % others) as u8).chain([0]).collect()
}

fn name(
    rng: &mut Rng,
    index: u32,
    community: Community,
    language: Language,
) -> (String, Option<&'static str>) {
    if let Some((name, description)) = guilds::FIRST_FOUR.get(index as usize) {
        return ((*name).to_owned(), Some(description));
    }
    let first = rng.pick(guilds::first_words(community, language));
    let last = rng.pick(guilds::last_words(community, language));
    (format!("{first} {last}"), None)
}

fn premium_tier(members: u32, rng: &mut Rng) -> u8 {
    match members {
        0..50 => 0,
        50..1_000 => rng.below(2) as u8,
        1_000..10_000 => 1 + rng.below(2) as u8,
        _ => 3,
    }
}

fn growth(rng: &mut Rng, index: u32) -> f64 {
    match index {
        0 => 0.34,
        1 => 0.22,
        2 => 0.15,
        3 => 0.08,
        _ => -0.25 + 0.7 * rng.unit(),
    }
}

/// How many days before the start something special happened, on the weekday that suits it, and how busy it was.
fn special_day(rng: &mut Rng, index: u32, community: Community, start: UnixMs) -> (u32, f64) {
    let (days_ago, times) = match index {
        0 => (16, 2.5),
        1 => (11, 2.1),
        2 => (23, 2.8),
        3 => (31, 2.6),
        _ => (8 + rng.below(40) as u32, 1.6 + 1.2 * rng.unit()),
    };
    let wanted = match community {
        Community::Project => 1,
        Community::Study => 3,
        Community::Friends | Community::Creators => 4,
        Community::Game => 5,
        Community::Association => 6,
    };
    let day = start.0.div_euclid(DAY_MS) - i64::from(days_ago);
    let back = (weekday(day) + 7 - wanted) % 7;
    (days_ago + back as u32, times)
}

fn channels(
    ids: &mut Ids<'_>,
    rng: &mut Rng,
    community: Community,
    language: Language,
    members: u32,
) -> Vec<Channel> {
    let mut channels = Vec::new();
    let (mut category, mut categories, mut texts, mut voices) = (None, 0, 0, 0);
    for row in rows(community, language, members) {
        let id = ChannelId(ids.next(rng));
        let counter = match row.purpose {
            Purpose::Category => &mut categories,
            Purpose::Voice | Purpose::VoiceAfk | Purpose::Stage => &mut voices,
            _ => &mut texts,
        };
        let position = *counter;
        *counter += 1;
        let is_category = row.purpose == Purpose::Category;
        channels.push(Channel {
            id,
            kind: kind(row.purpose, members),
            name: Cow::Borrowed(row.name),
            parent: if is_category { None } else { category },
            position,
            topic: talk::topic(row.purpose, language, rng),
            slow_mode_s: if members > 20_000 && row.weight > 150 { 5 } else { 0 },
            purpose: row.purpose,
            access: Access { view_channel: row.purpose != Purpose::Hidden, ..Access::FULL },
            thread: None,
        });
        if is_category {
            category = Some(id);
        }
    }
    channels
}

fn rows(
    community: Community,
    language: Language,
    members: u32,
) -> impl Iterator<Item = &'static communities::Row> {
    communities::channels(community, language).iter().filter(move |row| row.from_members <= members)
}

/// Discord's type numbers; announcement channels need a guild with the community features.
fn kind(purpose: Purpose, members: u32) -> ChannelKind {
    ChannelKind(match purpose {
        Purpose::Voice | Purpose::VoiceAfk => 2,
        Purpose::Category => 4,
        Purpose::Announcements if members >= 500 => 5,
        Purpose::Thread => 11,
        Purpose::Stage => 13,
        Purpose::Forum => 15,
        _ => 0,
    })
}

fn talk_table(
    community: Community,
    language: Language,
    members: u32,
    channels: &[Channel],
) -> Vec<(u32, u16)> {
    let mut total = 0;
    let mut table = Vec::new();
    for (place, row) in rows(community, language, members).enumerate() {
        if row.purpose == Purpose::Talk {
            total += u32::from(row.weight);
            table.push((total, place as u16));
        }
    }
    debug_assert!(!table.is_empty() && channels.len() >= table.len());
    table
}

fn roles(
    seed: u64,
    guild: GuildId,
    ids: &mut Ids<'_>,
    rng: &mut Rng,
    community: Community,
    language: Language,
    bots: &[u8],
) -> Vec<Role> {
    let mut roles = vec![Role {
        id: RoleId(guild.0),
        name: Cow::Borrowed("@everyone"),
        color: 0,
        position: 0,
        permissions: EVERYONE,
        bot: None,
        is_booster: false,
    }];
    let mut add = |name: Cow<'static, str>, color, permissions, bot, is_booster| {
        let position = roles.len() as i32;
        let id = RoleId(ids.next(rng));
        roles.push(Role { id, name, color, position, permissions, bot, is_booster });
    };
    for &bot in bots {
        let name = communities::BOTS[usize::from(bot)].1;
        add(Cow::Borrowed(name), 0, BOT, Some(user_id(seed, u64::from(bot))), false);
    }
    let own = communities::roles(community, language);
    for (name, color, powers, _) in own.iter().rev() {
        let permissions = match powers {
            Powers::None => 0,
            Powers::Moderation => MODERATION,
            Powers::Everything => ADMINISTRATOR,
        };
        add(Cow::Borrowed(name), *color, permissions, None, false);
    }
    add(Cow::Borrowed("Server Booster"), 0xf4_7fff, 0, None, true);
    roles
}

fn emojis(ids: &mut Ids<'_>, rng: &mut Rng, community: Community, members: u32) -> Vec<GuildEmoji> {
    let wanted = match (community, members) {
        (Community::Friends, _) => 5,
        (_, 0..50) => 2,
        (_, 50..1_000) => 6,
        (_, 1_000..10_000) => 11,
        _ => 18,
    };
    let first = rng.below(emoji::CUSTOM.len() as u64) as usize;
    let named = |step: usize| emoji::CUSTOM[(first + step) % emoji::CUSTOM.len()];
    (0..wanted)
        .map(|step| {
            let (name, animated) = named(step);
            GuildEmoji { id: EmojiId(ids.next(rng)), name, animated }
        })
        .collect()
}

fn webhooks(
    ids: &mut Ids<'_>,
    rng: &mut Rng,
    community: Community,
    channels: &[Channel],
) -> Vec<Webhook> {
    let mut webhooks = Vec::new();
    for &(name, purpose) in communities::webhooks(community) {
        if let Some(channel) = channels.iter().find(|channel| channel.purpose == purpose) {
            webhooks.push(Webhook {
                id: UserId(ids.next(rng)),
                name,
                avatar: AssetHash {
                    bits: u128::from(rng.bits()) << 64 | u128::from(rng.bits()),
                    animated: false,
                },
                channel: channel.id,
            });
        }
    }
    webhooks
}
