//! The activity windows of a batch, merged in memory: cells of sixty minutes become one row of an hour, each key is written once.

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, ActivityWindow, AuthorKind, Emoji, EmojiCount,
};

use crate::{
    limits::{NAME_BYTES_MAX, UNICODE_EMOJI_BYTES_MAX, UNIX_MINUTE_END, UNIX_MINUTE_MIN},
    question::{Counts, MemberVoice},
    value::{key, text},
};

/// Hours of a day.
const DAY_HOURS: i32 = 24;

/// Merged rows of each table of the family, each sorted by its key.
#[derive(Debug, Default)]
pub(crate) struct ActivityFold {
    /// `metrics_snapshots`.
    pub(crate) minutes: Vec<Row<(i64, i32), MinuteSums>>,
    /// `member_activity_hourly`: guild, hour, channel, member.
    pub(crate) hours: Vec<Row<(i64, i32, i64, i64), MemberSums>>,
    /// `member_activity_daily`: guild, day, member, channel.
    pub(crate) days: Vec<Row<(i64, i32, i64, i64), DaySums>>,
    /// `member_stats`: guild, member.
    pub(crate) members: Vec<Row<(i64, i64), EverSums>>,
    /// `guild_activity_hourly`: guild, hour, kind.
    pub(crate) guilds: Vec<Row<(i64, i32, i32), Sums>>,
    /// `channel_activity_hourly`: guild, hour, channel, kind.
    pub(crate) channels: Vec<Row<(i64, i32, i64, i32), Sums>>,
    /// `emoji_hourly`: guild, hour, emoji id, unicode; given and taken back.
    pub(crate) emojis: Vec<Row<EmojiKey, [u64; 2]>>,
    /// `emoji_names`: guild, emoji id.
    pub(crate) emoji_names: Vec<Row<(i64, i64), String>>,
}

/// Guild, hour, emoji id (0 for unicode), unicode (empty for custom).
pub(crate) type EmojiKey = (i64, i32, i64, String);

/// A key and what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row<K, V> {
    pub(crate) key: K,
    pub(crate) value: V,
}

/// Messages, commands, reactions added, removed, received.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums(pub(crate) [u64; 5]);

/// Counts of a minute: of people, of bots and webhooks, and how many of the latter's messages came from webhooks; and its voice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MinuteSums {
    pub(crate) humans: Sums,
    pub(crate) bots: Sums,
    pub(crate) webhook_messages: u64,
    pub(crate) voice: MinuteVoice,
}

/// Voice of people in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MinuteVoice {
    pub(crate) total_ms: u64,
    pub(crate) active_ms: u64,
    pub(crate) peak: u64,
}

/// All-time sums of a member: counts and voice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct EverSums {
    pub(crate) activity: MemberSums,
    pub(crate) voice: MemberVoice,
}

/// Counts of a member, their kind, and when they were seen to do something.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MemberSums {
    pub(crate) kind: i32,
    pub(crate) sums: Sums,
    pub(crate) seen: Option<(i32, i32)>,
}

/// Counts of a member's day in a channel, and in which of its hours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct DaySums {
    pub(crate) kind: i32,
    pub(crate) sums: Sums,
    pub(crate) hours: i32,
    pub(crate) active_hours: i32,
}

/// What can be merged into a row of the same key.
pub(crate) trait Absorb {
    /// Takes in another value.
    fn absorb(&mut self, other: Self);
}

impl Sums {
    fn of(counts: &ActivityCounts) -> Self {
        Self([
            u64::from(counts.messages),
            u64::from(counts.commands),
            u64::from(counts.reactions_added),
            u64::from(counts.reactions_removed),
            u64::from(counts.reactions_received),
        ])
    }

    /// As the answers of questions have them.
    pub(crate) fn counts(self) -> Counts {
        let [messages, commands, reactions_added, reactions_removed, reactions_received] = self.0;
        Counts { messages, commands, reactions_added, reactions_removed, reactions_received }
    }

    /// Sent a message or gave a reaction: the definition of an active member.
    fn is_active(&self) -> bool {
        self.0[0] > 0 || self.0[2] > 0
    }

    /// Did anything at all; receiving a reaction is nothing that one does.
    fn is_seen(&self) -> bool {
        self.0[..4].iter().any(|count| *count > 0)
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

impl From<Counts> for Sums {
    fn from(counts: Counts) -> Self {
        Self([
            counts.messages,
            counts.commands,
            counts.reactions_added,
            counts.reactions_removed,
            counts.reactions_received,
        ])
    }
}

impl Absorb for Sums {
    fn absorb(&mut self, other: Self) {
        for (mine, others) in self.0.iter_mut().zip(other.0) {
            *mine += others;
        }
    }
}

impl MinuteSums {
    /// Counts what authors of one kind did.
    fn count(&mut self, kind: AuthorKind, sums: Sums) {
        match kind {
            AuthorKind::Human => self.humans.absorb(sums),
            AuthorKind::Bot => self.bots.absorb(sums),
            AuthorKind::Webhook => {
                self.bots.absorb(sums);
                self.webhook_messages += sums.0[0];
            }
        }
    }
}

impl Absorb for MinuteSums {
    fn absorb(&mut self, other: Self) {
        self.humans.absorb(other.humans);
        self.bots.absorb(other.bots);
        self.webhook_messages += other.webhook_messages;
        self.voice.total_ms += other.voice.total_ms;
        self.voice.active_ms += other.voice.active_ms;
        self.voice.peak = self.voice.peak.max(other.voice.peak);
    }
}

impl Absorb for EverSums {
    fn absorb(&mut self, other: Self) {
        self.activity.absorb(other.activity);
        self.voice.total_ms += other.voice.total_ms;
        self.voice.active_ms += other.voice.active_ms;
        self.voice.sessions += other.voice.sessions;
    }
}

impl Absorb for MemberSums {
    fn absorb(&mut self, other: Self) {
        self.kind = self.kind.max(other.kind);
        self.sums.absorb(other.sums);
        self.seen = match (self.seen, other.seen) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
}

impl Absorb for DaySums {
    fn absorb(&mut self, other: Self) {
        self.kind = self.kind.max(other.kind);
        self.sums.absorb(other.sums);
        self.hours |= other.hours;
        self.active_hours |= other.active_hours;
    }
}

impl Absorb for [u64; 2] {
    fn absorb(&mut self, other: Self) {
        self[0] += other[0];
        self[1] += other[1];
    }
}

/// The later name wins: a stable sort keeps the order in which they were told.
impl Absorb for String {
    fn absorb(&mut self, other: Self) {
        *self = other;
    }
}

/// Whether windows of this minute can be stored.
pub(crate) fn is_storable_minute(unix_minute: u32) -> bool {
    (UNIX_MINUTE_MIN..UNIX_MINUTE_END).contains(&unix_minute)
}

impl ActivityFold {
    /// Takes in a window. After an error the fold holds a part of it and must be thrown away.
    pub(crate) fn window(&mut self, window: &ActivityWindow) -> Result<(), &'static str> {
        if !is_storable_minute(window.unix_minute) {
            return Err("its minute lies outside the years 2015 to 2099");
        }
        let guild = key(window.guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        let minute = window.unix_minute as i32;
        let mut whole = MinuteSums::default();
        for cell in &window.cells {
            let sums = Sums::of(&cell.counts);
            whole.count(cell.kind, sums);
            let seen = sums.is_seen().then_some((minute, minute));
            self.cell(guild, minute / 60, cell, seen)?;
        }
        if whole != MinuteSums::default() {
            self.minutes.push(Row { key: (guild, minute), value: whole });
        }
        self.emojis(guild, minute / 60, &window.emojis)
    }

    /// Takes in many windows of an hour, merged: it makes the rows that they would have made.
    pub(crate) fn hour(&mut self, merged: &ActivityHour) -> Result<(), &'static str> {
        if !is_storable_minute(merged.unix_hour.saturating_mul(60)) {
            return Err("its hour lies outside the years 2015 to 2099");
        }
        let guild = key(merged.guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        let hour = merged.unix_hour as i32;
        for cell in &merged.cells {
            let seen = cell
                .seen
                .map(|(first, last)| (hour * 60 + i32::from(first), hour * 60 + i32::from(last)));
            if cell.seen.is_some_and(|(first, last)| first > last || last > 59) {
                return Err("a minute lies outside its hour");
            }
            self.cell(guild, hour, &cell.cell, seen)?;
        }
        for minute in &merged.minutes {
            if minute.minute > 59 {
                return Err("a minute lies outside its hour");
            }
            let mut whole = MinuteSums::default();
            whole.count(minute.kind, Sums::of(&minute.counts));
            if whole != MinuteSums::default() {
                let key = (guild, hour * 60 + i32::from(minute.minute));
                self.minutes.push(Row { key, value: whole });
            }
        }
        self.emojis(guild, hour, &merged.emojis)
    }

    fn cell(
        &mut self,
        guild: i64,
        hour: i32,
        cell: &ActivityCell,
        seen: Option<(i32, i32)>,
    ) -> Result<(), &'static str> {
        let channel = key(cell.channel.0).ok_or("a channel's id does not fit into 63 bits")?;
        let member = key(cell.member.0).ok_or("a member's id does not fit into 63 bits")?;
        let sums = Sums::of(&cell.counts);
        if sums.is_zero() {
            return Ok(());
        }
        let kind = i32::from(cell.kind as u8);
        self.hours.push(Row {
            key: (guild, hour, channel, member),
            value: MemberSums { kind, sums, seen },
        });
        self.channels.push(Row { key: (guild, hour, channel, kind), value: sums });
        Ok(())
    }

    fn emojis(&mut self, guild: i64, hour: i32, counts: &[EmojiCount]) -> Result<(), &'static str> {
        for count in counts {
            let emoji = self.emoji(guild, &count.emoji)?;
            self.emojis.push(Row {
                key: (guild, hour, emoji.0, emoji.1),
                value: [u64::from(count.added), u64::from(count.removed)],
            });
        }
        Ok(())
    }

    fn emoji(&mut self, guild: i64, emoji: &Emoji<'_>) -> Result<(i64, String), &'static str> {
        match emoji {
            Emoji::Custom { id, name } => {
                let id = key(id.0).ok_or("an emoji's id does not fit into 63 bits")?;
                if let Some(name) = name {
                    self.emoji_names
                        .push(Row { key: (guild, id), value: text(name, NAME_BYTES_MAX) });
                }
                Ok((id, String::new()))
            }
            Emoji::Unicode(unicode) => Ok((0, text(unicode, UNICODE_EMOJI_BYTES_MAX))),
        }
    }

    /// Takes in the voice of a minute.
    pub(crate) fn voice_minute(&mut self, guild: i64, minute: i32, voice: MinuteVoice) {
        let value = MinuteSums { voice, ..MinuteSums::default() };
        self.minutes.push(Row { key: (guild, minute), value });
    }

    /// Sorts and merges everything, and makes the coarser rows from the finer ones. `voices` are the members' voice of the same
    /// batch, for the rows that hold both.
    pub(crate) fn finish(mut self, voices: Vec<Row<(i64, i64), EverSums>>) -> Self {
        merge(&mut self.minutes);
        merge(&mut self.hours);
        merge(&mut self.channels);
        merge(&mut self.emojis);
        merge(&mut self.emoji_names);
        self.days = self.hours.iter().map(day_of).collect();
        merge(&mut self.days);
        let of_member = |row: &Row<(i64, i32, i64, i64), MemberSums>| Row {
            key: (row.key.0, row.key.3),
            value: EverSums { activity: row.value, voice: MemberVoice::default() },
        };
        self.members = self.hours.iter().map(of_member).collect();
        self.members.extend(voices);
        merge(&mut self.members);
        let of_guild = |row: &Row<(i64, i32, i64, i32), Sums>| Row {
            key: (row.key.0, row.key.1, row.key.3),
            value: row.value,
        };
        self.guilds = self.channels.iter().map(of_guild).collect();
        merge(&mut self.guilds);
        self
    }
}

fn day_of(row: &Row<(i64, i32, i64, i64), MemberSums>) -> Row<(i64, i32, i64, i64), DaySums> {
    let (guild, hour, channel, member) = row.key;
    let bit = 1 << (hour % DAY_HOURS);
    Row {
        key: (guild, hour / DAY_HOURS, member, channel),
        value: DaySums {
            kind: row.value.kind,
            sums: row.value.sums,
            hours: bit,
            active_hours: if row.value.sums.is_active() { bit } else { 0 },
        },
    }
}

/// Sorts rows by key and merges those of one key into the first of them, in their order.
pub(crate) fn merge<K: Ord, V: Absorb + Default>(rows: &mut Vec<Row<K, V>>) {
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows.dedup_by(|later, first| {
        let same = later.key == first.key;
        if same {
            first.value.absorb(std::mem::take(&mut later.value));
        }
        same
    });
}
