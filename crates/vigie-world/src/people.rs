//! Members and accounts, made from their numbers when asked for and kept nowhere.
//!
//! Accounts are numbered: bots first, then the travellers who are in many guilds, then each guild's own people. One
//! member in sixteen is a traveller, so that the same account speaks in several guilds as on the real Discord.

mod naming;

use vigie_core::vocabulary::{GuildId, UnixMs, UserId};

use crate::calendar::DAY_MS;
use crate::config::WorldConfig;
use crate::guild::{AssetHash, Guild, RoleId};
use crate::ids::{user_id, user_number};
use crate::math;
use crate::members::{JOINED_BOTS_FROM, JOINERS_FROM};
use crate::names::Language;
use crate::names::communities;
use crate::rng::{Rng, hash};

pub(crate) use naming::nickname;

/// Accounts of bots: numbers under this; number 0 is our own application.
pub(crate) const BOT_NUMBERS: u64 = 64;
/// One member in so many is a traveller.
const TRAVELLER_EVERY: u32 = 16;
/// The place of the traveller among them.
const TRAVELLER_PLACE: u32 = 7;
/// Days over which newcomers joined where there is no history.
const NEWCOMER_DAYS: i64 = 60;
/// Share of the newcomers who came by the special day, and how many days it brought people.
const SPECIAL_SHARE: f64 = 0.14;
const SPECIAL_DAYS: f64 = 2.5;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// `username`, unique enough to search by.
    pub username: String,
    /// `global_name`, where one was chosen.
    pub global_name: Option<String>,
    /// Its avatar; `None` for Discord's default one.
    pub avatar: Option<AssetHash>,
    /// Whether it is a bot.
    pub bot: bool,
}

/// A member of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where.
    pub guild: GuildId,
    /// Their place among the members of the guild: 0 is the owner.
    pub index: u32,
    /// Their account.
    pub user: User,
    /// Their nickname in this guild.
    pub nick: Option<String>,
    /// Their roles, `@everyone` left out.
    pub roles: Roles,
    /// When they joined.
    pub joined_at: UnixMs,
    /// The flag DID_REJOIN: they had been a member before.
    pub rejoined: bool,
    /// Until when they are timed out (`communication_disabled_until`).
    pub timed_out_until: Option<UnixMs>,
    /// Since when they boost the guild.
    pub premium_since: Option<UnixMs>,
}

/// At most three roles of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    ids: [RoleId; 3],
    len: u8,
}

impl Roles {
    /// The ids.
    pub fn as_slice(&self) -> &[RoleId] {
        &self.ids[..usize::from(self.len)]
    }

    pub(crate) fn remove(&mut self, id: RoleId) {
        let kept: Vec<RoleId> =
            self.as_slice().iter().copied().filter(|role| *role != id).collect();
        *self = Self::default();
        kept.into_iter().for_each(|role| self.push(role));
    }

    pub(crate) fn push(&mut self, id: RoleId) {
        if let Some(place) = self.ids.get_mut(usize::from(self.len)) {
            *place = id;
            self.len += 1;
        }
    }
}

/// What all members are derived from.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    seed: u64,
    travellers: u64,
    /// Everybody but the newcomers joined before this.
    history_start: UnixMs,
    start: UnixMs,
    start_day: i64,
}

impl Population {
    pub(crate) fn new(config: &WorldConfig, history_start: UnixMs) -> Self {
        // Enough travellers that none is twice in the largest guild.
        let travellers = u64::from(config.members_max / TRAVELLER_EVERY + 1).max(64);
        let start_day = config.start.0.div_euclid(DAY_MS);
        // A world without history has newcomers, too.
        let history_start = match config.history_days {
            0 => UnixMs((start_day - NEWCOMER_DAYS) * DAY_MS),
            _ => history_start,
        };
        Self { seed: config.seed, travellers, history_start, start: config.start, start_day }
    }

    /// When the present begins.
    pub(crate) fn start(&self) -> UnixMs {
        self.start
    }

    /// The number of the first account that belongs to a guild of its own.
    pub(crate) fn first_number(&self) -> u64 {
        BOT_NUMBERS + self.travellers
    }

    /// The account id of a member.
    pub(crate) fn user_id(&self, guild: &Guild, index: u32) -> UserId {
        match index {
            0..JOINERS_FROM => user_id(self.seed, self.number(guild, index)),
            JOINED_BOTS_FROM.. => user_id(self.seed, u64::from(index - JOINED_BOTS_FROM)),
            _ => guild.roster.joiner(index).unwrap_or_default(),
        }
    }

    /// The account of this number: bots' are under [`BOT_NUMBERS`].
    pub(crate) fn numbered(&self, number: u64) -> UserId {
        user_id(self.seed, number)
    }

    /// Whether an id is that of an account made from a number.
    pub(crate) fn is_numbered(&self, id: UserId) -> bool {
        user_number(self.seed, id).is_some()
    }

    /// The place of an account among the members of a guild, gone or not.
    pub(crate) fn index(&self, guild: &Guild, user: UserId) -> Option<u32> {
        guild.roster.place(user).or_else(|| self.founder(guild, user))
    }

    /// The place of an account among those who were members when the present began.
    pub(crate) fn founder(&self, guild: &Guild, user: UserId) -> Option<u32> {
        let number = user_number(self.seed, user)?;
        if number < BOT_NUMBERS {
            let place = guild.bots.iter().position(|&bot| u64::from(bot) == number)?;
            return Some(guild.human_count + place as u32);
        }
        let index = match number.checked_sub(self.first_number()) {
            Some(_) => number.checked_sub(guild.first_user)?,
            None => {
                let slot = number - BOT_NUMBERS + self.travellers - self.traveller_offset(guild);
                slot % self.travellers * u64::from(TRAVELLER_EVERY) + u64::from(TRAVELLER_PLACE)
            }
        };
        let index = u32::try_from(index).ok().filter(|&index| index < guild.human_count)?;
        (self.number(guild, index) == number).then_some(index)
    }

    /// A member as they are now.
    pub(crate) fn member(&self, guild: &Guild, index: u32) -> Member {
        let standing = guild.roster.standing(index);
        let nick_change = standing.map_or(0, |standing| standing.nick_change);
        let mut member = match index {
            0..JOINERS_FROM => self.founding_member(guild, index, nick_change),
            _ => self.joined_member(guild, index, nick_change),
        };
        if let Some(standing) = standing {
            if let Some(joined_at) = standing.joined_at {
                (member.joined_at, member.premium_since) = (joined_at, None);
                member.nick = member.nick.filter(|_| nick_change > 0);
            }
            member.roles = standing.roles.unwrap_or(member.roles);
            member.rejoined = standing.rejoined;
            member.timed_out_until = standing.timed_out_until;
        }
        member
    }

    /// A member as they were when the present began; `nick_change` counts how often their nickname was changed since.
    pub(crate) fn founding_member(&self, guild: &Guild, index: u32, nick_change: u8) -> Member {
        let number = self.number(guild, index);
        let user = self.account(number, guild.language);
        let mut rng = Rng::of(&[guild.seed, 0x3e3b, u64::from(index)]);
        let joined_at = self.joined_at(guild, index, &mut rng);
        let boosts = !user.bot && rng.chance(boosting_share(guild));
        let roles = roles(guild, index, &user, boosts, &mut rng);
        let nick = match user.bot {
            true => None,
            false => nickname(guild, &user, number, nick_change),
        };
        let boosting_ms = (self.start.0 - joined_at.0).max(1) as u64;
        let premium_since = boosts.then(|| UnixMs(joined_at.0 + rng.below(boosting_ms) as i64));
        let (rejoined, timed_out_until) = (false, None);
        let guild = guild.id;
        Member {
            guild,
            index,
            user,
            nick,
            roles,
            joined_at,
            rejoined,
            timed_out_until,
            premium_since,
        }
    }

    /// The nickname that a member had before their last change.
    pub(crate) fn nick_before(&self, guild: &Guild, index: u32) -> Option<String> {
        let change = guild.roster.standing(index).map_or(0, |standing| standing.nick_change);
        let id = self.user_id(guild, index);
        let user = self.stranger(guild, id);
        let number = if index < JOINERS_FROM { self.number(guild, index) } else { id.0 };
        nickname(guild, &user, number, change.saturating_sub(1))
    }

    /// Somebody who joined in the present.
    fn joined_member(&self, guild: &Guild, index: u32, nick_change: u8) -> Member {
        let id = self.user_id(guild, index);
        let user = self.stranger(guild, id);
        let nick = nickname(guild, &user, id.0, nick_change).filter(|_| nick_change > 0);
        Member {
            guild: guild.id,
            index,
            user,
            nick,
            roles: Roles::default(),
            joined_at: self.start,
            rejoined: false,
            timed_out_until: None,
            premium_since: None,
        }
    }

    /// The account of an id that was made for somebody who joined, or of a bot's.
    pub(crate) fn stranger(&self, guild: &Guild, id: UserId) -> User {
        match user_number(self.seed, id) {
            Some(number) => self.account(number, guild.language),
            None => naming::person(self.seed, id, id.0, guild.language),
        }
    }

    /// The account of an id that this world made from a number.
    pub(crate) fn user(&self, guilds: &[Guild], id: UserId) -> Option<User> {
        let number = user_number(self.seed, id)?;
        if number < BOT_NUMBERS && number >= communities::BOTS.len() as u64 {
            return None;
        }
        if number < self.first_number() {
            return Some(self.account(number, Language::English));
        }
        let after = guilds.partition_point(|guild| guild.first_user <= number);
        let guild = guilds.get(after.checked_sub(1)?)?;
        let index = u32::try_from(number - guild.first_user).ok()?;
        let is_there = index < guild.human_count && index % TRAVELLER_EVERY != TRAVELLER_PLACE;
        is_there.then(|| self.account(number, guild.language))
    }

    fn number(&self, guild: &Guild, index: u32) -> u64 {
        if let Some(place) = index.checked_sub(guild.human_count) {
            return guild.bots.get(place as usize).map_or(0, |&bot| u64::from(bot));
        }
        if index % TRAVELLER_EVERY == TRAVELLER_PLACE {
            let slot = u64::from(index / TRAVELLER_EVERY) + self.traveller_offset(guild);
            return BOT_NUMBERS + slot % self.travellers;
        }
        guild.first_user + u64::from(index)
    }

    fn traveller_offset(&self, guild: &Guild) -> u64 {
        hash(&[guild.seed, 0x77a1]) % self.travellers
    }

    fn account(&self, number: u64, home: Language) -> User {
        let id = user_id(self.seed, number);
        if number < BOT_NUMBERS {
            return naming::bot(self.seed, id, number);
        }
        let language = if number < self.first_number() { Language::English } else { home };
        naming::person(self.seed, id, number, language)
    }

    fn joined_at(&self, guild: &Guild, index: u32, rng: &mut Rng) -> UnixMs {
        if index == 0 {
            return guild.created_at;
        }
        if index >= guild.human_count {
            return guild.bot_joined_at;
        }
        if let Some(nth) = index.checked_sub(old_members(guild)) {
            return self.newcomer_joined_at(guild, nth);
        }
        // Guilds grow faster as they get larger: later joins are likelier.
        let age = (self.history_start.0 - guild.created_at.0).max(DAY_MS) as f64;
        let share = 1.0 - rng.unit() * rng.unit();
        UnixMs(guild.created_at.0 + 1_000 + (share * (age - 2_000.0)) as i64)
    }

    /// When a newcomer joined: each in a slot of their own, one after the other, and more of them around the special day.
    pub(crate) fn newcomer_joined_at(&self, guild: &Guild, nth: u32) -> UnixMs {
        let place = (hash(&[guild.seed, 0x301, u64::from(nth)]) >> 11) as f64 / (1u64 << 53) as f64;
        let share = (f64::from(nth) + place) / f64::from(newcomers(guild).max(1));
        let window = (self.start.0 - self.history_start.0) as f64;
        let special = (self.start_day - i64::from(guild.special_day.0)) * DAY_MS;
        let before = (special - self.history_start.0) as f64 / window;
        let lasts = SPECIAL_DAYS * DAY_MS as f64 / window;
        let share = if before > 0.02 && before + lasts < 0.98 {
            // Of the people who come on usual days, so many come before.
            let come_before = (1.0 - SPECIAL_SHARE) * before / (1.0 - lasts);
            if share < come_before {
                share / come_before * before
            } else if share < come_before + SPECIAL_SHARE {
                before + (share - come_before) / SPECIAL_SHARE * lasts
            } else {
                let after = come_before + SPECIAL_SHARE;
                before + lasts + (share - after) / (1.0 - after) * (1.0 - before - lasts)
            }
        } else {
            share
        };
        UnixMs(self.history_start.0 + (share * (window - 2_000.0)) as i64)
    }

    /// How many people are there at an instant of history, of those who are there when the present begins.
    pub(crate) fn joined_before(&self, guild: &Guild, at: UnixMs) -> u32 {
        let (mut none, mut all) = (0, newcomers(guild));
        while none < all {
            let middle = none + (all - none) / 2;
            match self.newcomer_joined_at(guild, middle) < at {
                true => none = middle + 1,
                false => all = middle,
            }
        }
        old_members(guild) + none
    }
}

/// The account of our own bot.
pub(crate) fn own_bot(seed: u64, id: UserId) -> User {
    naming::bot(seed, id, 0)
}

/// People who joined during the history: one in twenty, from the highest indexes.
pub(crate) fn newcomers(guild: &Guild) -> u32 {
    if guild.human_count < 50 { 0 } else { guild.human_count / 20 }
}

/// People who joined before the history.
pub(crate) fn old_members(guild: &Guild) -> u32 {
    guild.human_count - newcomers(guild)
}

/// Indexes of the moderators: regulars, who never leave. The owner comes first.
pub(crate) fn moderators(guild: &Guild) -> impl Iterator<Item = u32> + '_ {
    let wanted = match guild.places {
        0..20 => 0,
        20..200 => 2,
        200..2_000 => 3,
        2_000..20_000 => 5,
        _ => 8,
    };
    let others = (0..2 * wanted).map(|rank| regular_of_rank(guild, 1 + 2 * rank));
    std::iter::once(0).chain(others.filter(|index| *index != 0).take(wanted as usize))
}

/// How many regulars write most of what is written: about 770 in a guild of 50,000.
pub(crate) fn regulars(guild: &Guild) -> u32 {
    let wanted = 1.7 * math::pow(f64::from(guild.places), 0.565);
    (wanted as u32).max(8).min(old_members(guild))
}

/// One of the regulars, by Zipf's law.
pub(crate) fn regular(guild: &Guild, rng: &mut Rng) -> u32 {
    regular_of_rank(guild, rng.zipf(regulars(guild)))
}

/// The member of a rank among those who write, 0 for who writes most.
pub(crate) fn regular_of_rank(guild: &Guild, rank: u32) -> u32 {
    let old = u64::from(old_members(guild));
    // A prime step that shares no factor with the count visits every member once.
    let step = [1_000_003u64, 998_244_353, 754_974_721]
        .into_iter()
        .find(|prime| old % prime != 0)
        .unwrap_or(1);
    ((u64::from(rank) * step + guild.seed % old) % old) as u32
}

fn boosting_share(guild: &Guild) -> f64 {
    f64::from(guild.boost_count) * 0.7 / f64::from(guild.human_count.max(1))
}

fn roles(guild: &Guild, index: u32, user: &User, boosts: bool, rng: &mut Rng) -> Roles {
    let mut roles = Roles::default();
    if user.bot {
        guild
            .roles
            .iter()
            .filter(|role| role.bot == Some(user.id))
            .for_each(|role| roles.push(role.id));
        return roles;
    }
    let mut place = rng.unit();
    let own = communities::roles(guild.community, guild.language);
    // Roles rise: everyone, the bots', the community's own from the lowest, the boosters'.
    let highest = usize::from(guild.founding_roles) - 2;
    let moderates = index != 0 && moderators(guild).any(|moderator| moderator == index);
    for (step, (_, _, powers, share)) in own.iter().enumerate() {
        let is_theirs = match moderates {
            true => *powers == communities::Powers::Moderation,
            false => place < *share || (index == 0 && step == 0),
        };
        if is_theirs {
            roles.push(guild.roles[highest - step].id);
            break;
        }
        place -= share;
    }
    if boosts && let Some(role) = guild.roles.iter().find(|role| role.is_booster) {
        roles.push(role.id);
    }
    roles
}
