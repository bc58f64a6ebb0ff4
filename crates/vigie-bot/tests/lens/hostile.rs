//! Texts made to hurt: huge strings, deep nesting, endless lists. All are read, with a stable reason, and what is
//! returned stays small.

use vigie_bot::lens::{self, Read, SetAside};
use vigie_bot::limits;
use vigie_core::PageRequest;
use vigie_core::vocabulary::{ChannelId, Fact, GuildId, MessageId, VoiceFact};

const MEGABYTE: usize = 1 << 20;

/// A message with one field put in place of its usual value.
fn message(field: &str, value: &str) -> String {
    let fields = [
        ("id", "\"1290111222333444555\""),
        ("type", "0"),
        ("guild_id", "\"1187654321098765432\""),
        ("channel_id", "\"1187654321098765501\""),
        ("author", r#"{"id":"801234567890123456","username":"ada"}"#),
        ("content", "\"\""),
    ];
    let fields = fields
        .map(|(name, usual)| format!("\"{name}\":{}", if name == field { value } else { usual }));
    format!(r#"{{"t":"MESSAGE_CREATE","s":1,"op":0,"d":{{{}}}}}"#, fields.join(","))
}

fn counted(text: &str) -> bool {
    matches!(lens::read(text), Ok(Read::Fact(Fact::Message(_))))
}

fn reason(text: &str) -> &'static str {
    match lens::read(text) {
        Err(SetAside { reason }) | Ok(Read::NotCounted(reason) | Read::Uncounted(reason, ..)) => {
            reason
        }
        other => panic!("not set aside: {other:?}"),
    }
}

#[test]
fn huge_values_that_nobody_reads_change_nothing() {
    for value in [
        format!("\"{}\"", "x".repeat(MEGABYTE)),
        format!("\"{}\"", "\\\"".repeat(MEGABYTE)),
        format!("\"{}\"", "\\ud83d".repeat(MEGABYTE / 6)),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "{\"author\":".repeat(100_000), "}".repeat(100_000)),
        format!("[{}0]", "0,".repeat(MEGABYTE / 2)),
        format!("{}0", " ".repeat(MEGABYTE)),
        "1".repeat(MEGABYTE),
    ] {
        assert!(counted(&message("content", &value)), "{}…", &value[..20]);
    }
}

#[test]
fn huge_names_are_cut() {
    for (name, start) in [("x", "x"), ("é", "é"), ("\\u00e9", "é"), ("\\ud83d\\udd25", "🔥")] {
        let user = format!(r#"{{"id":"7","username":"{}"}}"#, name.repeat(MEGABYTE / name.len()));
        let text = message("author", &user);
        let Ok(Read::Fact(Fact::Message(fact))) = lens::read(&text) else {
            panic!("not counted: {name}");
        };
        assert!(fact.author.username.len() <= limits::NAME_BYTES_MAX);
        assert!(fact.author.username.len() > limits::NAME_BYTES_MAX - 4);
        assert!(fact.author.username.starts_with(start));
    }
}

#[test]
fn needed_fields_of_hostile_shape_have_their_reason() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(reason(&message("channel_id", &deep)), "message.missing_channel");
    assert_eq!(reason(&message("author", &deep)), "message.missing_author");
    assert_eq!(reason(&message("id", &"9".repeat(MEGABYTE))), "message.missing_id");
    assert_eq!(reason(&message("guild_id", "\"-1\"")), "message.missing_guild");
    assert_eq!(reason(&message("type", "1e999999")), "message.missing_type");
    assert_eq!(reason(&message("type", "99999")), "message.type_other");
    assert_eq!(reason(&message("type", "-3")), "message.type_other");
}

#[test]
fn unclosed_texts_are_truncated() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("{{\"t\":\"{}", "x".repeat(MEGABYTE)),
        format!("{{{}", " ".repeat(MEGABYTE)),
        String::new(),
    ] {
        let wanted = if text.starts_with('[') { "frame.malformed" } else { "frame.truncated" };
        let got = if text.is_empty() { "frame.truncated" } else { reason(&text) };
        assert_eq!(got, wanted);
    }
}

#[test]
fn endless_lists_of_channels_are_bounded() {
    let channel = r#"{"id":"7","type":0},"#;
    let text = format!(
        r#"{{"t":"GUILD_CREATE","s":1,"op":0,"d":{{"id":"1","name":"n","owner_id":"2","channels":[{}{{}}]}}}}"#,
        channel.repeat(3 * limits::CHANNELS_PER_GUILD_MAX)
    );
    let Ok(Read::Fact(Fact::Guild(guild))) = lens::read(&text) else { panic!("a guild") };
    assert_eq!(guild.channels.len(), limits::CHANNELS_PER_GUILD_MAX);
}

#[test]
fn endless_lists_of_people_in_voice_are_bounded_and_named_in_linear_time() {
    let states = |count: usize| r#"{"user_id":"7","channel_id":"9"},"#.repeat(count);
    let members = r#"{"user":{"id":"7","username":"seven"}},{"user":{"id":"8","username":"no"}},"#;
    let text = format!(
        r#"{{"t":"GUILD_CREATE","s":1,"op":0,"d":{{"id":"1","name":"n","owner_id":"2","members":[{}{{}}],"voice_states":[{}{{}}]}}}}"#,
        members.repeat(1_000),
        states(limits::VOICE_STATES_PER_GUILD_MAX + 9),
    );
    let Ok(Read::Fact(Fact::Guild(guild))) = lens::read(&text) else { panic!("a guild") };
    let states = guild.voice_states.expect("GUILD_CREATE says it");
    assert_eq!(states.len(), limits::VOICE_STATES_PER_GUILD_MAX);
    let named =
        |state: &VoiceFact<'_>| state.person.as_ref().is_some_and(|one| one.username == "seven");
    assert!(states.iter().all(named));
}

#[test]
fn endless_pages_of_history_are_bounded() {
    let request = PageRequest { guild: GuildId(1), channel: ChannelId(2), after: MessageId(3) };
    let entry = r#"{"id":"7","type":0,"author":{"id":"8","username":"a"}},"#;
    let page = |text: &str| match lens::read_history(text, &request) {
        Ok(page) => Ok((page.messages.len(), page.more)),
        Err(SetAside { reason }) => Err(reason),
    };
    assert_eq!(page(&format!("[{}{{}}]", entry.repeat(10_000))), Ok((100, true)));
    for (text, reason) in [
        ("null", "history.not_a_list"),
        ("7", "history.not_a_list"),
        (r#"{"code":50001}"#, "history.not_a_list"),
        ("", "frame.truncated"),
        ("[", "frame.truncated"),
        (r#"[{"id":"7""#, "frame.truncated"),
        (r#"[{"id" 7}]"#, "frame.malformed"),
    ] {
        assert_eq!(page(text), Err(reason), "{text}");
    }
}

#[test]
fn names_of_events_are_a_closed_list() {
    let frame = |name: &str| format!(r#"{{"t":"{name}","s":1,"op":0,"d":{{}}}}"#);
    assert_eq!(reason(&frame("PRESENCE_UPDATE")), "event.PRESENCE_UPDATE");
    assert_eq!(reason(&frame("NOBODY_KNOWS")), "event.other");
    assert_eq!(reason(&frame(&"MESSAGE_CREATE".repeat(1_000))), "event.other");
    assert_eq!(reason(&frame("MESSAGE_CREATE\\u0000")), "event.other");
    assert_eq!(lens::read(&frame("MESSAGE_CREATE")), Ok(Read::NotCounted("message.direct")));
    assert_eq!(lens::read(r#"{"op":11}"#), Ok(Read::Control));
    assert_eq!(reason(r#"{"op":0,"t":null,"d":{}}"#), "frame.missing_event");
    assert_eq!(reason(r#"{"op":0,"t":"GUILD_CREATE"}"#), "frame.missing_data");
    assert_eq!(reason(r#"{"t":"GUILD_CREATE","d":{}}"#), "frame.missing_op");
}
