//! Whatever happens to a payload, the lens says what the definitions say, and never panics.

use proptest::prelude::*;
use serde_json::Value;
use vigie_bot::lens::{self, Read};

use crate::json::{Dice, mutate, write};
use crate::{fixtures, reference};

fn fixture_values() -> &'static [(String, Value)] {
    static VALUES: std::sync::OnceLock<Vec<(String, Value)>> = std::sync::OnceLock::new();
    VALUES.get_or_init(|| {
        let parse = |text: String| serde_json::from_str(&text).expect("fixtures are JSON");
        fixtures().into_iter().map(|(name, text)| (name, parse(text))).collect()
    })
}

/// A fixture changed in some places and written in some way.
fn changed_fixture(
    changes: std::ops::Range<usize>,
) -> impl Strategy<Value = (String, Value, String)> {
    (0..fixture_values().len(), changes, any::<u64>()).prop_map(|(index, changes, seed)| {
        let (name, value) = &fixture_values()[index];
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
    fn a_frame_cut_short_is_never_counted(
        (_, _, text) in changed_fixture(0..2),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = text.trim_end();
        let cut = text.floor_char_boundary(cut.index(text.len()));
        let read = lens::read(&text[..cut]);
        prop_assert!(!matches!(read, Ok(Read::Fact(_) | Read::Facts(_))), "{read:?}");
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
                "\"author\":{", "\"joined_at\":\"2024-", "\u{0}",
            ]),
            0..120,
        ),
        name in prop::sample::select(vec!["MESSAGE_CREATE", "GUILD_CREATE", "THREAD_LIST_SYNC", "MESSAGE_REACTION_ADD"]),
    ) {
        let soup = soup.concat();
        let _ = lens::read(&soup);
        let _ = lens::read_event(name, &soup);
    }
}
