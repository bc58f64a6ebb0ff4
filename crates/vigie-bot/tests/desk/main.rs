//! The desk in virtual time: what is committed when, what comes back after any end, and that nothing is lost or counted
//! twice on the way.

mod gaps;
mod properties;
mod restarts;
mod voice;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use vigie_bot::desk::{Desk, DeskConfig, Dispatched, Layout};
use vigie_core::vocabulary::{ActivityCounts, Record, UnixMs, snowflake_at};
use vigie_core::{CoreConfig, Covers};
use vigie_relay::{Commit, Recovery};

/// A minute's beginning in November 2026.
const START: UnixMs = UnixMs(1_795_000_020_000);

/// What the intents of [`config`] tell of.
const COVERS: Covers =
    Covers { messages: true, reactions: true, voice: true, members: false, moderation: false };

fn config() -> DeskConfig {
    DeskConfig {
        producer: "test/0".into(),
        core: CoreConfig { covers: COVERS, ..CoreConfig::default() },
        layout: Layout::new(1665, 1),
        journal_interval_ms: 100,
    }
}

fn after(ms: i64) -> UnixMs {
    UnixMs(START.0 + ms)
}

/// What an outbox keeps of one producer.
#[derive(Clone, Debug, Default)]
struct Shelf {
    checkpoint: Option<Bytes>,
    journal: Vec<Bytes>,
    entries: Vec<Bytes>,
}

impl Shelf {
    fn write(&mut self, commit: &Commit) {
        if let Some(checkpoint) = &commit.checkpoint {
            self.checkpoint = Some(checkpoint.clone());
            self.journal.clear();
        }
        if !commit.journal.is_empty() {
            self.journal.push(commit.journal.clone());
        }
        self.entries.extend(commit.entries.iter().map(|entry| entry.bytes.clone()));
    }

    fn recovery(&self) -> Recovery {
        let (checkpoint, journal) = (self.checkpoint.clone(), self.journal.clone());
        Recovery { checkpoint, journal, damage: Vec::new() }
    }

    /// Writes everything that the desk has to commit now.
    fn take_all(&mut self, desk: &mut Desk, now: UnixMs) {
        while let Some(commit) = desk.take_commit(now) {
            self.write(&commit);
            desk.committed();
        }
    }

    fn records(&self) -> Vec<Record> {
        let decode = |bytes: &Bytes| vigie_wire::decode(bytes).expect("own bytes");
        self.entries.iter().map(decode).collect()
    }

    /// Sums of all that was ever committed: by guild, minute, channel and member.
    fn sums(&self) -> Sums {
        let mut sums = Sums::new();
        for record in self.records() {
            let Record::ActivityWindow(window) = record else { continue };
            for cell in window.cells {
                let key = (window.guild.0, window.unix_minute, cell.channel.0, cell.member.0);
                let sum = sums.entry(key).or_default();
                sum.messages += cell.counts.messages;
                sum.commands += cell.counts.commands;
                sum.reactions_added += cell.counts.reactions_added;
                sum.reactions_removed += cell.counts.reactions_removed;
                sum.reactions_received += cell.counts.reactions_received;
            }
        }
        sums
    }

    fn messages(&self) -> u32 {
        self.sums().values().map(|counts| counts.messages).sum()
    }
}

/// Guild, minute, channel, member.
type Place = (u64, u32, u64, u64);

type Sums = BTreeMap<Place, ActivityCounts>;

fn text(sequence: u64, name: &str, data: &Value) -> String {
    format!(r#"{{"t":"{name}","s":{sequence},"op":0,"d":{data}}}"#)
}

fn message_by(id: u64, channel: u64, author: u64) -> Value {
    json!({
        "id": id.to_string(), "type": 0, "guild_id": "77", "channel_id": channel.to_string(),
        "author": {"id": author.to_string(), "username": format!("user {author}")},
    })
}

fn message_at(at: UnixMs, n: u64) -> Value {
    message_by(snowflake_at(at) + n, 78, 79)
}

fn reaction(message: u64, giver: u64) -> Value {
    json!({
        "user_id": giver.to_string(), "guild_id": "77", "channel_id": "78", "emoji": {"id": null, "name": "🔥"},
        "message_id": message.to_string(), "message_author_id": "79",
        "member": {"user": {"id": giver.to_string(), "username": "giver"}},
    })
}

fn guild(id: u64) -> Value {
    json!({"id": id.to_string(), "name": "Guild", "owner_id": "5", "member_count": 3, "channels": [], "voice_states": []})
}

fn ready(guilds: &[u64]) -> Value {
    let guilds = guilds.iter().map(|id| json!({"id": id.to_string(), "unavailable": true}));
    json!({"v": 10, "session_id": "session-1", "resume_gateway_url": "ws://127.0.0.1:9", "guilds": guilds.collect::<Vec<_>>()})
}

/// A desk whose session has just begun, with everything so far on the shelf.
fn logged_in(shelf: &mut Shelf) -> Desk {
    let mut desk = Desk::new(config(), START);
    desk.session(START, "session-1", Some("ws://127.0.0.1:9"));
    desk.dispatch(START, 1, &text(1, "READY", &ready(&[77])));
    desk.resumed();
    desk.dispatch(START, 2, &text(2, "GUILD_CREATE", &guild(77)));
    shelf.take_all(&mut desk, START);
    desk
}

#[test]
fn what_is_heard_is_due_after_the_interval_and_a_record_at_once() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    assert_eq!(desk.commit_due(START), None);
    desk.dispatch(after(40), 3, &text(3, "MESSAGE_CREATE", &message_at(after(30), 1)));
    desk.dispatch(after(90), 4, &text(4, "MESSAGE_CREATE", &message_at(after(80), 2)));
    assert_eq!(desk.commit_due(after(90)), Some(after(140)));
    assert_eq!(desk.take_commit(after(139)), None);
    let commit = desk.take_commit(after(140)).expect("due");
    assert!(commit.entries.is_empty() && commit.checkpoint.is_none() && !commit.journal.is_empty());

    // A guild's record is due at once, but one commit is under way.
    desk.dispatch(after(150), 5, &text(5, "GUILD_CREATE", &guild(78)));
    assert_eq!(desk.commit_due(after(150)), None);
    desk.committed();
    assert_eq!(desk.commit_due(after(150)), Some(after(150)));
    let commit = desk.take_commit(after(150)).expect("due");
    assert!(!commit.entries.is_empty() && !commit.journal.is_empty());
}

#[test]
fn the_interval_survives_a_clock_that_is_put_back() {
    let mut desk = logged_in(&mut Shelf::default());
    desk.dispatch(after(40), 3, &text(3, "MESSAGE_CREATE", &message_at(after(30), 1)));
    assert_eq!(desk.commit_due(after(-60_000)), Some(after(-59_900)));
}

#[test]
fn a_flush_replaces_the_journal_by_a_checkpoint_in_the_commit_of_its_records() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(40), 3, &text(3, "MESSAGE_CREATE", &message_at(after(30), 1)));
    assert!(desk.status().journal_bytes > 0);
    let deadline = desk.deadline().expect("a window is open");
    desk.wake(UnixMs(deadline.0 - 1));
    assert!(desk.status().journal_bytes > 0, "not due yet");
    desk.wake(deadline);
    assert_eq!(desk.status().journal_bytes, 0);
    desk.dispatch(deadline, 4, &text(4, "MESSAGE_CREATE", &message_at(deadline, 2)));
    let commit = desk.take_commit(deadline).expect("due");
    assert!(!commit.entries.is_empty() && commit.checkpoint.is_some());
    assert!(!commit.journal.is_empty(), "what was heard since the checkpoint goes with it");
    shelf.write(&commit);
    assert_eq!((shelf.messages(), shelf.journal.len()), (1, 1));
}

#[test]
fn a_failed_commit_is_repeated_as_it_was_before_anything_else() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(0), 3, &text(3, "GUILD_CREATE", &guild(78)));
    let first = desk.take_commit(after(0)).expect("due");
    assert_eq!(desk.failed(after(10)), 500);
    desk.dispatch(after(20), 4, &text(4, "MESSAGE_CREATE", &message_at(after(20), 1)));
    desk.flush(after(30));
    assert_eq!(desk.commit_due(after(30)), Some(after(510)));
    assert_eq!(desk.take_commit(after(510)), Some(first.clone()));
    assert_eq!(desk.failed(after(510)), 1_000);
    assert_eq!(desk.take_commit(after(1_510)), Some(first));
    desk.committed();
    let second = desk.take_commit(after(1_510)).expect("due");
    assert!(second.checkpoint.is_some());
    desk.committed();
    assert!(desk.is_durable());
}

#[test]
fn a_sequence_that_was_handled_is_a_repeat_within_its_session_only() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    let hello = text(3, "MESSAGE_CREATE", &message_at(after(30), 1));
    assert!(matches!(
        desk.dispatch(after(40), 3, &hello),
        Dispatched::Counted { is_live: true, .. }
    ));
    assert_eq!(desk.dispatch(after(50), 3, &hello), Dispatched::Repeat);
    assert_eq!(
        desk.dispatch(after(50), 2, &text(2, "TYPING_START", &json!({}))),
        Dispatched::Repeat
    );
    assert_eq!(desk.status().repeats, 2);
    desk.session(after(60), "session-2", None);
    desk.dispatch(after(60), 1, &text(1, "READY", &ready(&[77])));
    desk.dispatch(after(60), 2, &text(2, "GUILD_CREATE", &guild(77)));
    let other = text(3, "MESSAGE_CREATE", &message_at(after(60), 2));
    assert!(matches!(desk.dispatch(after(60), 3, &other), Dispatched::Counted { .. }));
    desk.flush(after(70));
    shelf.take_all(&mut desk, after(70));
    assert_eq!(shelf.messages(), 2);
}

#[test]
fn a_text_that_cannot_be_read_moves_no_sequence() {
    let mut desk = logged_in(&mut Shelf::default());
    assert!(matches!(desk.dispatch(START, 900, "{\"op\":0,"), Dispatched::SetAside(_)));
    let next = text(3, "MESSAGE_CREATE", &message_at(START, 1));
    assert!(matches!(desk.dispatch(START, 3, &next), Dispatched::Counted { .. }));
}

#[test]
fn while_a_resume_is_replayed_time_is_that_of_the_messages_replayed() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(1_000), 3, &text(3, "MESSAGE_CREATE", &message_at(after(900), 1)));
    desk.resuming(after(2_000));
    // Ten minutes later the resume brings what was missed.
    let back = after(600_000);
    let message = snowflake_at(after(900));
    desk.dispatch(back, 4, &text(4, "MESSAGE_REACTION_ADD", &reaction(message, 101)));
    desk.dispatch(back, 5, &text(5, "MESSAGE_CREATE", &message_at(after(300_000), 2)));
    desk.dispatch(back, 6, &text(6, "MESSAGE_REACTION_ADD", &reaction(message, 102)));
    desk.dispatch(back, 7, &text(7, "MESSAGE_CREATE", &message_at(after(900_000), 3)));
    desk.dispatch(back, 8, &text(8, "MESSAGE_REACTION_ADD", &reaction(message, 103)));
    assert!(desk.status().is_away);
    desk.dispatch(back, 9, &text(9, "RESUMED", &json!({})));
    desk.resumed();
    desk.dispatch(back, 10, &text(10, "MESSAGE_REACTION_ADD", &reaction(message, 104)));
    desk.flush(back);
    shelf.take_all(&mut desk, back);
    let minute_of = |giver: u64| {
        let sums = shelf.sums();
        let found = sums.iter().find(|((_, _, _, member), _)| *member == giver);
        found.map(|((_, minute, ..), _)| minute - START.unix_minute())
    };
    assert_eq!(minute_of(101), Some(0), "at the last instant heard");
    assert_eq!(minute_of(102), Some(5), "after the message of minute five");
    assert_eq!(minute_of(103), Some(10), "never later than the clock");
    assert_eq!(minute_of(104), Some(10));
}

#[test]
fn while_the_connection_is_away_a_flush_comes_once_per_interval() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    desk.dispatch(after(1_000), 3, &text(3, "MESSAGE_CREATE", &message_at(after(900), 1)));
    desk.resuming(after(2_000));
    let mut flushes = 0;
    for sequence in 4..2_000 {
        let now = after(2_000 + sequence as i64 * 100);
        let at = after(sequence as i64 * 30);
        desk.dispatch(now, sequence, &text(sequence, "MESSAGE_CREATE", &message_at(at, sequence)));
        if desk.deadline().is_some_and(|deadline| deadline <= now) {
            desk.wake(now);
            flushes += 1;
        }
        shelf.take_all(&mut desk, now);
    }
    assert_eq!(flushes, 3, "two hundred seconds");
}

#[test]
fn a_journal_that_grows_beyond_its_bound_is_flushed() {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    let (mut sequence, mut largest) = (3, 0);
    let name = "x".repeat(300);
    while sequence < 80_000 {
        let mut data = message_at(after(900), sequence);
        data["author"] = json!({"id": sequence.to_string(), "username": name});
        desk.dispatch(after(1_000), sequence, &text(sequence, "MESSAGE_CREATE", &data));
        largest = largest.max(desk.status().journal_bytes);
        shelf.take_all(&mut desk, after(1_000));
        sequence += 1;
    }
    assert!(largest < vigie_bot::limits::JOURNAL_BYTES_MAX, "{largest}");
    assert!(shelf.messages() > 0, "some left early");
}
