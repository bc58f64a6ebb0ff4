//! Family **guilds**: the records of guilds and channels, which leave at once, and the names of members, which leave
//! with the counts.

pub(crate) mod details;
mod names;

use crate::limits;
use crate::vocabulary::{
    Channel, ChannelId, ChannelKind, ChannelRecord, GuildFact, GuildId, GuildRecord, Record, UnixMs,
};

pub(crate) use names::Names;

/// A guild as it is at `now`, its channels sorted by id, each once (the last one named).
pub(crate) fn guild(now: UnixMs, fact: &GuildFact<'_>) -> Record {
    let mut channels: Vec<_> = fact.channels.iter().map(channel_record).collect();
    channels.sort_by_key(|channel| channel.id);
    channels.dedup_by(|later, earlier| {
        let same = later.id == earlier.id;
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
    Record::Guild(GuildRecord {
        id: fact.id,
        at: now,
        name: short(&fact.name),
        icon: fact.icon.as_deref().map(short),
        owner: fact.owner,
        member_count: fact.member_count,
        bot_joined_at: fact.bot_joined_at,
        premium_tier: fact.premium_tier,
        boost_count: fact.boost_count,
        channels,
    })
}

/// A channel that was made or changed.
pub(crate) fn channel(guild: GuildId, channel: &Channel<'_>) -> Record {
    Record::Channels(guild, vec![channel_record(channel)])
}

/// A channel that was deleted: its last known name, kind, parent and position are the store's to keep.
pub(crate) fn channel_deleted(guild: GuildId, channel: ChannelId) -> Record {
    let record = ChannelRecord {
        id: channel,
        kind: ChannelKind::default(),
        name: None,
        parent: None,
        position: 0,
        deleted: true,
    };
    Record::Channels(guild, vec![record])
}

fn channel_record(channel: &Channel<'_>) -> ChannelRecord {
    ChannelRecord {
        id: channel.id,
        kind: channel.kind,
        name: channel.name.as_deref().map(short),
        parent: channel.parent,
        position: channel.position,
        deleted: false,
    }
}

/// An owned name within its bound.
fn short(name: &str) -> String {
    limits::cut(name, limits::NAME_BYTES_MAX).to_owned()
}
