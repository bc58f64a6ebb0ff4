//! Voice over restarts: a session that goes on while its process ends is one session, and each of its milliseconds is told
//! once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_bot::desk::Desk;
use vigie_core::vocabulary::{Record, UnixMs};

use crate::{Shelf, after, config, logged_in, text};

/// One step of an evening.
#[derive(Clone, Debug)]
enum Step {
    /// A member joins, moves, leaves or changes state.
    State {
        member: u64,
        channel: Option<u64>,
        bits: u8,
    },
    Pause(i64),
    HeartbeatAnswer,
    /// The process ends while everything is durable, and the next one resumes after this time.
    End {
        is_stop: bool,
        away_ms: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let channel = prop_oneof![1 => Just(None), 3 => (500_u64..503).prop_map(Some)];
    prop_oneof![
        5 => (200_u64..204, channel, 0_u8..16)
            .prop_map(|(member, channel, bits)| Step::State { member, channel, bits }),
        3 => (1_i64..9_000).prop_map(Step::Pause),
        1 => (10_000_i64..4_000_000).prop_map(Step::Pause),
        2 => Just(Step::HeartbeatAnswer),
        1 => (any::<bool>(), 1_i64..90_000)
            .prop_map(|(is_stop, away_ms)| Step::End { is_stop, away_ms }),
    ]
}

fn state(member: u64, channel: Option<u64>, bits: u8) -> Value {
    json!({
        "guild_id": "77", "user_id": member.to_string(), "channel_id": channel.map(|id| id.to_string()),
        "member": {"user": {"id": member.to_string(), "username": "user", "bot": member == 203}},
        "mute": false, "deaf": false, "suppress": false, "self_mute": bits & 1 != 0,
        "self_deaf": bits & 2 != 0, "self_stream": bits & 4 != 0, "self_video": bits & 8 != 0,
    })
}

/// Plays an evening; ends of the process are played as such, or as a mere heartbeat.
fn play(steps: &[Step], ends: bool) -> Shelf {
    let mut shelf = Shelf::default();
    let mut desk = logged_in(&mut shelf);
    let mut now = after(100);
    for (sequence, step) in (3..).zip(steps) {
        match step {
            Step::State { member, channel, bits } => {
                let text = text(sequence, "VOICE_STATE_UPDATE", &state(*member, *channel, *bits));
                desk.dispatch(now, sequence, &text);
            }
            Step::Pause(ms) => {
                now = UnixMs(now.0 + ms);
                desk.wake(now);
            }
            Step::HeartbeatAnswer => desk.alive(now),
            Step::End { is_stop, away_ms } => {
                if ends {
                    if *is_stop {
                        desk.flush(now);
                    }
                    shelf.take_all(&mut desk, UnixMs(now.0 + 100));
                    let later = UnixMs(now.0 + away_ms);
                    desk = Desk::recover(config(), &shelf.recovery(), later).0;
                }
                now = UnixMs(now.0 + away_ms);
                desk.dispatch(now, sequence, &text(sequence, "RESUMED", &json!({})));
            }
        }
        shelf.take_all(&mut desk, now);
    }
    desk.alive(now);
    desk.flush(now);
    shelf.take_all(&mut desk, now);
    shelf
}

/// All that is told of voice, without regard to the pieces in which it came.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// By hour, channel and member: sessions and the nine figures.
    cells: BTreeMap<(u32, u64, u64), (u32, [u64; 9])>,
    /// By hour and minute: all, active, peak.
    minutes: BTreeMap<(u32, u8), (u64, u64, u32)>,
    /// By hour and channel.
    peaks: BTreeMap<(u32, u64), u32>,
    sessions: BTreeSet<String>,
}

fn told(shelf: &Shelf) -> Told {
    let mut told = Told::default();
    for record in shelf.records() {
        match record {
            Record::VoiceWindow(window) => {
                for cell in window.cells {
                    let key = (window.unix_hour, cell.channel.0, cell.member.0);
                    let (sessions, figures) = told.cells.entry(key).or_default();
                    *sessions += cell.sessions;
                    for (sum, figure) in figures.iter_mut().zip(cell.time.figures()) {
                        *sum += figure;
                    }
                }
                for minute in window.minutes {
                    let sum = told.minutes.entry((window.unix_hour, minute.minute)).or_default();
                    *sum =
                        (sum.0 + minute.total_ms, sum.1 + minute.active_ms, sum.2.max(minute.peak));
                }
                for peak in window.peaks {
                    let highest = told.peaks.entry((window.unix_hour, peak.channel.0)).or_default();
                    *highest = peak.peak.max(*highest);
                }
            }
            Record::VoiceSessions(_, sessions) => {
                let words = sessions.iter().map(|session| format!("{session:?}"));
                told.sessions.extend(words);
            }
            _ => {}
        }
    }
    told
}

#[test]
fn a_session_goes_on_through_a_kill() {
    let joins = Step::State { member: 200, channel: Some(500), bits: 0 };
    let leaves = Step::State { member: 200, channel: None, bits: 0 };
    let end = Step::End { is_stop: false, away_ms: 30_000 };
    let shelf = play(&[joins, Step::Pause(70_000), end, Step::Pause(20_000), leaves], true);
    let told = told(&shelf);
    let (sessions, figures) = told
        .cells
        .values()
        .fold((0, 0), |sum, (sessions, figures)| (sum.0 + sessions, sum.1 + figures[0]));
    assert_eq!((sessions, figures), (1, 120_000));
    assert_eq!(told.sessions.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ends_of_the_process_change_nothing_of_voice(steps in prop::collection::vec(step(), 1..60)) {
        prop_assert_eq!(told(&play(&steps, true)), told(&play(&steps, false)));
    }
}
