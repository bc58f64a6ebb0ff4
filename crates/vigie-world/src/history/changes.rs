//! What changed about the guilds themselves in history: a role and an emoji were made, a description was written.

use std::borrow::Cow;

use vigie_core::vocabulary::{
    Fact, GuildDetailsFact, GuildEmojiFact, RoleFact, RoleId as RoleIdWords, UnixMs,
};

use crate::calendar::DAY_MS;
use crate::guild::{Guild, GuildEmoji, Purpose, Role};
use crate::world::World;

/// Days of history and people from which on a guild changed in it.
const DAYS_MIN: u32 = 20;
const PEOPLE_MIN: u32 = 100;

/// When a guild changed in history; changes lie in this order, days apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changes {
    /// A role was made; [`Changes::NAMED_AFTER_MS`] later it had its name.
    pub(crate) role: UnixMs,
    /// The last of the emojis was added.
    pub(crate) emoji: UnixMs,
    /// The description was written.
    pub(crate) description: UnixMs,
}

impl Changes {
    /// How long it takes somebody to name a new role.
    pub(crate) const NAMED_AFTER_MS: i64 = 41_000;
    /// The name of a role until then.
    pub(crate) const NEW_ROLE: &'static str = "new role";

    /// The changes of a guild; `None` where its history is too short, or it too small.
    pub(crate) fn of(world: &World, guild: &Guild) -> Option<Self> {
        let days = world.config.history_days;
        if days < DAYS_MIN || guild.human_count < PEOPLE_MIN {
            return None;
        }
        let from = world.history_start().0;
        let after = |share: f64, of_day: i64| {
            let day = (f64::from(days) * share) as i64 + (guild.seed % 3) as i64;
            UnixMs(from + day * DAY_MS + of_day)
        };
        let hour = 3_600_000;
        Some(Self {
            role: after(0.31, 14 * hour + 1_207_000),
            emoji: after(0.55, 17 * hour + 302_000),
            description: after(0.8, 9 * hour + 2_911_000),
        })
    }
}

/// The role that was made in history.
pub(crate) fn late_role(guild: &Guild) -> Option<&Role> {
    let founding = &guild.roles[..usize::from(guild.founding_roles)];
    let is_plain = |role: &&Role| role.position > 0 && role.permissions == 0 && !role.is_managed();
    founding.iter().find(is_plain)
}

/// The emojis when the present began.
pub(crate) fn founding_emojis(guild: &Guild) -> &[GuildEmoji] {
    &guild.emojis[..usize::from(guild.founding_emojis)]
}

/// What GUILD_CREATE or GUILD_UPDATE would have said at an instant of history.
pub(super) fn details(world: &World, guild: &Guild, at: UnixMs) -> Fact<'static> {
    let changes = Changes::of(world, guild);
    let is_before = |when: fn(&Changes) -> UnixMs| changes.is_some_and(|all| at < when(&all));
    let late = late_role(guild).filter(|_| is_before(|all| all.role)).map(|role| role.id);
    let founding = guild.roles[..usize::from(guild.founding_roles)].iter();
    let roles = founding.filter(|role| Some(role.id) != late).map(role_words).collect();
    let mut emojis: Vec<_> = founding_emojis(guild).iter().map(emoji_words).collect();
    if is_before(|all| all.emoji) {
        emojis.pop();
    }
    let is_community = guild.features().contains(&"COMMUNITY");
    let description = guild.description.as_ref().filter(|_| is_community);
    let description = description.filter(|_| !is_before(|all| all.description));
    let level = if is_community { "2" } else { "1" };
    let id = |id: Option<u64>| id.map(|id| Cow::Owned(id.to_string()));
    let rules = guild.channel_for(Purpose::ReadOnly).filter(|_| is_community);
    let fields: Vec<(&str, Option<Cow<'static, str>>)> = vec![
        ("description", description.map(|text| Cow::Owned(text.to_string()))),
        ("verification_level", Some(Cow::Borrowed(level))),
        ("preferred_locale", Some(Cow::Borrowed(guild.locale))),
        ("afk_channel_id", id(guild.afk_channel().map(|channel| channel.0))),
        ("system_channel_id", id(guild.system_channel().map(|channel| channel.0))),
        ("rules_channel_id", id(rules.map(|channel| channel.id.0))),
        ("banner", None),
        ("mfa_level", Some(Cow::Borrowed(if is_community { "1" } else { "0" }))),
    ];
    Fact::GuildDetails(Box::new(GuildDetailsFact {
        guild: guild.id,
        roles,
        emojis,
        features: guild.features().iter().map(|feature| Cow::Borrowed(*feature)).collect(),
        vanity: guild.vanity_code().map(Cow::Owned),
        fields: fields.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect(),
    }))
}

pub(super) fn role_words(role: &Role) -> RoleFact<'static> {
    RoleFact {
        id: RoleIdWords(role.id.0),
        name: Cow::Owned(role.name.to_string()),
        color: role.color,
        position: role.position,
        permissions: role.permissions,
        managed: role.is_managed(),
    }
}

pub(super) fn emoji_words(emoji: &GuildEmoji) -> GuildEmojiFact<'static> {
    GuildEmojiFact { id: emoji.id, name: Cow::Borrowed(emoji.name), animated: emoji.animated }
}
