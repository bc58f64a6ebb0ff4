//! Many records in fewer bytes that mean the same: for an outbox that is full.
//!
//! Records are gathered by guild and hour, and leave in an order that is safe whatever lies between them: names before counts, and
//! `HeardUntil` behind all that came before it. Three things keep their place among the others, and what is before them leaves before
//! them: bytes that this build cannot read, records with ids that no store takes (others would be refused with them), and a guild's
//! first sight after a `HeardUntil`, because a store reads from that one where a lost memory ends.

mod activity;
mod voice;

use std::collections::BTreeMap;

use vigie_core::limits::RECORD_MEMBERS_MAX;
use vigie_core::vocabulary::{
    CoverageSpan, CoverageState, GuildId, MemberRecord, Record, UnixMs, UserId, VoiceSession,
};

use self::activity::{EmojiNames, HourFold};
use self::voice::VoiceFold;
use crate::{decode, encode, limits};

/// The records in fewer bytes: entries of one producer and lane, in order, give entries that mean the same to a store. `None` when
/// nothing would be gained.
///
/// Minute windows of one guild and UTC hour become an hour of activity, voice windows of one hour one of them; of names and of
/// `HeardUntil` the last holds; sessions and coverage stand together by guild. None is larger than
/// [`limits::RECORD_BYTES_MAX`].
pub fn merge(records: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    let mut segment = Segment::default();
    for (number, bytes) in records.iter().enumerate() {
        let is_taken = match decode(bytes) {
            Ok(record) if is_mergeable(&record) => {
                if segment.heard_until.is_some() && is_first_sight(&record) {
                    std::mem::take(&mut segment).close(records, &mut out);
                }
                segment.take(number, record)
            }
            Ok(_) | Err(_) => false,
        };
        if !is_taken {
            std::mem::take(&mut segment).close(records, &mut out);
            out.push(bytes.to_vec());
        }
    }
    segment.close(records, &mut out);
    let before: usize = records.iter().map(|bytes| bytes.len()).sum();
    let after: usize = out.iter().map(Vec::len).sum();
    (after < before).then_some(out)
}

/// Records between two that keep their place.
#[derive(Debug, Default)]
struct Segment {
    members: BTreeMap<GuildId, BTreeMap<UserId, MemberRecord>>,
    hours: BTreeMap<(GuildId, u32), Vec<Group<HourFold>>>,
    emoji_names: EmojiNames,
    voice: BTreeMap<(GuildId, u32), Vec<Group<VoiceFold>>>,
    sessions: BTreeMap<GuildId, Vec<VoiceSession>>,
    coverage: BTreeMap<GuildId, Vec<CoverageSpan>>,
    heard_until: Option<UnixMs>,
}

/// What was gathered of one guild and hour, from which records.
#[derive(Debug)]
struct Group<T> {
    fold: T,
    first: usize,
    last: usize,
}

impl<T> Group<T> {
    /// The one record that it was made of; `None` if there were several.
    fn only<'a>(&self, records: &[&'a [u8]]) -> Option<&'a [u8]> {
        (self.first == self.last).then(|| records[self.first])
    }
}

impl Segment {
    /// Gathers a record; `false` for one of a kind that keeps its place.
    fn take(&mut self, number: usize, record: Record) -> bool {
        match record {
            Record::ActivityWindow(window) => {
                self.emoji_names.hear(window.guild, &window.emojis);
                let key = (window.guild, window.unix_minute / 60);
                gather(self.hours.entry(key).or_default(), number, |fold| fold.window(&window));
            }
            Record::ActivityHour(hour) => {
                self.emoji_names.hear(hour.guild, &hour.emojis);
                let key = (hour.guild, hour.unix_hour);
                gather(self.hours.entry(key).or_default(), number, |fold| fold.hour(&hour));
            }
            Record::VoiceWindow(window) => {
                let key = (window.guild, window.unix_hour);
                gather(self.voice.entry(key).or_default(), number, |fold| fold.window(&window));
            }
            Record::Members(guild, members) => {
                let told = members.into_iter().map(|member| (member.id, member));
                self.members.entry(guild).or_default().extend(told);
            }
            Record::VoiceSessions(guild, sessions) => {
                self.sessions.entry(guild).or_default().extend(sessions);
            }
            Record::Coverage(guild, spans) => {
                self.coverage.entry(guild).or_default().extend(spans);
            }
            Record::HeardUntil(at) => self.heard_until = self.heard_until.max(Some(at)),
            // They leave at once, so that an outbox that is full of what waits holds few of them.
            Record::Guild(_)
            | Record::GuildRemoved(..)
            | Record::Channels(..)
            | Record::Joins(..)
            | Record::Departures(..)
            | Record::MembersListed(..)
            | Record::Cases(..)
            | Record::Invites(..)
            | Record::Attributions(..)
            | Record::GuildDetails(..)
            | Record::Access(..) => return false,
        }
        true
    }

    /// Appends all of it to `out`.
    fn close(self, records: &[&[u8]], out: &mut Vec<Vec<u8>>) {
        for (guild, members) in self.members {
            let members: Vec<_> = members.into_values().collect();
            for piece in members.chunks(RECORD_MEMBERS_MAX) {
                push(&Record::Members(guild, piece.to_vec()), out);
            }
        }
        // An hour that came as one record leaves as it is. The last to be told of leaves last, so that such a one does not bring
        // back a name that an emoji had before.
        let mut hours: Vec<_> = self.hours.into_iter().flat_map(keyed).collect();
        hours.sort_by_key(|(_, group)| group.last);
        for ((guild, hour), group) in hours {
            match group.only(records) {
                Some(bytes) => out.push(bytes.to_vec()),
                None => group
                    .fold
                    .pieces(guild, hour, &self.emoji_names)
                    .for_each(|piece| push(&Record::ActivityHour(piece), out)),
            }
        }
        for ((guild, hour), group) in self.voice.into_iter().flat_map(keyed) {
            match group.only(records) {
                Some(bytes) => out.push(bytes.to_vec()),
                None => group
                    .fold
                    .pieces(guild, hour)
                    .for_each(|piece| push(&Record::VoiceWindow(piece), out)),
            }
        }
        for (guild, sessions) in self.sessions {
            for piece in session_pieces(sessions) {
                push(&Record::VoiceSessions(guild, piece), out);
            }
        }
        for (guild, spans) in self.coverage {
            for piece in spans.chunks(limits::MERGED_SPANS_MAX) {
                push(&Record::Coverage(guild, piece.to_vec()), out);
            }
        }
        if let Some(at) = self.heard_until {
            push(&Record::HeardUntil(at), out);
        }
    }
}

/// Adds a record to the last of the groups of its hour, or to a new one if that cannot take it in.
fn gather<T: Default>(
    groups: &mut Vec<Group<T>>,
    number: usize,
    mut take: impl FnMut(&mut T) -> bool,
) {
    if let Some(group) = groups.last_mut()
        && take(&mut group.fold)
    {
        group.last = number;
        return;
    }
    let mut fold = T::default();
    let is_taken = take(&mut fold);
    debug_assert!(is_taken, "an empty fold takes in whatever `is_mergeable` lets through");
    groups.push(Group { fold, first: number, last: number });
}

fn keyed<K: Copy, T>((key, groups): (K, Vec<T>)) -> impl Iterator<Item = (K, T)> {
    groups.into_iter().map(move |group| (key, group))
}

fn push(record: &Record, out: &mut Vec<Vec<u8>>) {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    out.push(bytes);
}

/// The sessions in pieces of a bounded number of segments and sessions.
fn session_pieces(sessions: Vec<VoiceSession>) -> Vec<Vec<VoiceSession>> {
    let mut pieces: Vec<Vec<VoiceSession>> = Vec::new();
    let mut weight = usize::MAX;
    for session in sessions {
        let more = 1 + session.segments.len() / 8;
        weight = weight.saturating_add(more);
        if weight > limits::MERGED_SESSIONS_MAX {
            pieces.push(Vec::new());
            weight = more;
        }
        let piece = pieces.last_mut().expect("one is pushed before the first session");
        piece.push(session);
    }
    pieces
}

/// Whether a record is of a kind that travels on intervals, in the form that the core gives it, with ids that fit the 63 bits of a
/// store.
fn is_mergeable(record: &Record) -> bool {
    let fits = |id: u64| i64::try_from(id).is_ok();
    record.guild().is_none_or(|guild| fits(guild.0))
        && match record {
            Record::ActivityWindow(window) => {
                activity::all_fit(&window.cells, &window.emojis, |cell| cell, fits)
                    && activity::events_of_window(window) <= activity::EVENTS_MAX
            }
            Record::ActivityHour(hour) => {
                activity::all_fit(&hour.cells, &hour.emojis, |cell| &cell.cell, fits)
                    && activity::events_of_hour(hour) <= activity::EVENTS_MAX
            }
            Record::VoiceWindow(window) => {
                voice::is_plain(window)
                    && window.cells.iter().all(|cell| fits(cell.channel.0) && fits(cell.member.0))
                    && window.peaks.iter().all(|peak| fits(peak.channel.0))
            }
            Record::Members(_, members) => members.iter().all(|member| fits(member.id.0)),
            Record::VoiceSessions(_, sessions) => {
                sessions.iter().all(|session| fits(session.channel.0) && fits(session.member.0))
            }
            Record::Coverage(..) | Record::HeardUntil(_) => true,
            Record::Guild(_)
            | Record::GuildRemoved(..)
            | Record::Channels(..)
            | Record::Joins(..)
            | Record::Departures(..)
            | Record::MembersListed(..)
            | Record::Cases(..)
            | Record::Invites(..)
            | Record::Attributions(..)
            | Record::GuildDetails(..)
            | Record::Access(..) => false,
        }
}

/// Whether it tells that hearing of a guild begins: for the first time, or after the bot has lost its memory.
fn is_first_sight(record: &Record) -> bool {
    let Record::Coverage(_, spans) = record else { return false };
    spans.iter().any(|span| span.state == CoverageState::Observed)
}
