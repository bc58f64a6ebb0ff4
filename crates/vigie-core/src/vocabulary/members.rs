//! The words of the members family: who came, who went, who is there.

use crate::vocabulary::{AuthorKind, GuildId, Person, UnixMs, UserId};

/// Somebody is a member: one GUILD_MEMBER_ADD, or one entry of the list of members. Guests (flag IS_GUEST, no `joined_at`) are
/// none. Source: Discord, "Guild Resource", Guild Member Object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFact<'a> {
    /// Who, with their names.
    pub person: Person<'a>,
    /// `joined_at`: with guild and member the key of the stay. Discord may tell the same one again.
    pub joined_at: UnixMs,
    /// The flag DID_REJOIN: they had been here before.
    pub rejoined: bool,
}

/// One page of a guild's members (`GET /guilds/{guild}/members?limit=1000&after=`), which needs the privileged intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberPage<'a> {
    /// Where.
    pub guild: GuildId,
    /// The `after` that was asked: an answer to another question is ignored.
    pub after: UserId,
    /// The last member on it; `None` when it is empty. The next page begins after them.
    pub last: Option<UserId>,
    /// Whether the page was full, so that another follows.
    pub more: bool,
    /// The members on it.
    pub members: Vec<MemberFact<'a>>,
}

/// A member's stay began. Its key is (guild, member, `joined_at`): told again it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// When.
    pub joined_at: UnixMs,
    /// Discord says that they had been here before.
    pub rejoined: bool,
    /// The beginning of the reading of the list of members in which they were found; `None` when the join was heard. Of the joins
    /// of the past a list knows only those who stayed.
    pub listed: Option<UnixMs>,
}

/// A member's stay ended: leave, kick, ban or prune, which the ledger of moderation tells apart in the store. Discord gives no time
/// and no id for it, and may say it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// When it was heard.
    pub left_at: UnixMs,
}

/// How a stay ended. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DepartureKind {
    /// By themselves, as far as anything tells.
    #[default]
    Leave = 0,
    /// By an audit entry 20 for that member within the grace, before or after.
    Kick = 1,
    /// By an audit entry 22 or GUILD_BAN_ADD.
    Ban = 2,
    /// By an audit entry 21.
    Prune = 3,
    /// Not heard: they were here before a gap, and gone after it.
    Unseen = 4,
}

impl DepartureKind {
    /// The kind of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        [Self::Leave, Self::Kick, Self::Ban, Self::Prune, Self::Unseen]
            .get(usize::from(value))
            .copied()
    }
}
