//! Random traffic, random failures, an end at any commit: what is committed in the end is what a shard that never ended
//! would have committed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vigie_bot::desk::Desk;
use vigie_core::vocabulary::{UnixMs, snowflake_at};

use crate::{Place, Shelf, Sums, after, config, guild, logged_in, message_by, reaction, text};

/// One step of a run.
#[derive(Clone, Debug)]
enum Step {
    Message {
        channel: u64,
        author: u64,
    },
    Reaction {
        of: u64,
        giver: u64,
    },
    Uninteresting,
    Guild(u64),
    HeartbeatAnswer,
    Pause(i64),
    /// The commit under way ends, well or not.
    CommitEnds(bool),
    FlushEarly,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (78_u64..82, 200_u64..206).prop_map(|(channel, author)| Step::Message { channel, author }),
        3 => (0_u64..1_000, 200_u64..206).prop_map(|(of, giver)| Step::Reaction { of, giver }),
        1 => Just(Step::Uninteresting),
        1 => (90_u64..93).prop_map(Step::Guild),
        1 => Just(Step::HeartbeatAnswer),
        4 => (1_i64..400).prop_map(Step::Pause),
        1 => (1_000_i64..70_000).prop_map(Step::Pause),
        6 => any::<bool>().prop_map(Step::CommitEnds),
        1 => Just(Step::FlushEarly),
    ]
}

/// What Discord said, and when: what a RESUME brings again from any sequence on.
type Said = Vec<(UnixMs, u64, String)>;

/// Plays the steps through one desk; gives what was said, the shelf after each commit, and the final one.
fn play(steps: &[Step]) -> (Said, Vec<Shelf>, Shelf) {
    let (mut shelf, mut said, mut shelves) = (Shelf::default(), Said::new(), Vec::new());
    let mut desk = logged_in(&mut shelf);
    shelves.push(shelf.clone());
    let (mut now, mut under_way) = (after(100), None);
    for (sequence, step) in (3..).zip(steps) {
        let id = snowflake_at(now) + sequence;
        let data = match step {
            Step::Message { channel, author } => {
                Some(("MESSAGE_CREATE", message_by(id, *channel, *author)))
            }
            Step::Reaction { of, giver } => {
                // Each on a message of its own, so that none repeats another.
                Some(("MESSAGE_REACTION_ADD", reaction(id - *of, *giver)))
            }
            Step::Uninteresting => Some(("TYPING_START", serde_json::json!({}))),
            Step::Guild(id) => Some(("GUILD_CREATE", guild(*id))),
            _ => None,
        };
        if let Some((name, data)) = data {
            let text = text(sequence, name, &data);
            desk.dispatch(now, sequence, &text);
            said.push((now, sequence, text));
        }
        match step {
            Step::HeartbeatAnswer => desk.alive(now),
            Step::Pause(ms) => {
                now = UnixMs(now.0 + ms);
                desk.wake(now);
            }
            Step::FlushEarly => desk.flush(now),
            Step::CommitEnds(is_well) => match under_way.take() {
                Some(commit) if *is_well => {
                    shelf.write(&commit);
                    shelves.push(shelf.clone());
                    desk.committed();
                }
                Some(_) => {
                    desk.failed(now);
                }
                None => {}
            },
            _ => {}
        }
        under_way = under_way.or_else(|| desk.take_commit(now));
    }
    // The end, as it should be.
    if let Some(commit) = under_way {
        shelf.write(&commit);
        desk.committed();
    }
    desk.flush(now);
    shelf.take_all(&mut desk, UnixMs(now.0 + 60_000));
    assert!(desk.is_durable());
    (said, shelves, shelf)
}

/// A new process after an end at this shelf: resumes, hears the rest again, and ends well.
fn go_on(mut shelf: Shelf, said: &Said) -> Shelf {
    let last = said.last().map_or(after(0), |(at, ..)| *at);
    let now = UnixMs(last.0 + 1_000);
    let (mut desk, session, damage) = Desk::recover(config(), &shelf.recovery(), now);
    assert!(damage.is_empty(), "{damage:?}");
    let position = session.expect("it stands since the first dispatch").sequence;
    shelf.take_all(&mut desk, now);
    for (_, sequence, text) in said.iter().filter(|(_, sequence, _)| *sequence > position) {
        desk.dispatch(now, *sequence, text);
    }
    desk.resumed();
    desk.flush(now);
    shelf.take_all(&mut desk, now);
    shelf
}

/// Messages by minute; reactions, whose time Discord does not tell, without it.
fn comparable(sums: &Sums) -> BTreeMap<Place, [u32; 3]> {
    let mut folded = BTreeMap::<Place, [u32; 3]>::new();
    for (&(guild, minute, channel, member), counts) in sums {
        let in_minute = folded.entry((guild, minute, channel, member)).or_default();
        in_minute[0] += counts.messages;
        let in_all = folded.entry((guild, 0, channel, member)).or_default();
        in_all[1] += counts.reactions_added;
        in_all[2] += counts.reactions_received;
    }
    folded.retain(|_, counts| *counts != [0; 3]);
    folded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any prefix of the commits is a state from which nothing is lost and nothing counted twice.
    #[test]
    fn an_end_at_any_commit_changes_no_sum(steps in prop::collection::vec(step(), 1..120)) {
        let (said, shelves, whole) = play(&steps);
        let wanted = comparable(&whole.sums());
        for (number, shelf) in shelves.into_iter().enumerate() {
            let ended = go_on(shelf, &said);
            prop_assert_eq!(comparable(&ended.sums()), wanted.clone(), "an end after commit {}", number);
        }
    }

    /// A disk that has lost the end of the journal changes nothing either, as long as Discord resumes.
    #[test]
    fn a_lost_end_of_the_journal_changes_no_sum(
        steps in prop::collection::vec(step(), 1..120),
        lost in 1_usize..6,
    ) {
        let (said, shelves, whole) = play(&steps);
        let wanted = comparable(&whole.sums());
        for mut shelf in shelves {
            let kept = shelf.journal.len().saturating_sub(lost);
            if kept == 0 && shelf.messages() == 0 {
                // The very first frame holds the session itself.
                continue;
            }
            shelf.journal.truncate(kept);
            let (_, session, _) = Desk::recover(config(), &shelf.recovery(), after(0));
            if session.is_none() {
                continue;
            }
            prop_assert_eq!(comparable(&go_on(shelf, &said).sums()), wanted.clone());
        }
    }

    /// Ends in a row, each at the first commit of its process.
    #[test]
    fn many_ends_in_a_row_change_no_sum(steps in prop::collection::vec(step(), 1..80), ends in 1_usize..5) {
        let (said, shelves, whole) = play(&steps);
        let mut shelf = shelves.into_iter().next_back().expect("the first is always there");
        for _ in 0..ends {
            let (mut desk, session, _) = Desk::recover(config(), &shelf.recovery(), after(0));
            let position = session.expect("it stands").sequence;
            if let Some(commit) = desk.take_commit(after(0)) {
                shelf.write(&commit);
                desk.committed();
            }
            let now = after(10_000_000);
            let rest = said.iter().filter(|(_, sequence, _)| *sequence > position);
            for (_, sequence, text) in rest.take(3) {
                desk.dispatch(now, *sequence, text);
            }
            if let Some(commit) = desk.take_commit(UnixMs(now.0 + 100)) {
                shelf.write(&commit);
            }
        }
        prop_assert_eq!(comparable(&go_on(shelf, &said).sums()), comparable(&whole.sums()));
    }
}
