//! Whatever happens to a payload, the lens says what the definitions say, and never panics.

use proptest::prelude::*;
use serde_json::Value;
use vigie_bot::lens::{self, Read};
use vigie_core::vocabulary::{AuditId, GuildId, UserId};

use crate::json::{Dice, mutate, write};
use crate::{answers, fixtures, pages, reference};

type Values = Vec<(String, Value)>;

fn fixture_values() -> &'static Values {
    static VALUES: std::sync::OnceLock<Values> = std::sync::OnceLock::new();
    VALUES.get_or_init(|| parsed(fixtures()))
}

fn page_values() -> &'static Values {
    static VALUES: std::sync::OnceLock<Values> = std::sync::OnceLock::new();
    // Without the long one, which would drown every report.
    VALUES.get_or_init(|| parsed(pages().into_iter().filter(|(name, _)| name != "full").collect()))
}

fn answer_values() -> &'static Values {
    static VALUES: std::sync::OnceLock<Values> = std::sync::OnceLock::new();
    VALUES.get_or_init(|| {
        let named =
            answers().into_iter().map(|(kind, name, text)| (format!("{kind} {name}"), text));
        parsed(named.collect())
    })
}

fn parsed(files: Vec<(String, String)>) -> Values {
    let parse = |text: String| serde_json::from_str(&text).expect("fixtures are JSON");
    files.into_iter().map(|(name, text)| (name, parse(text))).collect()
}

/// A fixture changed in some places and written in some way.
fn changed_fixture(
    changes: std::ops::Range<usize>,
) -> impl Strategy<Value = (String, Value, String)> {
    changed(fixture_values(), changes)
}

fn changed(
    values: &'static Values,
    changes: std::ops::Range<usize>,
) -> impl Strategy<Value = (String, Value, String)> {
    (0..values.len(), changes, any::<u64>()).prop_map(|(index, changes, seed)| {
        let (name, value) = &values[index];
        let (mut value, mut dice) = (value.clone(), Dice(seed));
        for _ in 0..changes {
            mutate(&mut value, &mut dice);
        }
        let text = write(&value, &mut dice);
        (name.clone(), value, text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_slow_reader_agrees_on_any_change((name, value, text) in changed_fixture(0..6)) {
        let parsed: Value = serde_json::from_str(&text).expect("what was written is JSON");
        prop_assert_eq!(&parsed, &value, "the last of two members counts");
        reference::assert_agrees(&text, &value, &name);
    }

    #[test]
    fn the_slow_reader_agrees_on_any_page((name, value, text) in changed(page_values(), 0..6)) {
        reference::assert_history_agrees(&text, &value, &name);
    }

    #[test]
    fn the_slow_reader_agrees_on_any_answer((name, value, text) in changed(answer_values(), 0..6)) {
        let kind = name.split(' ').next().expect("names begin with their kind");
        reference::assert_answer_agrees(kind, &text, &value, &name);
    }

    #[test]
    fn an_answer_cut_short_is_never_counted(
        (name, _, text) in changed(answer_values(), 0..2),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = text.trim_end();
        let cut = &text[..text.floor_char_boundary(cut.index(text.len()))];
        let guild = GuildId(7);
        let is_refused = match name.split(' ').next() {
            Some("members") => lens::read_members(cut, guild, UserId(9)).is_err(),
            Some("audits") => lens::read_audits(cut, guild, AuditId(9)).is_err(),
            _ => lens::read_invites(cut, None, guild).is_err(),
        };
        prop_assert!(is_refused);
    }

    #[test]
    fn a_page_cut_short_is_never_counted(
        (_, _, text) in changed(page_values(), 0..2),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = text.trim_end();
        let cut = text.floor_char_boundary(cut.index(text.len()));
        prop_assert!(reference::page(&text[..cut]).is_err());
    }

    #[test]
    fn a_frame_cut_short_is_never_counted(
        (_, _, text) in changed_fixture(0..2),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = text.trim_end();
        let cut = text.floor_char_boundary(cut.index(text.len()));
        let read = lens::read(&text[..cut]);
        prop_assert!(!matches!(read, Ok(Read::Fact(_) | Read::Facts(_) | Read::Uncounted(..))), "{read:?}");
    }

    #[test]
    fn broken_texts_are_survived(
        (_, _, text) in changed_fixture(0..2),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..8),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, character) in damage {
            let at = at.index(characters.len());
            characters[at] = character;
        }
        let _ = lens::read(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn soup_is_survived(
        soup in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\"d\":", "\"t\":\"GUILD_CREATE\",", "\"op\":0,",
                "\"channels\":[", "{\"id\":\"1\",\"type\":0}", "null", "true", "1", "-", "é", "\\u", "\"id\":",
                "\"author\":{", "\"joined_at\":\"2024-", "\u{0}", "\"members\":[{\"user\":", "\"voice_states\":[",
                "{\"user_id\":\"1\",\"channel_id\":\"2\"}", "\"user_id\":", "\"changes\":[{\"key\":\"$add\",\"new_value\":[{\"id\":\"5\"",
                "\"key\":\"nick\"", "\"new_value\":", "\"audit_log_entries\":[", "\"roles\":[", "\"code\":\"a\"",
            ]),
            0..120,
        ),
        name in prop::sample::select(vec![
            "MESSAGE_CREATE", "GUILD_CREATE", "THREAD_LIST_SYNC", "MESSAGE_REACTION_ADD", "VOICE_STATE_UPDATE", "READY",
            "GUILD_MEMBER_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE", "INVITE_CREATE", "GUILD_ROLE_CREATE",
            "GUILD_EMOJIS_UPDATE", "AUTO_MODERATION_ACTION_EXECUTION", "MESSAGE_DELETE_BULK",
        ]),
    ) {
        let soup = soup.concat();
        let _ = lens::read(&soup);
        let _ = lens::read_event(name, &soup);
        let _ = reference::page(&soup);
        let _ = lens::read_members(&soup, GuildId(7), UserId(9));
        let _ = lens::read_audits(&soup, GuildId(7), AuditId(9));
        let _ = lens::read_invites(&soup, Some(&soup), GuildId(7));
    }
}
