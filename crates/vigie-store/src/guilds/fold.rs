//! The guild records of a batch, merged in memory: each guild, channel and member becomes at most one row.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{ChannelRecord, GuildId, GuildRecord, MemberRecord, UnixMs};

use crate::{
    limits::{HASH_BYTES_MAX, NAME_BYTES_MAX},
    value::{int, key, text},
};

/// A thread is told when it is active: its absence from a sync says nothing.
pub(super) fn is_thread(kind: i32) -> bool {
    matches!(kind, 10..=12)
}

/// What an id out of range is refused with.
pub(super) const ID_TOO_LARGE: &str = "an id does not fit into 63 bits";

/// Guild records, merged in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct GuildsFold {
    /// When each known guild was last told about, in the tables or by a record of this batch.
    told_at: BTreeMap<i64, i64>,
    guilds: BTreeMap<i64, GuildWrite>,
    removed: BTreeMap<i64, i64>,
    synced: BTreeSet<i64>,
    channels: BTreeMap<(i64, i64), ChannelState>,
    members: BTreeMap<(i64, i64), MemberWrite>,
}

/// A row of `guilds`.
#[derive(Clone, Debug)]
pub(crate) struct GuildWrite {
    pub(crate) id: i64,
    pub(crate) at_ms: i64,
    pub(crate) name: String,
    pub(crate) icon: Option<String>,
    pub(crate) owner: i64,
    pub(crate) member_count: Option<i32>,
    pub(crate) bot_added_at_ms: Option<i64>,
    pub(crate) premium_tier: i32,
    pub(crate) boost_count: i32,
}

/// A row of `channel_names` that is there.
#[derive(Clone, Debug)]
pub(crate) struct ChannelWrite {
    pub(crate) guild: i64,
    pub(crate) id: i64,
    pub(crate) kind: i32,
    pub(crate) name: Option<String>,
    pub(crate) parent: Option<i64>,
    pub(crate) position: i32,
}

/// What the batch says of a channel: what it is, and whether it is gone in the end.
#[derive(Debug)]
struct ChannelState {
    told: Option<ChannelWrite>,
    kind: i32,
    deleted: bool,
}

/// A row of `member_names`.
#[derive(Clone, Debug)]
pub(crate) struct MemberWrite {
    pub(crate) guild: i64,
    pub(crate) id: i64,
    pub(crate) kind: i32,
    pub(crate) username: String,
    pub(crate) display_name: Option<String>,
    pub(crate) avatar: Option<String>,
}

impl MemberWrite {
    /// What a search looks into: both names, folded as the leaderboard folds the search.
    pub(crate) fn search_name(&self) -> String {
        let display = self.display_name.as_deref().unwrap_or_default();
        format!("{}\n{}", self.username, display).to_lowercase()
    }
}

impl GuildsFold {
    /// An empty fold that knows when the tables were last told about these guilds: older records change nothing.
    pub(crate) fn new(told_at: impl IntoIterator<Item = (i64, i64)>) -> Self {
        Self { told_at: told_at.into_iter().collect(), ..Self::default() }
    }

    /// A guild, and all its channels if it lists any.
    pub(crate) fn guild(&mut self, record: &GuildRecord) -> Result<(), &'static str> {
        let id = key(record.id.0).ok_or(ID_TOO_LARGE)?;
        let owner = key(record.owner.0).ok_or(ID_TOO_LARGE)?;
        if self.is_stale(id, record.at) {
            return Ok(());
        }
        let before = self.guilds.get(&id);
        let member_count = record.member_count.map(|count| int(u64::from(count)));
        let bot_added_at_ms = record.bot_joined_at.map(|at| at.0);
        let write = GuildWrite {
            id,
            at_ms: record.at.0,
            name: text(&record.name, NAME_BYTES_MAX),
            icon: record.icon.as_deref().map(|icon| text(icon, HASH_BYTES_MAX)),
            owner,
            member_count: member_count.or_else(|| before?.member_count),
            bot_added_at_ms: bot_added_at_ms.or_else(|| before?.bot_added_at_ms),
            premium_tier: i32::from(record.premium_tier),
            boost_count: int(u64::from(record.boost_count)),
        };
        self.guilds.insert(id, write);
        self.removed.remove(&id);
        if record.channels.is_empty() {
            return Ok(());
        }
        self.synced.insert(id);
        let of_guild = self.channels.range_mut((id, i64::MIN)..=(id, i64::MAX));
        for (_, state) in of_guild.filter(|(_, state)| !is_thread(state.kind)) {
            state.deleted = true;
        }
        self.channels(record.id, &record.channels)
    }

    /// Our bot was removed.
    pub(crate) fn guild_removed(&mut self, guild: GuildId, at: UnixMs) -> Result<(), &'static str> {
        let id = key(guild.0).ok_or(ID_TOO_LARGE)?;
        if !self.is_stale(id, at) {
            self.removed.insert(id, at.0);
        }
        Ok(())
    }

    /// Some channels.
    pub(crate) fn channels(
        &mut self,
        guild: GuildId,
        records: &[ChannelRecord],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        for record in records {
            let id = key(record.id.0).ok_or(ID_TOO_LARGE)?;
            let parent =
                record.parent.map(|parent| key(parent.0).ok_or(ID_TOO_LARGE)).transpose()?;
            let kind = i32::from(record.kind.0);
            let state = self.channels.entry((guild, id)).or_insert(ChannelState {
                told: None,
                kind,
                deleted: false,
            });
            state.deleted = record.deleted;
            if record.deleted {
                continue;
            }
            let name = record.name.as_deref().map(|name| text(name, NAME_BYTES_MAX));
            let name_before = state.told.take().and_then(|told| told.name);
            state.kind = kind;
            state.told = Some(ChannelWrite {
                guild,
                id,
                kind,
                name: name.or(name_before),
                parent,
                position: record.position,
            });
        }
        Ok(())
    }

    /// Some members.
    pub(crate) fn members(
        &mut self,
        guild: GuildId,
        records: &[MemberRecord],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        for record in records {
            let id = key(record.id.0).ok_or(ID_TOO_LARGE)?;
            let display_name = record.display_name.as_deref();
            let write = MemberWrite {
                guild,
                id,
                kind: i32::from(record.kind as u8),
                username: text(&record.username, NAME_BYTES_MAX),
                display_name: display_name.map(|name| text(name, NAME_BYTES_MAX)),
                avatar: record.avatar.as_deref().map(|hash| text(hash, HASH_BYTES_MAX)),
            };
            self.members.insert((guild, id), write);
        }
        Ok(())
    }

    fn is_stale(&mut self, guild: i64, at: UnixMs) -> bool {
        let told_at = self.told_at.entry(guild).or_insert(at.0);
        let stale = at.0 < *told_at;
        *told_at = at.0.max(*told_at);
        stale
    }

    /// Guilds to write, by id. One that was told and then removed is written as told before it is removed.
    pub(crate) fn told(&self) -> impl Iterator<Item = &GuildWrite> {
        self.guilds.values()
    }

    /// Guilds to mark as removed, with the instant.
    pub(crate) fn removed(&self) -> impl Iterator<Item = (i64, i64)> {
        self.removed.iter().map(|(guild, at)| (*guild, *at))
    }

    /// Guilds whose channels are all listed.
    pub(crate) fn synced(&self) -> impl Iterator<Item = i64> {
        self.synced.iter().copied()
    }

    /// Channels to write as existing, by key; those deleted later in the batch too.
    pub(crate) fn channels_told(&self) -> impl Iterator<Item = &ChannelWrite> {
        self.channels.values().filter_map(|state| state.told.as_ref())
    }

    /// Channels to mark as deleted: guild, id, kind.
    pub(crate) fn channels_deleted(&self) -> impl Iterator<Item = (i64, i64, i32)> {
        let deleted = self.channels.iter().filter(|(_, state)| state.deleted);
        deleted.map(|((guild, id), state)| (*guild, *id, state.kind))
    }

    /// Members to write, by key.
    pub(crate) fn members_told(&self) -> impl Iterator<Item = &MemberWrite> {
        self.members.values()
    }
}
