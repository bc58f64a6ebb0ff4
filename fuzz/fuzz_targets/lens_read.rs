//! Any text, as a frame and as the data of each event that is read: no panic, and what is returned is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_bot::lens::{self, Read};
use vigie_bot::limits::{CHANNELS_PER_GUILD_MAX, NAME_BYTES_MAX};
use vigie_core::vocabulary::Fact;

const EVENTS: [&str; 9] = [
    "MESSAGE_CREATE",
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "CHANNEL_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
];

fuzz_target!(|text: &str| {
    check(lens::read(text).ok());
    for event in EVENTS {
        check(lens::read_event(event, text).ok());
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
        }
        Some(Read::Facts(facts)) => assert!(facts.len() <= CHANNELS_PER_GUILD_MAX),
        _ => {}
    }
}
