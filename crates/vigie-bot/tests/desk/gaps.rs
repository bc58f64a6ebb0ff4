//! What could not be heard, in texts: where it begins, what is asked for again, and what is not.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_bot::desk::{Desk, Dispatched};
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, Record, UnixMs,
    snowflake_at,
};

use crate::{START, Shelf, after, logged_in, message_at, ready, text};

/// Guild 77 as it is, its channel 78 with this newest message.
fn guild_with(last_message: u64) -> Value {
    json!({
        "id": "77", "name": "Guild", "owner_id": "5", "member_count": 3, "voice_states": [],
        "channels": [{"id": "78", "type": 0, "name": "general", "last_message_id": last_message.to_string()}],
    })
}

fn joined_at(at: UnixMs) -> Value {
    let mut message = message_at(at, 0);
    message["type"] = json!(7);
    message
}

#[test]
fn a_channel_in_which_somebody_joined_last_is_not_read_again() {
    let mut desk = logged_in(&mut Shelf::default());
    desk.dispatch(after(900), 3, &text(3, "MESSAGE_CREATE", &message_at(after(800), 0)));
    let joined = text(4, "MESSAGE_CREATE", &joined_at(after(1_000)));
    assert_eq!(desk.dispatch(after(1_000), 4, &joined), Dispatched::SetAside("message.type_7"));

    desk.resuming(after(2_000));
    desk.session(after(9_000), "session-2", None);
    desk.dispatch(after(9_000), 1, &text(1, "READY", &ready(&[77])));
    let guild = guild_with(snowflake_at(after(1_000)));
    desk.dispatch(after(9_000), 2, &text(2, "GUILD_CREATE", &guild));
    assert_eq!(desk.page_wanted(), None);
}

/// What the ledger says of the gaps of a guild and family, from which instant to which after the start, and why.
fn gaps(
    desk: &mut Desk,
    shelf: &mut Shelf,
    guild: u64,
    family: CoverageFamily,
) -> Vec<(i64, Option<i64>, CoverageState, CoverageReason)> {
    shelf.take_all(desk, after(i64::from(u32::MAX)));
    let mut rows: BTreeMap<i64, CoverageSpan> = BTreeMap::new();
    for record in shelf.records() {
        let Record::Coverage(of, spans) = record else { continue };
        let spans = spans.into_iter().filter(|span| of == GuildId(guild) && span.family == family);
        let gaps = spans.filter(|span| span.state != CoverageState::Observed);
        rows.extend(gaps.map(|span| (span.from.0, span)));
    }
    let since = |at: UnixMs| at.0 - START.0;
    let row =
        |span: &CoverageSpan| (since(span.from), span.until.map(since), span.state, span.reason);
    rows.values().map(row).collect()
}

const LOST: (CoverageState, CoverageReason) = (CoverageState::Blind, CoverageReason::SessionLost);

#[test]
fn a_new_session_whose_first_word_cannot_be_read_has_missed_every_guild() {
    let first_words = [
        (
            "READY",
            json!({"v": 10, "session_id": "session-2", "guilds": null}),
            "ready.missing_guilds",
        ),
        ("READY", json!([]), "frame.missing_data"),
        ("READY_OF_TOMORROW", json!({}), "event.other"),
    ];
    for (name, data, reason) in first_words {
        let mut shelf = Shelf::default();
        let mut desk = logged_in(&mut shelf);
        desk.dispatch(after(900), 3, &text(3, "MESSAGE_CREATE", &message_at(after(800), 0)));
        desk.resuming(after(2_000));
        desk.session(after(9_000), "session-2", None);
        let said = desk.dispatch(after(9_000), 1, &text(1, name, &data));
        assert_eq!(said, Dispatched::SetAside(reason));
        let open = vec![(900, None, LOST.0, LOST.1)];
        assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice), open, "{reason}");

        // A restart in between knows it, too.
        let (mut desk, ..) = Desk::recover(crate::config(), &shelf.recovery(), after(9_500));
        desk.resumed();
        let guild = guild_with(snowflake_at(after(5_000)));
        desk.dispatch(after(10_000), 2, &text(2, "GUILD_CREATE", &guild));
        let closed = vec![(900, Some(10_000), LOST.0, LOST.1)];
        assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice), closed, "{reason}");
        assert!(desk.page_wanted().is_some());
        assert!(!shelf.records().iter().any(|it| matches!(it, Record::GuildRemoved(..))));
    }
}
