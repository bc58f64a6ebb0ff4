//! Family **guilds**: the records of guilds and channels.

use std::borrow::Cow;

use crate::vocabulary::{
    Channel, ChannelId, ChannelKind, ChannelRecord, GuildFact, GuildId, GuildRecord, Record, UnixMs,
};

/// A guild as it is at `now`.
pub(crate) fn guild(now: UnixMs, fact: GuildFact<'_>) -> Record {
    Record::Guild(GuildRecord {
        id: fact.id,
        at: now,
        name: fact.name.into_owned(),
        icon: fact.icon.map(Cow::into_owned),
        owner: fact.owner,
        member_count: fact.member_count,
        bot_joined_at: fact.bot_joined_at,
        premium_tier: fact.premium_tier,
        boost_count: fact.boost_count,
        channels: fact.channels.into_iter().map(channel_record).collect(),
    })
}

/// A channel that was made or changed.
pub(crate) fn channel(guild: GuildId, channel: Channel<'_>) -> Record {
    Record::Channels(guild, vec![channel_record(channel)])
}

/// A channel that was deleted.
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

fn channel_record(channel: Channel<'_>) -> ChannelRecord {
    ChannelRecord {
        id: channel.id,
        kind: channel.kind,
        name: channel.name.map(Cow::into_owned),
        parent: channel.parent,
        position: channel.position,
        deleted: false,
    }
}
