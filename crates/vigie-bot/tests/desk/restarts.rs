//! What comes back after an end.

use vigie_bot::Restart;
use vigie_bot::desk::{Desk, DeskConfig, Dispatched, Layout};
use vigie_core::vocabulary::{CoverageFamily, CoverageReason, CoverageState};
use vigie_relay::{Damage, DamagedPiece};

use crate::gaps::gaps;
use crate::{START, Shelf, after, config, logged_in, message_at, text};

/// Counts five messages, of which the last two are not durable when the process ends.
fn ended() -> Shelf {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    for n in 0..3 {
        let message = message_at(after(1_000), n);
        desk.dispatch(after(1_000), n + 3, &text(n + 3, "MESSAGE_CREATE", &message));
    }
    shelf.take_all(&mut desk, after(1_100));
    for n in 3..5 {
        let message = message_at(after(1_100), n);
        desk.dispatch(after(1_100), n + 3, &text(n + 3, "MESSAGE_CREATE", &message));
    }
    shelf
}

#[test]
fn after_a_kill_the_session_is_asked_for_what_was_not_durable() {
    let mut shelf = ended();
    let (mut desk, session, damage) = Desk::recover(config(), &shelf.recovery(), after(5_000));
    let session = session.expect("journaled with the first dispatch");
    assert_eq!((session.id.as_str(), session.sequence), ("session-1", 5));
    assert_eq!(session.resume_url, "ws://127.0.0.1:9");
    assert!(damage.is_empty());
    assert_eq!(desk.status().restart, Restart::Resuming);
    assert_eq!(desk.guilds(), 1);
    for n in 2..5 {
        let message = message_at(after(1_000), n);
        let dispatched =
            desk.dispatch(after(5_000), n + 3, &text(n + 3, "MESSAGE_CREATE", &message));
        assert_eq!(dispatched == Dispatched::Repeat, n == 2, "{n}");
    }
    desk.flush(after(5_000));
    shelf.take_all(&mut desk, after(5_000));
    assert_eq!(shelf.messages(), 5);
}

#[test]
fn a_start_begins_with_a_checkpoint() {
    let mut shelf = ended();
    for _ in 0..3 {
        let (mut desk, ..) = Desk::recover(config(), &shelf.recovery(), after(5_000));
        shelf.take_all(&mut desk, after(5_000));
        assert!(shelf.journal.is_empty());
    }
    assert_eq!(shelf.messages(), 3, "what the journal held has left, once");
    let (_, session, _) = Desk::recover(config(), &shelf.recovery(), after(5_000));
    assert_eq!(session.expect("kept").sequence, 5);
}

#[test]
fn a_first_start_has_nothing_and_says_so() {
    let (desk, session, damage) = Desk::recover(config(), &Shelf::default().recovery(), START);
    assert_eq!((session, damage.len()), (None, 0));
    assert_eq!(desk.status().restart, Restart::First);
}

#[test]
fn a_session_of_other_intents_is_not_resumed_but_the_state_stays() {
    let mut shelf = ended();
    let changed = DeskConfig { layout: Layout::new(513, 1), ..config() };
    let (mut desk, session, damage) = Desk::recover(changed, &shelf.recovery(), after(5_000));
    assert_eq!((session, damage.len()), (None, 0));
    assert_eq!(desk.status().restart, Restart::NewSession);
    shelf.take_all(&mut desk, after(5_000));
    assert_eq!(shelf.messages(), 3);
}

#[test]
fn the_state_of_another_number_of_shards_is_not_used() {
    let mut shelf = ended();
    let changed = DeskConfig { layout: Layout::new(1665, 2), ..config() };
    let (mut desk, session, damage) = Desk::recover(changed, &shelf.recovery(), after(5_000));
    assert_eq!(session, None);
    assert!(damage[0].contains("one shard of 1"), "{damage:?}");
    assert_eq!((desk.status().restart, desk.guilds()), (Restart::StateLost, 0));

    // What it held leaves, and whoever hears its guilds now finds them blind since then.
    let lost = (1_000, None, CoverageState::Blind, CoverageReason::StateLost);
    assert_eq!(gaps(&mut desk, &mut shelf, 77, CoverageFamily::Voice), [lost]);
    assert_eq!(shelf.messages(), 3);
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_told() {
    let whole = ended().checkpoint.expect("written at the start");
    for length in [0, 1, 12, 13, whole.len() - 1] {
        let mut recovery = ended().recovery();
        recovery.checkpoint = Some(whole.slice(..length));
        let (desk, session, damage) = Desk::recover(config(), &recovery, after(5_000));
        assert_eq!((session, desk.status().restart), (None, Restart::StateLost), "{length}");
        assert!(damage[0].contains("checkpoint"), "{damage:?}");
    }
}

#[test]
fn what_the_outbox_has_lost_is_told_too() {
    let mut recovery = Shelf::default().recovery();
    recovery.damage.push(Damage { what: DamagedPiece::Checkpoint, frame: None, bytes: 9 });
    let (desk, session, damage) = Desk::recover(config(), &recovery, START);
    assert_eq!((session, damage.len()), (None, 1));
    assert_eq!(desk.status().restart, Restart::StateLost);
}

#[test]
fn a_frame_that_cannot_be_read_ends_the_journal_before_it() {
    let mut shelf = ended();
    let mut desk = Desk::recover(config(), &shelf.recovery(), after(2_000)).0;
    shelf.take_all(&mut desk, after(2_000));
    for sequence in 6..9 {
        let message = message_at(after(2_000), sequence);
        desk.dispatch(after(2_000), sequence, &text(sequence, "MESSAGE_CREATE", &message));
        shelf.take_all(&mut desk, after(2_100));
    }
    assert_eq!(shelf.journal.len(), 3);
    shelf.journal[1] = vec![255, 1, 2].into();
    let (desk, session, damage) = Desk::recover(config(), &shelf.recovery(), after(5_000));
    assert_eq!(session.expect("kept").sequence, 6);
    assert!(damage[0].contains("frame 1"), "{damage:?}");
    assert_eq!(desk.status().restart, Restart::Resuming);
}
