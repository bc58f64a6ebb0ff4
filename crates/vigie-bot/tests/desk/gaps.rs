//! What could not be heard, in texts: where it begins, what is asked for again, and what is not.

use serde_json::{Value, json};
use vigie_bot::desk::Dispatched;
use vigie_core::vocabulary::{UnixMs, snowflake_at};

use crate::{Shelf, after, logged_in, message_at, ready, text};

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
