//! Who came and who went: the stays of members, and what changed about them since the present began.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use vigie_core::vocabulary::{AuthorKind, DepartureKind, GuildId, UnixMs, UserId};

use crate::guild::Guild;
use crate::limits;
use crate::people::{Member, Roles};
use crate::rng::Rng;
use crate::world::World;

/// People who joined since the present began have indexes from here on, far above [`limits::MEMBERS_MAX`].
pub(crate) const JOINERS_FROM: u32 = 1 << 24;
/// Bots that were added since the present began have these, and their account's number.
pub(crate) const JOINED_BOTS_FROM: u32 = 1 << 25;
/// The index of who left before the present began.
pub(crate) const NOBODY: u32 = u32::MAX;
/// Of those who joined lately so many may be the next to write or to leave.
const RECENT_MAX: usize = 256;

/// How somebody became a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before anything was recorded.
    Before,
    /// By the invite of this code.
    Invite(Arc<str>),
    /// By the vanity address.
    Vanity,
    /// By the list of public guilds, without any invite.
    Discovery,
    /// A bot, added by somebody.
    BotAdded,
}

/// The time of a member in a guild, as it truly was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// `joined_at`: when they joined. GUILD_MEMBER_ADD comes up to [`limits::JOIN_TOLD_AFTER_MS_MAX`] later.
    pub joined_at: UnixMs,
    /// The flag DID_REJOIN.
    pub rejoined: bool,
    /// How they came.
    pub way: Way,
    /// Who made the invite by which they came.
    pub inviter: Option<UserId>,
    /// When and how they left, if they did. GUILD_MEMBER_REMOVE is dispatched at that instant, but for those of a prune,
    /// which follow within [`limits::PRUNE_TOLD_WITHIN_MS`].
    pub left: Option<(UnixMs, DepartureKind)>,
}

/// What is different about a member from what the seed says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) is_gone: bool,
    /// When they joined, where that was in the present.
    pub(crate) joined_at: Option<UnixMs>,
    pub(crate) rejoined: bool,
    /// How often their nickname was changed.
    pub(crate) nick_change: u8,
    pub(crate) roles: Option<Roles>,
    pub(crate) timed_out_until: Option<UnixMs>,
}

/// What changed about the members of a guild; nothing is allocated before something did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    standings: BTreeMap<u32, Standing>,
    /// Accounts of those who joined; their index less [`JOINERS_FROM`] is their place.
    joiners: Vec<UserId>,
    places: HashMap<UserId, u32, FxBuildHasher>,
    /// Present joiners, the newest last.
    recent: VecDeque<u32>,
    nicks_changed: usize,
}

impl Roster {
    pub(crate) fn standing(&self, index: u32) -> Option<&Standing> {
        self.standings.get(&index)
    }

    pub(crate) fn standing_mut(&mut self, index: u32) -> &mut Standing {
        self.standings.entry(index).or_default()
    }

    pub(crate) fn is_gone(&self, index: u32) -> bool {
        // The commonest guild is one that nobody left.
        !self.standings.is_empty() && self.standing(index).is_some_and(|standing| standing.is_gone)
    }

    /// The account of somebody who joined.
    pub(crate) fn joiner(&self, index: u32) -> Option<UserId> {
        self.joiners.get(index.checked_sub(JOINERS_FROM)? as usize).copied()
    }

    /// The index of somebody who joined, gone or not.
    pub(crate) fn place(&self, user: UserId) -> Option<u32> {
        self.places.get(&user).copied()
    }

    /// The index that the next person to join gets; `None` where there were too many.
    pub(crate) fn next_joiner(&self) -> Option<u32> {
        let count = self.joiners.len() as u32;
        (count < limits::JOINERS_MAX).then_some(JOINERS_FROM + count)
    }

    /// Indexes of the joiners and added bots that are there, by rising index.
    pub(crate) fn present_joiners(&self) -> impl Iterator<Item = u32> + '_ {
        let joined = self.standings.range(JOINERS_FROM..);
        joined.filter(|(_, standing)| !standing.is_gone).map(|(index, _)| *index)
    }

    /// Somebody who joined lately and is there.
    pub(crate) fn recent(&self, rng: &mut Rng) -> Option<u32> {
        let count = self.recent.len();
        (count > 0).then(|| self.recent[rng.below(count as u64) as usize])
    }

    pub(crate) fn arrive(&mut self, user: UserId, index: u32, joined_at: UnixMs, rejoined: bool) {
        if index >= JOINERS_FROM && self.place(user).is_none() {
            self.places.insert(user, index);
            if index < JOINED_BOTS_FROM {
                self.joiners.push(user);
            }
        }
        let standing = self.standing_mut(index);
        let nick_change = standing.nick_change;
        *standing = Standing {
            joined_at: Some(joined_at),
            rejoined,
            nick_change,
            roles: Some(Roles::default()),
            ..Standing::default()
        };
        if index < JOINED_BOTS_FROM {
            if self.recent.len() >= RECENT_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(index);
        }
    }

    pub(crate) fn leave(&mut self, index: u32) {
        self.standing_mut(index).is_gone = true;
        self.recent.retain(|recent| *recent != index);
    }

    /// Changes the nickname of a member; of another one changed before, where there are too many.
    pub(crate) fn change_nick(&mut self, index: u32, rng: &mut Rng) -> u32 {
        let is_new = self.standing(index).is_none_or(|standing| standing.nick_change == 0);
        let mut index = index;
        if is_new && self.nicks_changed >= limits::CHANGED_MEMBERS_MAX {
            let changed =
                |(_, standing): &(&u32, &Standing)| standing.nick_change > 0 && !standing.is_gone;
            let changed: Vec<u32> =
                self.standings.iter().filter(changed).map(|(index, _)| *index).collect();
            if !changed.is_empty() {
                index = rng.pick(&changed);
            }
        } else if is_new {
            self.nicks_changed += 1;
        }
        let standing = self.standing_mut(index);
        standing.nick_change = standing.nick_change.wrapping_add(1).max(1);
        index
    }
}

impl Guild {
    /// Whether the member of an index is a person.
    pub fn is_person(&self, index: u32) -> bool {
        index < self.human_count || (JOINERS_FROM..JOINED_BOTS_FROM).contains(&index)
    }

    /// The index of our bot.
    pub fn own_index(&self) -> u32 {
        self.places - 1
    }

    /// Indexes of the members who are there now, by rising index.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        let founders = (0..self.places).filter(|index| !self.roster.is_gone(*index));
        founders.chain(self.roster.present_joiners())
    }

    /// Whether the member of an index is there now.
    pub fn is_member(&self, index: u32) -> bool {
        match index {
            0..JOINERS_FROM => index < self.places && !self.roster.is_gone(index),
            _ => self.roster.standing(index).is_some_and(|standing| !standing.is_gone),
        }
    }
}

impl World {
    /// The member at a place of a guild: 0 is the owner, [`Guild::human_count`] the first bot, the last of
    /// [`Guild::places`] our bot. Other places wrap around, but for those of members who joined in the present.
    pub fn member(&self, guild: &Guild, index: u32) -> Member {
        let index = if index < JOINERS_FROM { index % guild.places } else { index };
        self.population.member(guild, index)
    }

    /// The place of a user among the members of a guild; `None` for who is not there now.
    pub fn member_index(&self, guild: &Guild, user: UserId) -> Option<u32> {
        self.population.index(guild, user).filter(|index| guild.is_member(*index))
    }

    /// Up to `limit` members whose id is above `after`, by rising id: as Discord's "List Guild Members" does.
    /// Looks at every member's id, about 10 ns each.
    pub fn members_after(&self, guild: &Guild, after: UserId, limit: usize) -> Vec<Member> {
        let with_id = |index| (self.population.user_id(guild, index), index);
        let mut ids: Vec<(UserId, u32)> =
            guild.members().map(with_id).filter(|(id, _)| *id > after).collect();
        if ids.len() > limit && limit > 0 {
            ids.select_nth_unstable(limit - 1);
        }
        ids.truncate(limit);
        ids.sort_unstable();
        ids.into_iter().map(|(_, index)| self.member(guild, index)).collect()
    }

    /// The stays of a guild of which something is recorded, in the order in which they were first told of: those that began
    /// or ended in history or in the present. Members who were there all the time have none.
    pub fn stays(&self, guild: GuildId) -> &[Stay] {
        self.guild(guild).map_or(&[], |guild| &self.society(guild).stays)
    }

    /// Members of a guild at an instant of history or of the present, bots included.
    pub fn member_count_at(&self, guild: &Guild, at: UnixMs) -> u32 {
        let stays = &self.society(guild).stays;
        let is_there = |stay: &&Stay| stay.left.is_none() && stay.joined_at > at;
        let was_there =
            |stay: &&Stay| stay.joined_at <= at && stay.left.is_some_and(|(left, _)| left > at);
        let came = stays.iter().filter(is_there).count() as u32;
        let gone = stays.iter().filter(was_there).count() as u32;
        guild.member_count + gone - came
    }
}
