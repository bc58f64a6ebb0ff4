//! What could not be heard, in texts: where it begins, what is asked for again, and what is not.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_bot::Collect;
use vigie_bot::desk::{Desk, DeskConfig, Dispatched, Layout};
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, Record, UnixMs,
    snowflake_at,
};

use vigie_core::{CoreConfig, Covers};

use crate::{START, Shelf, after, config, logged_in, message_at, ready, text};

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
pub fn gaps(
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
        let (mut desk, ..) = Desk::recover(config(), &shelf.recovery(), after(9_500));
        desk.resumed();
        let guild = guild_with(snowflake_at(after(5_000)));
        desk.dispatch(after(10_000), 2, &text(2, "GUILD_CREATE", &guild));
        let closed = vec![(900, Some(10_000), LOST.0, LOST.1)];
        assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice), closed, "{reason}");
        assert!(desk.page_wanted().is_some());
        assert!(!shelf.records().iter().any(|it| matches!(it, Record::GuildRemoved(..))));
    }
}

/// A desk that collects this.
fn collecting(messages: bool, voice: bool) -> DeskConfig {
    let collect = Collect { messages, reactions: true, voice, ..Collect::NOTHING };
    DeskConfig {
        core: CoreConfig {
            covers: Covers { messages, voice, ..config().core.covers },
            ..config().core
        },
        layout: Layout::of(collect, 1),
        ..config()
    }
}

/// A start at `at` seconds; if `sees`, the new session begins a second later, and guild 77 is seen in the next one.
fn start(shelf: &mut Shelf, config: DeskConfig, at: i64, sees: bool) -> Desk {
    let (mut desk, session, damage) = Desk::recover(config, &shelf.recovery(), after(at * 1_000));
    assert_eq!((session, damage.len()), (None, 0), "another session has to begin");
    shelf.take_all(&mut desk, after(at * 1_000));
    if sees {
        let (ready_at, seen_at) = (after((at + 1) * 1_000), after((at + 2) * 1_000));
        desk.session(ready_at, &format!("session-{at}"), Some("ws://127.0.0.1:9"));
        desk.dispatch(ready_at, 1, &text(1, "READY", &ready(&[77])));
        let guild = guild_with(snowflake_at(UnixMs(seen_at.0 - 500)));
        desk.dispatch(seen_at, 2, &text(2, "GUILD_CREATE", &guild));
        shelf.take_all(&mut desk, after(i64::from(u32::MAX)));
    }
    desk
}

/// From which instants on a family of guild 77 is told to be observed.
fn observed(shelf: &Shelf, family: CoverageFamily) -> Vec<i64> {
    let records = shelf.records();
    let spans = records.iter().filter_map(|record| match record {
        Record::Coverage(GuildId(77), spans) => Some(spans),
        _ => None,
    });
    let spans = spans.flatten().filter(|span| span.family == family);
    let observed = spans.filter(|span| span.state == CoverageState::Observed);
    observed.map(|span| span.from.0 - START.0).collect()
}

#[test]
fn a_family_switched_off_is_blind_from_then_on_and_observed_again_once_it_is_on() {
    let off = (CoverageState::Blind, CoverageReason::SwitchedOff);
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(900), 3, &text(3, "MESSAGE_CREATE", &message_at(after(800), 0)));
    shelf.take_all(&mut desk, after(1_500));

    // A start that comes to nothing in between changes nothing.
    start(&mut shelf, collecting(true, false), 10, false);
    let mut desk = start(&mut shelf, collecting(true, false), 20, true);
    let voice = vec![(900, None, off.0, off.1)];
    assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice), voice);
    let reactions = vec![(900, Some(22_000), LOST.0, LOST.1)];
    assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Reactions), reactions);
    assert_eq!(observed(&shelf, CoverageFamily::Voice), [0]);

    start(&mut shelf, collecting(true, true), 30, false);
    let mut desk = start(&mut shelf, collecting(true, true), 40, true);
    let observed = observed(&shelf, CoverageFamily::Voice);
    assert!(observed[1..].iter().all(|from| *from == 22_000), "{observed:?}");
    let voice = gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice);
    assert_eq!(voice[1..], [(22_000, Some(42_000), LOST.0, LOST.1)], "{voice:?}");
}

#[test]
fn messages_switched_on_are_read_again_from_the_last_word_on_and_not_from_when_they_were_off() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(900), 3, &text(3, "MESSAGE_CREATE", &message_at(after(800), 0)));
    shelf.take_all(&mut desk, after(1_500));
    let mut desk = start(&mut shelf, collecting(false, true), 3_600, true);
    assert_eq!(desk.page_wanted(), None);
    desk.resumed();
    desk.alive(after(7_200_000));
    shelf.take_all(&mut desk, after(7_300_000));

    let desk = start(&mut shelf, collecting(true, true), 7_400, true);
    let page = desk.page_wanted().expect("the time between the two processes");
    assert_eq!(page.after.time(), after(7_200_000));
    // A kill before anything more was written: the same again.
    drop(desk);
    let (desk, ..) = Desk::recover(collecting(true, true), &shelf.recovery(), after(7_500_000));
    assert_eq!(desk.page_wanted(), Some(page));
}
