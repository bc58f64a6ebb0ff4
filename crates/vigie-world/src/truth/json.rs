//! Truth as JSON, for a control door and for judges in other languages.

mod society;
mod voice;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vigie_core::vocabulary::{ActivityCounts, AuthorKind, ChannelId, EmojiId, GuildId, UserId};

use super::{Cell, CellKey, EmojiTotals, Truth, TruthEmoji};
use society::{ActRow, StayRow};
use voice::{DeletedRow, PeakRow, SessionRow, VoiceRow, VoiceRows};

/// Why a text is no truth: it is not JSON of the documented shape.
#[derive(Debug, thiserror::Error)]
#[error("the text is no truth of the documented shape: {0}")]
pub struct TruthError(#[from] serde_json::Error);

impl Truth {
    /// The JSON form described at the top of [`crate::truth`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.whole()).expect("numbers and strings always serialise")
    }

    /// Reads what [`Truth::to_json`] writes.
    ///
    /// # Errors
    /// A [`TruthError`] naming the place where the text has another shape.
    pub fn from_json(text: &str) -> Result<Self, TruthError> {
        let whole: Whole = serde_json::from_str(text)?;
        let mut truth = Self { complete_from_hour: whole.complete_from_hour, ..Self::default() };
        for (guild, hours) in whole.guilds {
            for (unix_hour, hour) in hours.hours {
                let unix_hour = u32::try_from(unix_hour.0).unwrap_or(u32::MAX);
                truth.read_hour(GuildId(guild.0), unix_hour, hour);
            }
            truth.read_society(GuildId(guild.0), hours.members, hours.stays, hours.acts);
            truth.read_lists(GuildId(guild.0), hours.sessions, hours.deleted);
        }
        Ok(truth)
    }

    fn whole(&self) -> Whole {
        let mut whole = Whole { complete_from_hour: self.complete_from_hour, ..Whole::default() };
        for (unix_hour, key, cell) in self.cells() {
            whole.hour(key.guild, unix_hour).cells.push(CellRow {
                channel: Number(key.channel.0),
                member: Number(key.member.0),
                kind: cell.kind.into(),
                messages: cell.counts.messages,
                commands: cell.counts.commands,
                reactions_added: cell.counts.reactions_added,
                reactions_removed: cell.counts.reactions_removed,
                reactions_received: cell.counts.reactions_received,
            });
        }
        for (unix_hour, guild, emoji, totals) in self.emojis() {
            let (emoji, id) = match emoji {
                TruthEmoji::Unicode(characters) => (Some(characters.clone()), None),
                TruthEmoji::Custom(id) => (totals.name.clone(), Some(Number(id.0))),
            };
            let (added, removed) = (totals.added, totals.removed);
            whole.hour(guild, unix_hour).emojis.push(EmojiRow { emoji, id, added, removed });
        }
        self.add_voice_to(&mut whole);
        for deleted in self.deleted() {
            whole.guild(deleted.guild).deleted.push(DeletedRow::write(deleted));
        }
        self.add_society_to(&mut whole);
        whole
    }

    fn add_voice_to(&self, whole: &mut Whole) {
        for (unix_hour, key, totals) in self.voice() {
            let row = VoiceRow::write(key, &totals);
            whole.voice(key.guild, unix_hour).cells.push(row);
        }
        for (unix_hour, guild, channel, peak) in self.voice_peaks() {
            let row = PeakRow { channel: Number(channel.0), peak };
            whole.voice(guild, unix_hour).channel_peaks.push(row);
        }
        for (unix_hour, guild, minute) in self.voice_minutes() {
            let row = (minute.minute, minute.total_ms, minute.active_ms, minute.peak);
            let rows = whole.voice(guild, unix_hour);
            rows.minutes.push(row);
            rows.peak = rows.peak.max(minute.peak);
        }
        for (guild, session) in self.sessions() {
            whole.guild(guild).sessions.push(SessionRow::write(session));
        }
    }

    fn read_hour(&mut self, guild: GuildId, unix_hour: u32, hour: HourRows) {
        for row in hour.cells {
            let key =
                CellKey { guild, channel: ChannelId(row.channel.0), member: UserId(row.member.0) };
            let counts = ActivityCounts {
                messages: row.messages,
                commands: row.commands,
                reactions_added: row.reactions_added,
                reactions_removed: row.reactions_removed,
                reactions_received: row.reactions_received,
            };
            self.add(unix_hour, key, Cell { kind: row.kind.into(), counts });
        }
        for row in hour.emojis {
            let (emoji, name) = match row.id {
                Some(id) => (TruthEmoji::Custom(EmojiId(id.0)), row.emoji),
                None => (TruthEmoji::Unicode(row.emoji.unwrap_or_default()), None),
            };
            let totals = EmojiTotals { name, added: row.added, removed: row.removed };
            self.add_emoji(unix_hour, guild, emoji, totals);
        }
        if let Some(voice) = hour.voice {
            self.read_voice(guild, unix_hour, voice);
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Whole {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_from_hour: Option<u32>,
    guilds: BTreeMap<Number, GuildRows>,
}

impl Whole {
    fn guild(&mut self, guild: GuildId) -> &mut GuildRows {
        self.guilds.entry(Number(guild.0)).or_default()
    }

    fn hour(&mut self, guild: GuildId, unix_hour: u32) -> &mut HourRows {
        self.guild(guild).hours.entry(Number(u64::from(unix_hour))).or_default()
    }

    fn voice(&mut self, guild: GuildId, unix_hour: u32) -> &mut VoiceRows {
        self.hour(guild, unix_hour).voice.get_or_insert_default()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct GuildRows {
    hours: BTreeMap<Number, HourRows>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<SessionRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<DeletedRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stays: Vec<StayRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    acts: Vec<ActRow>,
}

#[derive(Default, Serialize, Deserialize)]
struct HourRows {
    cells: Vec<CellRow>,
    emojis: Vec<EmojiRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    voice: Option<VoiceRows>,
}

#[derive(Serialize, Deserialize)]
struct CellRow {
    channel: Number,
    member: Number,
    kind: Kind,
    messages: u32,
    commands: u32,
    reactions_added: u32,
    reactions_removed: u32,
    reactions_received: u32,
}

#[derive(Serialize, Deserialize)]
struct EmojiRow {
    emoji: Option<Cow<'static, str>>,
    id: Option<Number>,
    added: u32,
    removed: u32,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Human,
    Bot,
    Webhook,
}

impl From<AuthorKind> for Kind {
    fn from(kind: AuthorKind) -> Self {
        match kind {
            AuthorKind::Human => Self::Human,
            AuthorKind::Bot => Self::Bot,
            AuthorKind::Webhook => Self::Webhook,
        }
    }
}

impl From<Kind> for AuthorKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Human => Self::Human,
            Kind::Bot => Self::Bot,
            Kind::Webhook => Self::Webhook,
        }
    }
}

/// A number written as a string, as Discord writes ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number(u64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format_args!("{text:?} is no number")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_documented_one_and_reads_back() {
        let mut truth = Truth::new();
        let key = CellKey { guild: GuildId(1), channel: ChannelId(2), member: UserId(3) };
        let counts = ActivityCounts { messages: 4, reactions_received: 1, ..Default::default() };
        truth.add(9, key, Cell { kind: AuthorKind::Bot, counts });
        let totals = |name: Option<&'static str>| EmojiTotals {
            name: name.map(Cow::Borrowed),
            added: 2,
            removed: 1,
        };
        truth.add_emoji(9, GuildId(1), TruthEmoji::Unicode("🔥".into()), totals(None));
        truth.add_emoji(9, GuildId(1), TruthEmoji::Custom(EmojiId(7)), totals(Some("pog")));
        let text = truth.to_json();
        assert_eq!(
            text,
            r#"{"guilds":{"1":{"hours":{"9":{"cells":[{"channel":"2","member":"3","kind":"bot","messages":4,"commands":0,"reactions_added":0,"reactions_removed":0,"reactions_received":1}],"emojis":[{"emoji":"🔥","id":null,"added":2,"removed":1},{"emoji":"pog","id":"7","added":2,"removed":1}]}}}}}"#
        );
        let back = Truth::from_json(&text).expect("what was written");
        assert_eq!(truth.diff(&back), []);
        assert_eq!(back.to_json(), text);
    }

    #[test]
    fn odd_texts_are_refused_with_the_place() {
        for odd in ["", "{}", r#"{"guilds":{"x":{"hours":{}}}}"#, r#"{"guilds":{"1":{}}}"#] {
            assert!(Truth::from_json(odd).is_err(), "{odd}");
        }
    }
}
