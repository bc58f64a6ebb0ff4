//! Any text, as a frame, as the data of each event that is read and as a page of history: no panic, and what is returned is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_bot::lens::{self, Read};
use vigie_bot::limits::{
    CHANNELS_PER_GUILD_MAX, HISTORY_PAGE_MESSAGES, NAME_BYTES_MAX, VOICE_STATES_PER_GUILD_MAX,
};
use vigie_core::PageRequest;
use vigie_core::vocabulary::{ChannelId, Fact, GuildId, MessageId};

const EVENTS: [&str; 12] = [
    "MESSAGE_CREATE",
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "CHANNEL_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
    "MESSAGE_REACTION_REMOVE_ALL",
    "VOICE_STATE_UPDATE",
    "READY",
];

fuzz_target!(|text: &str| {
    check(lens::read(text).ok());
    for event in EVENTS {
        check(lens::read_event(event, text).ok());
    }
    let request = PageRequest { guild: GuildId(1), channel: ChannelId(2), after: MessageId(3) };
    if let Ok(page) = lens::read_history(text, &request) {
        assert!(page.messages.len() <= HISTORY_PAGE_MESSAGES as usize);
        assert!(page.messages.iter().all(|message| Some(message.message) <= page.newest));
    }
});

fn check(read: Option<Read<'_>>) {
    match read {
        Some(Read::Fact(Fact::Message(message))) => {
            assert!(message.author.username.len() <= NAME_BYTES_MAX);
            assert!(message.author.id.0 != 0 && message.guild.0 != 0);
        }
        Some(Read::Fact(Fact::Guild(guild))) => {
            assert!(guild.name.len() <= NAME_BYTES_MAX);
            assert!(guild.channels.len() <= 2 * CHANNELS_PER_GUILD_MAX);
            let states = guild.voice_states.iter().flatten();
            assert!(states.clone().count() <= VOICE_STATES_PER_GUILD_MAX);
            assert!(states.clone().all(|state| state.channel.is_some()));
        }
        Some(Read::Facts(facts)) => assert!(facts.len() <= CHANNELS_PER_GUILD_MAX),
        _ => {}
    }
}
