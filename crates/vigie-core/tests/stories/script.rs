//! The language of the stories.
//!
//! `TIME VERB key=value …`, where TIME is `hh:mm[:ss[.mmm]]` on 2026-11-20, `+1 hh:mm…` the day after. Values with spaces
//! stand in quotes. Ids are small numbers; the id of a message is made from `at=TIME` (else the time of hearing) or given as `id=`.
//!
//! - `message g= c= by= [at= | id=]`, `command …`: `by` is a user; `kind=bot|webhook`, `name=`, `nick=`, `avatar=` say more.
//! - `react g= c= by= emoji= [to=]`, `unreact …`: an emoji is its text, `name:id`, or `:id` when Discord gives no name;
//!   `to` is the author of the message; `name=` and so on describe the giver, who is described on additions only.
//! - `x=N` repeats a line N times; `by=100..150` and `c=10..12` repeat it for each of these.
//! - `guild id= name= owner= [icon= members= joined=TIME tier= boosts= channels="id:kind:name …"]`, `guild_removed id=`.
//! - `channel g= id= kind= [name= parent= position=]`, `channel_deleted g= id=`.
//! - `wake`, `flush`, `deadline`, `stats` ask the core. Before them may stand
//!   `every SECONDS` (the flush interval) and `show names` (else records of names, which every first flush has, are left out).

use std::borrow::Cow;
use std::collections::BTreeMap;

use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, Emoji, EmojiId, Fact, GuildFact, GuildId,
    MessageFact, MessageId, MessageKind, Person, ReactionFact, Record, UnixMs, UserId,
    snowflake_at,
};
use vigie_core::{Core, CoreConfig};

use crate::print;

/// 2026-11-20T00:00:00Z.
pub const DAY_MS: i64 = 1_795_132_800_000;

/// Plays a story; returns all that the core answered.
pub fn play(story: &str) -> String {
    let mut config = CoreConfig::default();
    let mut show_names = false;
    let mut told = Vec::new();
    for line in story.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(seconds) = line.strip_prefix("every ") {
            let seconds: f64 = seconds.parse().expect("seconds");
            config.flush_interval_ms = (seconds * 1_000.0) as u32;
        } else if line == "show names" {
            show_names = true;
        } else {
            told.push(line);
        }
    }
    let mut core = Core::new(config);
    told.into_iter().map(|line| tell(&mut core, line, show_names)).collect()
}

fn tell(core: &mut Core, line: &str, show_names: bool) -> String {
    let words = words(line);
    let (day, words) = match words[0].strip_prefix('+') {
        Some(days) => (days.parse().expect("days"), &words[1..]),
        None => (0, &words[..]),
    };
    let now = time(day, &words[0]);
    let verb = words[1].as_str();
    let line = Line { day, now, verb, pairs: words[2..].iter().map(|word| pair(word)).collect() };
    let mut out = Vec::new();
    match verb {
        "wake" => core.wake(now, &mut out),
        "flush" => core.flush(now, &mut out),
        "deadline" => return print::deadline(core.next_deadline()),
        "stats" => return print::stats(&core.stats()),
        _ => line.each(|line| core.handle(now, line.fact(), &mut out)),
    }
    out.retain(|record| show_names || !matches!(record, Record::Members(..)));
    print::records(&out)
}

/// One line of a story, taken apart.
struct Line<'a> {
    day: i64,
    now: UnixMs,
    verb: &'a str,
    pairs: BTreeMap<&'a str, Cow<'a, str>>,
}

impl Line<'_> {
    /// Calls `told` for every repetition of the line.
    fn each(mut self, mut told: impl FnMut(&Self)) {
        let times = self.number("x").unwrap_or(1);
        let (members, channels) = (self.range("by"), self.range("c"));
        for member in members {
            for &channel in &channels {
                for (key, value) in [("by", member), ("c", channel)] {
                    if let Some(value) = value {
                        self.pairs.insert(key, value.to_string().into());
                    }
                }
                (0..times).for_each(|_| told(&self));
            }
        }
    }

    fn fact(&self) -> Fact<'_> {
        match self.verb {
            "message" => Fact::Message(self.message(MessageKind::Message)),
            "command" => Fact::Message(self.message(MessageKind::Command)),
            "react" => Fact::Reaction(self.reaction(true)),
            "unreact" => Fact::Reaction(self.reaction(false)),
            "guild" => Fact::Guild(Box::new(self.guild())),
            "guild_removed" => Fact::GuildRemoved(GuildId(self.id("id"))),
            "channel" => Fact::Channel(GuildId(self.id("g")), self.channel()),
            "channel_deleted" => {
                Fact::ChannelDeleted(GuildId(self.id("g")), ChannelId(self.id("id")))
            }
            verb => panic!("no story knows the word {verb}"),
        }
    }

    fn message(&self, kind: MessageKind) -> MessageFact<'_> {
        let at = self.text("at").map_or(self.now, |at| time(self.day, at));
        MessageFact {
            guild: GuildId(self.id("g")),
            channel: ChannelId(self.id("c")),
            message: MessageId(self.number("id").unwrap_or(snowflake_at(at))),
            kind,
            author: self.person(),
        }
    }

    fn reaction(&self, added: bool) -> ReactionFact<'_> {
        let emoji = self.text("emoji").expect("emoji=");
        ReactionFact {
            guild: GuildId(self.id("g")),
            channel: ChannelId(self.id("c")),
            message: MessageId(self.number("on").unwrap_or(0)),
            giver: UserId(self.id("by")),
            giver_person: added.then(|| self.person()),
            message_author: self.number("to").map(UserId),
            emoji: match emoji.split_once(':') {
                None => Emoji::Unicode(emoji.into()),
                Some((name, id)) => Emoji::Custom {
                    id: EmojiId(id.parse().expect("an emoji's id")),
                    name: (!name.is_empty()).then(|| name.into()),
                },
            },
            added,
        }
    }

    fn person(&self) -> Person<'_> {
        let id = self.id("by");
        Person {
            id: UserId(id),
            kind: match self.text("kind") {
                None => AuthorKind::Human,
                Some("bot") => AuthorKind::Bot,
                Some("webhook") => AuthorKind::Webhook,
                Some(kind) => panic!("no author is a {kind}"),
            },
            username: self.text("name").map_or(format!("u{id}").into(), Cow::from),
            display_name: self.text("nick").map(Cow::from),
            avatar: self.text("avatar").map(Cow::from),
        }
    }

    fn guild(&self) -> GuildFact<'_> {
        let channels = self.text("channels").unwrap_or_default();
        GuildFact {
            id: GuildId(self.id("id")),
            name: self.text("name").expect("name=").into(),
            icon: self.text("icon").map(Cow::from),
            owner: UserId(self.id("owner")),
            member_count: self.number("members").map(|count| count as u32),
            bot_joined_at: self.text("joined").map(|at| time(0, at)),
            premium_tier: self.number("tier").unwrap_or(0) as u8,
            boost_count: self.number("boosts").unwrap_or(0) as u32,
            afk_channel: self.number("afk").map(ChannelId),
            channels: channels.split_whitespace().map(short_channel).collect(),
            voice_states: None,
        }
    }

    fn channel(&self) -> Channel<'_> {
        Channel {
            id: ChannelId(self.id("id")),
            kind: ChannelKind(self.id("kind") as u8),
            name: self.text("name").map(Cow::from),
            parent: self.number("parent").map(ChannelId),
            position: self.number("position").unwrap_or(0) as i32,
            last_message: self.number("last").map(MessageId),
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.pairs.get(key).map(AsRef::as_ref)
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.text(key).map(|text| text.parse().expect("a number"))
    }

    fn id(&self, key: &str) -> u64 {
        self.number(key).unwrap_or_else(|| panic!("{} needs {key}=", self.verb))
    }

    /// The numbers of `first..last`, last included; one number; or nothing.
    fn range(&self, key: &str) -> Vec<Option<u64>> {
        let Some(text) = self.text(key) else { return vec![None] };
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let first: u64 = first.parse().expect("a number");
        (first..=last.parse().expect("a number")).map(Some).collect()
    }
}

/// `id:kind:name`, without a name when obfuscated.
fn short_channel(text: &str) -> Channel<'_> {
    let mut parts = text.splitn(3, ':');
    let id = parts.next().and_then(|id| id.parse().ok()).expect("a channel's id");
    let kind = parts.next().and_then(|kind| kind.parse().ok()).expect("a channel's kind");
    let name = parts.next().map(Cow::from);
    Channel {
        id: ChannelId(id),
        kind: ChannelKind(kind),
        name,
        parent: None,
        position: 0,
        last_message: None,
    }
}

/// `hh:mm[:ss[.mmm]]` of a day.
fn time(day: i64, text: &str) -> UnixMs {
    let mut parts = text.split(':');
    let mut next = || parts.next().map(|part| part.parse::<f64>().expect("a time"));
    let hours = next().expect("hours");
    let minutes = next().expect("minutes");
    let seconds = next().unwrap_or(0.0);
    let ms = ((hours * 60.0 + minutes) * 60.0 + seconds) * 1_000.0;
    UnixMs(DAY_MS + day * 86_400_000 + ms.round() as i64)
}

/// The words of a line; quotes keep spaces together and fall away.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("never empty").push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn pair(word: &str) -> (&str, Cow<'_, str>) {
    let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{word} is no key=value"));
    (key, value.into())
}
