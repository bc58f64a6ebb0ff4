//! What open windows cost, counted by capacity; no clock, so the same on every machine.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Emoji, Fact, GuildId, MessageFact, MessageId, MessageKind, Person,
    ReactionFact, UnixMs, UserId, snowflake_at,
};
use vigie_core::{Core, CoreConfig};

const NOW: UnixMs = UnixMs(1_795_132_800_000);

fn message(guild: u64, channel: u64, member: u64) -> Fact<'static> {
    Fact::Message(MessageFact {
        guild: GuildId(guild),
        channel: ChannelId(channel),
        message: MessageId(snowflake_at(NOW) + member),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(member),
            kind: AuthorKind::Human,
            username: "someone".into(),
            display_name: None,
            avatar: None,
        },
    })
}

/// A fact that names nobody, so that names cost nothing.
fn reaction(channel: u64, member: u64) -> Fact<'static> {
    Fact::Reaction(ReactionFact {
        guild: GuildId(1),
        channel: ChannelId(channel),
        message: MessageId(0),
        giver: UserId(member),
        giver_person: None,
        message_author: None,
        emoji: Emoji::Unicode("👍".into()),
        added: false,
    })
}

/// Bytes of open windows for each cell, after `guilds` guilds had `members` members write in each of `channels` channels.
fn bytes_per_cell(guilds: u64, channels: u64, members: u64) -> f64 {
    let mut core = Core::new(CoreConfig::default());
    for guild in 1..=guilds {
        for channel in 1..=channels {
            for member in 1..=members {
                let fact = message(guild, guild * 1_000 + channel, guild * 100_000 + member);
                core.handle(NOW, fact, &mut Vec::new());
            }
        }
    }
    let stats = core.stats();
    assert_eq!(stats.open_cells, guilds * channels * members);
    stats.activity_bytes as f64 / stats.open_cells as f64
}

#[test]
fn a_cell_costs_at_most_24_bytes_where_people_meet() {
    for (guilds, channels, members) in [(1, 10, 5_000), (20, 20, 100), (100, 10, 25)] {
        let bytes = bytes_per_cell(guilds, channels, members);
        assert!(bytes <= 24.0, "{bytes:.1} bytes at {guilds} × {channels} × {members}");
    }
}

#[test]
fn a_cell_costs_at_most_48_bytes_in_small_guilds() {
    for (guilds, channels, members) in [(10_000, 1, 2), (5_000, 3, 3), (2_000, 3, 10)] {
        let bytes = bytes_per_cell(guilds, channels, members);
        assert!(bytes <= 48.0, "{bytes:.1} bytes at {guilds} × {channels} × {members}");
    }
}

#[test]
fn a_hundred_thousand_guilds_of_one_message_cost_less_than_seven_megabytes() {
    let bytes = bytes_per_cell(100_000, 1, 1) * 100_000.0;
    assert!(bytes < 7e6, "{bytes:.0} bytes");
}

#[test]
fn the_next_minute_needs_no_more_memory_and_a_burst_is_forgotten() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    let mut minute = |core: &mut Core, members| {
        (0..members).for_each(|member| core.handle(NOW, reaction(10, member), &mut out));
        let bytes = core.stats().activity_bytes;
        core.flush(NOW, &mut out);
        out.clear();
        bytes
    };
    let burst = minute(&mut core, 100_000);
    assert_eq!(minute(&mut core, 100_000), burst);
    for _ in 0..60 {
        minute(&mut core, 1_000);
    }
    let calm = minute(&mut core, 1_000);
    assert!(calm < burst / 30, "{calm} of {burst} bytes");
    for _ in 0..100 {
        minute(&mut core, 0);
    }
    assert!(core.stats().heap_bytes < 2_000, "{} bytes", core.stats().heap_bytes);
}
