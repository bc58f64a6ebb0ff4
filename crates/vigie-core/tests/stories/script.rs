//! The language of the stories.
//!
//! `TIME VERB key=value …`, where TIME is `hh:mm[:ss[.mmm]]` on 2026-11-20, `+1 hh:mm…` the day after. Values with spaces
//! stand in quotes. Ids are small numbers, but for those of messages, which say when: `TIME`, `TIME#1`, `TIME#2` … are the
//! messages of that millisecond. A message is `at=TIME`, else written when it is heard, and the next of its millisecond unless
//! it says which; or it is any number, given as `id=`.
//!
//! - `message g= c= by= [at= | id=]`, `command …`: `by` is a user; `kind=bot|webhook`, `name=`, `nick=`, `avatar=` say more.
//! - `notice g= c= [at= | id=]`: a message of a type that is not counted.
//! - `react g= c= by= emoji= [on=] [to=]`, `unreact …`: an emoji is its text, `name:id`, or `:id` when Discord gives no name;
//!   `on` is the message (`cleared g= on=`: all reactions of it are gone), `to` its author; `name=` and so on describe the giver, who is described on additions only.
//! - `x=N` repeats a line N times; `by=100..150` and `c=10..12` repeat it for each of these.
//! - `voice g= by= [c=] [state="muted afk …"]`: without `c` they left; `kind=` and `name=` as above.
//! - `guild id= name= owner= [icon= members= joined=TIME tier= boosts= afk= channels="id:kind:name@LAST …" voice="by:c:state …"]`:
//!   GUILD_CREATE if it says who is in voice (`voice=""`: nobody), else GUILD_UPDATE; LAST is the channel's newest message.
//! - `guild_removed id=`, `unavailable id=`, `ready ids="1 2 …"` (a new session), `heard` (a sign of life).
//! - `channel g= id= kind= [name= parent= position=]`, `channel_deleted g= id=`.
//! - `page g= c= after=MESSAGE [messages="MESSAGE*by …"] [newest=MESSAGE] [more=1]`, `refuse c= after=MESSAGE why=permission|gone|refused`.
//! - Members, moderation and invites: `script/society.rs`; `next_reading` says what of them is asked for.
//! - `wake`, `flush`, `deadline`, `stats`, `next_page`, `catch_up` ask the core; `restart` flushes it and goes on with the core
//!   restored from its checkpoint. Before them may stand `every SECONDS` (the flush interval), `covers FAMILY …` (else all) and
//!   `show names` (else records of names, which every first flush has, are left out).

mod society;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, Emoji, EmojiId, Fact, GuildFact, GuildId,
    HistoryPage, HistoryRefusal, MessageFact, MessageId, MessageKind, Person, ReactionFact, Record,
    UnixMs, UserId, VoiceFact, VoiceState, snowflake_at,
};
use vigie_core::{Core, CoreConfig, Covers};

use crate::print;

/// 2026-11-20T00:00:00Z.
pub const DAY_MS: i64 = 1_795_132_800_000;

/// Unless a story says otherwise: the families of which most of them are.
const DEFAULT: Covers =
    Covers { messages: true, reactions: true, voice: true, members: false, moderation: false };

/// Plays a story; returns all that the core answered.
pub fn play(story: &str) -> String {
    let mut config = CoreConfig { covers: DEFAULT, ..CoreConfig::default() };
    let mut show_names = false;
    let mut told = Vec::new();
    for line in story.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(seconds) = line.strip_prefix("every ") {
            let seconds: f64 = seconds.parse().expect("seconds");
            config.flush_interval_ms = (seconds * 1_000.0) as u32;
        } else if let Some(families) = line.strip_prefix("covers ") {
            let has = |family| families.split(' ').any(|word| word == family);
            config.covers = Covers {
                messages: has("messages"),
                reactions: has("reactions"),
                voice: has("voice"),
                members: has("members"),
                moderation: has("moderation"),
            };
        } else if line == "show names" {
            show_names = true;
        } else {
            told.push(line);
        }
    }
    let mut core = Core::new(config);
    let written = Written::default();
    told.into_iter().map(|line| tell(&mut core, &config, &written, line, show_names)).collect()
}

/// How many messages were written in each millisecond.
type Written = RefCell<BTreeMap<UnixMs, u64>>;

fn tell(
    core: &mut Core,
    config: &CoreConfig,
    written: &Written,
    line: &str,
    show_names: bool,
) -> String {
    let words = words(line);
    let (day, words) = match words[0].strip_prefix('+') {
        Some(days) => (days.parse().expect("days"), &words[1..]),
        None => (0, &words[..]),
    };
    let now = time(day, &words[0]);
    let verb = words[1].as_str();
    let pairs = words[2..].iter().map(|word| pair(word)).collect();
    let line = Line { day, now, verb, pairs, written };
    let mut out = Vec::new();
    match verb {
        "wake" => core.wake(now, &mut out),
        "flush" => core.flush(now, &mut out),
        "deadline" => return print::deadline(core.next_deadline()),
        "stats" => return print::stats(&core.stats()),
        "next_reading" => return format!("{:?}\n", core.next_reading()),
        "next_page" => return print::page(core.next_page()),
        "catch_up" => return print::catch_up(&core.catch_up()),
        "restart" => {
            core.flush(now, &mut out);
            assert!(core.is_settled(), "a flush leaves nothing behind");
            *core = Core::restore(*config, &core.checkpoint());
        }
        _ => line.each(|line| {
            let fact = line.society(core).unwrap_or_else(|| line.fact());
            core.handle(now, fact, &mut out);
        }),
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
    written: &'a Written,
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
            "notice" => {
                let message = self.number("id").map(MessageId);
                Fact::UncountedMessage(
                    GuildId(self.id("g")),
                    ChannelId(self.id("c")),
                    message.unwrap_or_else(|| self.next_message()),
                )
            }
            "react" => Fact::Reaction(self.reaction(true)),
            "unreact" => Fact::Reaction(self.reaction(false)),
            "guild" => Fact::Guild(Box::new(self.guild())),
            "guild_removed" => Fact::GuildRemoved(GuildId(self.id("id"))),
            "channel" => Fact::Channel(GuildId(self.id("g")), self.channel()),
            "channel_deleted" => {
                Fact::ChannelDeleted(GuildId(self.id("g")), ChannelId(self.id("id")))
            }
            "cleared" => {
                Fact::ReactionsCleared(GuildId(self.id("g")), self.message_id("on").expect("on="))
            }
            "voice" => Fact::Voice(self.voice()),
            "unavailable" => Fact::GuildUnavailable(GuildId(self.id("id"))),
            "ready" => {
                let ids = self.text("ids").expect("ids=").split_whitespace();
                Fact::SessionStarted(ids.map(|id| GuildId(id.parse().expect("an id"))).collect())
            }
            "heard" => Fact::Heard,
            "page" => Fact::History(self.page()),
            "refuse" => Fact::HistoryRefused(
                ChannelId(self.id("c")),
                self.message_id("after").expect("after="),
                match self.text("why") {
                    Some("permission") => HistoryRefusal::MissingPermission,
                    Some("gone") => HistoryRefusal::Gone,
                    Some("refused") => HistoryRefusal::Refused,
                    why => panic!("nobody refuses for {why:?}"),
                },
            ),
            verb => panic!("no story knows the word {verb}"),
        }
    }

    fn message(&self, kind: MessageKind) -> MessageFact<'_> {
        let message = match self.number("id") {
            Some(id) => MessageId(id),
            None => self.next_message(),
        };
        MessageFact {
            guild: GuildId(self.id("g")),
            channel: ChannelId(self.id("c")),
            message,
            kind,
            author: self.person(),
        }
    }

    /// The message `at=` a time, or the next one that is written then.
    fn next_message(&self) -> MessageId {
        if let Some(at) = self.text("at").filter(|at| at.contains('#')) {
            return message_id(self.day, at);
        }
        let at = self.text("at").map_or(self.now, |at| time(self.day, at));
        let mut written = self.written.borrow_mut();
        let count = written.entry(at).or_default();
        *count += 1;
        MessageId(snowflake_at(at) + *count - 1)
    }

    fn message_id(&self, key: &str) -> Option<MessageId> {
        self.text(key).map(|text| message_id(self.day, text))
    }

    fn voice(&self) -> VoiceFact<'_> {
        let is_described = self.text("kind").is_some() || self.text("name").is_some();
        VoiceFact {
            guild: GuildId(self.id("g")),
            member: UserId(self.id("by")),
            person: is_described.then(|| self.person()),
            channel: self.number("c").map(ChannelId),
            state: voice_state(self.text("state").unwrap_or_default()),
        }
    }

    fn page(&self) -> HistoryPage<'_> {
        let (guild, channel) = (GuildId(self.id("g")), ChannelId(self.id("c")));
        let words = self.text("messages").unwrap_or_default().split_whitespace();
        let message = |word: &str| {
            let (message, by) = word.split_once('*').unwrap_or((word, "100"));
            let by: u64 = by.parse().expect("an author");
            MessageFact {
                guild,
                channel,
                message: message_id(self.day, message),
                kind: MessageKind::Message,
                author: Person {
                    id: UserId(by),
                    kind: AuthorKind::Human,
                    username: format!("u{by}").into(),
                    display_name: None,
                    avatar: None,
                },
            }
        };
        let messages: Vec<_> = words.map(message).collect();
        let last = messages.last().map(|fact| fact.message);
        HistoryPage {
            guild,
            channel,
            after: self.message_id("after").expect("after="),
            newest: self.message_id("newest").or(last),
            more: self.number("more").is_some(),
            messages,
        }
    }

    fn reaction(&self, added: bool) -> ReactionFact<'_> {
        let emoji = self.text("emoji").expect("emoji=");
        ReactionFact {
            guild: GuildId(self.id("g")),
            channel: ChannelId(self.id("c")),
            message: self.message_id("on").unwrap_or_default(),
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
        let id = GuildId(self.id("id"));
        let in_voice = |text: &str| {
            text.split_whitespace().map(|word| short_voice(id, word)).collect::<Vec<_>>()
        };
        GuildFact {
            id,
            name: self.text("name").expect("name=").into(),
            icon: self.text("icon").map(Cow::from),
            owner: UserId(self.id("owner")),
            member_count: self.number("members").map(|count| count as u32),
            bot_joined_at: self.text("joined").map(|at| time(0, at)),
            premium_tier: self.number("tier").unwrap_or(0) as u8,
            boost_count: self.number("boosts").unwrap_or(0) as u32,
            afk_channel: self.number("afk").map(ChannelId),
            channels: channels
                .split_whitespace()
                .map(|word| short_channel(self.day, word))
                .collect(),
            voice_states: self.text("voice").map(in_voice),
        }
    }

    fn channel(&self) -> Channel<'_> {
        Channel {
            id: ChannelId(self.id("id")),
            kind: ChannelKind(self.id("kind") as u8),
            name: self.text("name").map(Cow::from),
            parent: self.number("parent").map(ChannelId),
            position: self.number("position").unwrap_or(0) as i32,
            last_message: self.message_id("last"),
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

/// `id:kind:name@LAST`, without a name when obfuscated, without the last part when there is no message.
fn short_channel(day: i64, text: &str) -> Channel<'_> {
    let (text, last) = match text.split_once('@') {
        Some((text, last)) => (text, Some(message_id(day, last))),
        None => (text, None),
    };
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
        last_message: last,
    }
}

/// `by:c:state`, or `by:c`; a kind may follow `by` (`100bot:10`).
fn short_voice(guild: GuildId, text: &str) -> VoiceFact<'static> {
    let mut parts = text.splitn(3, ':');
    let by = parts.next().expect("who");
    let is_bot = by.ends_with("bot");
    let id: u64 = by.trim_end_matches("bot").parse().expect("a user's id");
    VoiceFact {
        guild,
        member: UserId(id),
        person: is_bot.then(|| Person {
            id: UserId(id),
            kind: AuthorKind::Bot,
            username: format!("u{id}").into(),
            display_name: None,
            avatar: None,
        }),
        channel: parts.next().map(|channel| ChannelId(channel.parse().expect("a channel's id"))),
        state: voice_state(parts.next().unwrap_or_default()),
    }
}

fn voice_state(text: &str) -> VoiceState {
    let state = |word| match word {
        "muted" => VoiceState::MUTED,
        "deafened" => VoiceState::DEAFENED,
        "streaming" => VoiceState::STREAMING,
        "video" => VoiceState::VIDEO,
        "suppressed" => VoiceState::SUPPRESSED,
        word => panic!("nobody is {word}"),
    };
    let words = text.split([' ', '+']).filter(|word| !word.is_empty());
    words.map(state).fold(VoiceState::default(), VoiceState::with)
}

/// `TIME` or `TIME#n`; `+1/TIME` the day after.
fn message_id(day: i64, text: &str) -> MessageId {
    let (day, text) = match text.strip_prefix('+').and_then(|text| text.split_once('/')) {
        Some((days, text)) => (days.parse().expect("days"), text),
        None => (day, text),
    };
    let (at, number) = text.split_once('#').unwrap_or((text, "0"));
    MessageId(snowflake_at(time(day, at)) + number.parse::<u64>().expect("a number"))
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
