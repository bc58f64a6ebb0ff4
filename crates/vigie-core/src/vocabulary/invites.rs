//! The words of the invites family: the invite book, and whom a join is attributed to.

use std::borrow::Cow;

use crate::vocabulary::{ChannelId, GuildId, Person, UnixMs, UserId};

/// An invite as Discord describes it (INVITE_CREATE, `GET /guilds/{guild}/invites`). Source: Discord, "Invite Resource".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteFact<'a> {
    /// Its code.
    pub code: Cow<'a, str>,
    /// Where it leads.
    pub channel: Option<ChannelId>,
    /// Who made it; `None` for a guild's own (widget, vanity).
    pub inviter: Option<Person<'a>>,
    /// `uses`; `None` where MANAGE_GUILD is missing.
    pub uses: Option<u32>,
    /// `max_uses`; 0 for without end.
    pub max_uses: u32,
    /// `created_at`.
    pub created_at: Option<UnixMs>,
    /// `expires_at`, else `created_at` and `max_age`; `None` for never. Discord sends no event when it passes.
    pub expires_at: Option<UnixMs>,
    /// Members who came by it leave when they go offline.
    pub temporary: bool,
}

/// A guild's invites, all of them, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteList<'a> {
    /// Where.
    pub guild: GuildId,
    /// All that there are.
    pub invites: Vec<InviteFact<'a>>,
    /// The vanity address and its real counter (`GET /guilds/{guild}/vanity-url`); `None` where there is none or it may not be read.
    pub vanity: Option<(Cow<'a, str>, u32)>,
}

/// An invite, as it is to be stored. Its key is (guild, code).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteRecord {
    /// Its code.
    pub code: String,
    /// When this was so.
    pub at: UnixMs,
    /// Whether it is the guild's vanity address.
    pub is_vanity: bool,
    /// Where it leads.
    pub channel: Option<ChannelId>,
    /// Who made it.
    pub inviter: Option<UserId>,
    /// How often it was used, where known.
    pub uses: Option<u32>,
    /// How often it may be used; 0 for without end.
    pub max_uses: u32,
    /// When it was made, where known.
    pub created_at: Option<UnixMs>,
    /// When it runs out; `None` for never.
    pub expires_at: Option<UnixMs>,
    /// When it was deleted, used up, or found gone; what is `None` here keeps its stored value then.
    pub ended_at: Option<UnixMs>,
    /// Whether it gives a stay only while online.
    pub temporary: bool,
}

/// By what a join was attributed. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum AttributionMethod {
    /// Nothing points to an invite, or the invites cannot be read.
    #[default]
    Unknown = 0,
    /// An invite for one use (or its last one) was used up.
    SingleUse = 1,
    /// One code was used as often as members came.
    UsesDiff = 2,
    /// The vanity address was used as often as members came.
    Vanity = 3,
    /// Several codes were used: any of the candidates.
    Ambiguous = 4,
    /// A bot: it was added by somebody, without an invite.
    BotAdded = 5,
}

impl AttributionMethod {
    /// The method of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        [
            Self::Unknown,
            Self::SingleUse,
            Self::UsesDiff,
            Self::Vanity,
            Self::Ambiguous,
            Self::BotAdded,
        ]
        .get(usize::from(value))
        .copied()
    }
}

/// How sure an attribution is. The numbers are stored; a later record of the same join replaces one that is not surer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Confidence {
    /// Not attributed.
    #[default]
    None = 0,
    /// Right in at least 19 of 20.
    Likely = 1,
    /// Nothing else can have happened.
    Exact = 2,
}

impl Confidence {
    /// The confidence of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        [Self::None, Self::Likely, Self::Exact].get(usize::from(value)).copied()
    }
}

/// How a member came. Its key is that of the stay: (guild, member, `joined_at`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// Who came.
    pub member: UserId,
    /// When.
    pub joined_at: UnixMs,
    /// By what it was attributed.
    pub method: AttributionMethod,
    /// How sure it is.
    pub confidence: Confidence,
    /// The invite's code.
    pub code: Option<String>,
    /// Who made that invite; may be known where the code is not, if all candidates are of one person.
    pub inviter: Option<UserId>,
    /// The evidence: each code that may have been used, with how often it was in the burst.
    pub candidates: Vec<Candidate>,
    /// How many joins the burst had.
    pub burst: u32,
}

/// A code that may have brought a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Its code.
    pub code: String,
    /// Who made it.
    pub inviter: Option<UserId>,
    /// How often it was used in the burst.
    pub used: u32,
    /// Whether it ended in the burst: used up, or deleted.
    pub ended: bool,
}
