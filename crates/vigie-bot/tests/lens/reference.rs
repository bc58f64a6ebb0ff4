//! A slow reader of the same events, written from the definitions over a whole parsed tree: what the lenses must say of
//! any valid JSON.

mod families;

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::Value;
use vigie_bot::lens::{self, Read, SetAside};
use vigie_bot::limits;
use vigie_core::PageRequest;
use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, Emoji, EmojiId, Fact, GuildFact, GuildId,
    HistoryPage, MessageFact, MessageId, MessageKind, Person, ReactionFact, UnixMs, UserId,
    VoiceFact, VoiceState,
};

pub use families::assert_answer_agrees;

type Text = Cow<'static, str>;

/// Panics unless the lens says of `text` what the definitions say of `value`, which it is a writing of.
pub fn assert_agrees(text: &str, value: &Value, what: &str) {
    let ours = lens::read(text);
    match frame(value) {
        Expected::Exactly(theirs) => assert_eq!(ours, theirs, "{what}: {text}"),
        Expected::EventByName(name) => {
            let Ok(Read::NotCounted(reason)) = ours else { panic!("{what}: {ours:?}") };
            let named = reason.strip_prefix("event.").expect("the reason names the event");
            assert!(named == name || named == "other", "{what}: {reason} for {name}");
        }
    }
}

/// The same for an answer to a request for history.
pub fn assert_history_agrees(text: &str, value: &Value, what: &str) {
    assert_eq!(page(text), history(value, &REQUEST), "{what}: {text}");
}

/// What the lens says of a text as an answer to some request.
pub fn page(text: &str) -> Result<HistoryPage<'_>, SetAside> {
    lens::read_history(text, &REQUEST)
}

const REQUEST: PageRequest =
    PageRequest { guild: GuildId(7), channel: ChannelId(8), after: MessageId(9) };

enum Expected {
    Exactly(Result<Read<'static>, SetAside>),
    /// Not read by any lens: the reason is its name, or `other`.
    EventByName(String),
}

fn aside(reason: &'static str) -> SetAside {
    SetAside { reason }
}

fn frame(frame: &Value) -> Expected {
    Expected::Exactly(match read(frame) {
        Err(Some(set_aside)) => Err(set_aside),
        Err(None) => return Expected::EventByName(frame["t"].as_str().unwrap_or_default().into()),
        Ok(read) => Ok(read),
    })
}

/// `Err(None)`: an event that no lens reads.
fn read(frame: &Value) -> Result<Read<'static>, Option<SetAside>> {
    if !frame.is_object() {
        return Err(Some(aside("frame.malformed")));
    }
    match frame["op"].as_i64() {
        None => return Err(Some(aside("frame.missing_op"))),
        Some(0) => {}
        Some(_) => return Ok(Read::Control),
    }
    let name = frame["t"].as_str().ok_or(aside("frame.missing_event"))?;
    let d = &frame["d"];
    if let Some(read) = families::read(name, d) {
        return if d.is_object() {
            read.map_err(Some)
        } else {
            Err(Some(aside("frame.missing_data")))
        };
    }
    match name {
        "RESUMED" => return Ok(Read::Fact(Fact::Heard)),
        "MESSAGE_CREATE"
        | "MESSAGE_REACTION_ADD"
        | "MESSAGE_REACTION_REMOVE"
        | "MESSAGE_REACTION_REMOVE_ALL"
        | "MESSAGE_REACTION_REMOVE_EMOJI"
        | "VOICE_STATE_UPDATE"
        | "READY"
        | "GUILD_CREATE"
        | "GUILD_UPDATE"
        | "GUILD_DELETE"
        | "CHANNEL_CREATE"
        | "CHANNEL_UPDATE"
        | "CHANNEL_DELETE"
        | "THREAD_CREATE"
        | "THREAD_UPDATE"
        | "THREAD_DELETE"
        | "THREAD_LIST_SYNC" => {}
        _ => return Err(None),
    }
    if !d.is_object() {
        return Err(Some(aside("frame.missing_data")));
    }
    Ok(match name {
        "MESSAGE_CREATE" => message(d)?,
        "MESSAGE_REACTION_ADD" => reaction(d, true)?,
        "MESSAGE_REACTION_REMOVE" => reaction(d, false)?,
        "MESSAGE_REACTION_REMOVE_ALL" | "MESSAGE_REACTION_REMOVE_EMOJI" => reactions_cleared(d)?,
        "VOICE_STATE_UPDATE" => voice_state_update(d)?,
        "READY" => ready(d)?,
        "GUILD_CREATE" => guild(d, true)?,
        "GUILD_UPDATE" => guild(d, false)?,
        "GUILD_DELETE" => guild_deleted(d)?,
        "CHANNEL_DELETE" | "THREAD_DELETE" => channel_deleted(d)?,
        "THREAD_LIST_SYNC" => thread_list(d)?,
        _ => channel_event(d)?,
    })
}

/// `Ok(None)`: absent; `Err`: there, but no id.
fn id(value: &Value) -> Result<Option<u64>, ()> {
    let id = match value {
        Value::Null => return Ok(None),
        Value::String(text) => {
            let digits = (1..=20).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
            text.parse::<u64>().ok().filter(|_| digits)
        }
        Value::Number(number) => number.as_u64(),
        _ => None,
    };
    id.filter(|id| *id != 0).map(Some).ok_or(())
}

fn needed(value: &Value, reason: &'static str) -> Result<u64, SetAside> {
    id(value).ok().flatten().ok_or(aside(reason))
}

/// `Ok(None)`: of no guild.
fn guild_of(d: &Value, reason: &'static str) -> Result<Option<GuildId>, SetAside> {
    id(&d["guild_id"]).map(|id| id.map(GuildId)).map_err(|()| aside(reason))
}

fn name(value: &Value) -> Option<Text> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    let mut cut = String::new();
    for character in text.chars() {
        if cut.len() + character.len_utf8() > limits::NAME_BYTES_MAX {
            break;
        }
        cut.push(character);
    }
    Some(cut.into())
}

fn hash(value: &Value) -> Option<Text> {
    let text = value.as_str()?;
    let fits = !text.is_empty() && text.len() <= limits::HASH_BYTES_MAX;
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (fits && plain).then(|| text.to_owned().into())
}

fn is_set(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn is_set_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}

fn kind_of(user: &Value) -> AuthorKind {
    if user["bot"] == Value::Bool(true) { AuthorKind::Bot } else { AuthorKind::Human }
}

fn person(id: u64, kind: AuthorKind, user: &Value, member: &Value) -> Person<'static> {
    Person {
        id: UserId(id),
        kind,
        username: name(&user["username"]).unwrap_or_default(),
        display_name: name(&member["nick"]).or_else(|| name(&user["global_name"])),
        avatar: hash(&user["avatar"]),
    }
}

/// The reasons of the types that have a name of their own.
static MESSAGE_TYPES: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..=92).map(|number| format!("message.type_{number}")).collect());

fn message(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "message.missing_guild")? else {
        return Ok(Read::NotCounted("message.direct"));
    };
    let kind = match d["type"].as_i64().ok_or(aside("message.missing_type"))? {
        0 | 19 => MessageKind::Message,
        20 | 23 => MessageKind::Command,
        other @ 0..=92 => return Ok(uncounted(d, guild, &MESSAGE_TYPES[other as usize])),
        _ => return Ok(uncounted(d, guild, "message.type_other")),
    };
    Ok(Read::Fact(Fact::Message(MessageFact {
        guild,
        channel: ChannelId(needed(&d["channel_id"], "message.missing_channel")?),
        message: MessageId(needed(&d["id"], "message.missing_id")?),
        kind,
        author: author(d, kind)?,
    })))
}

fn uncounted(d: &Value, guild: GuildId, reason: &'static str) -> Read<'static> {
    match (id(&d["channel_id"]), id(&d["id"])) {
        (Ok(Some(channel)), Ok(Some(message))) => {
            Read::Uncounted(reason, guild, ChannelId(channel), MessageId(message))
        }
        _ => Read::NotCounted(reason),
    }
}

fn author(d: &Value, kind: MessageKind) -> Result<Person<'static>, SetAside> {
    if kind == MessageKind::Command {
        for interaction in ["interaction_metadata", "interaction"] {
            let user = &d[interaction]["user"];
            if let Ok(Some(id)) = id(&user["id"]) {
                return Ok(person(id, kind_of(user), user, &Value::Null));
            }
        }
    }
    if let Ok(Some(webhook)) = id(&d["webhook_id"]) {
        return Ok(person(webhook, AuthorKind::Webhook, &d["author"], &d["member"]));
    }
    let id = needed(&d["author"]["id"], "message.missing_author")?;
    Ok(person(id, kind_of(&d["author"]), &d["author"], &d["member"]))
}

fn reaction(d: &Value, added: bool) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "reaction.missing_guild")? else {
        return Ok(Read::NotCounted("reaction.direct"));
    };
    let channel = ChannelId(needed(&d["channel_id"], "reaction.missing_channel")?);
    let message = MessageId(needed(&d["message_id"], "reaction.missing_message")?);
    let giver = needed(&d["user_id"], "reaction.missing_user")?;
    let emoji = match (id(&d["emoji"]["id"]), name(&d["emoji"]["name"])) {
        (Ok(Some(id)), name) => Emoji::Custom { id: EmojiId(id), name },
        (Ok(None), Some(name)) => Emoji::Unicode(name),
        _ => return Err(aside("reaction.missing_emoji")),
    };
    Ok(Read::Fact(Fact::Reaction(ReactionFact {
        guild,
        channel,
        message,
        giver: UserId(giver),
        giver_person: if added { member(giver, &d["member"]) } else { None },
        message_author: id(&d["message_author_id"]).ok().flatten().filter(|_| added).map(UserId),
        emoji,
        added,
    })))
}

/// The person of this id that a member object is; `None` if it is another, or nameless.
fn member(id: u64, member: &Value) -> Option<Person<'static>> {
    let user = &member["user"];
    let is_named = self::id(&user["id"]) == Ok(Some(id)) && name(&user["username"]).is_some();
    is_named.then(|| person(id, kind_of(user), user, member))
}

fn reactions_cleared(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "reaction.missing_guild")? else {
        return Ok(Read::NotCounted("reaction.direct"));
    };
    let message = MessageId(needed(&d["message_id"], "reaction.missing_message")?);
    Ok(Read::Fact(Fact::ReactionsCleared(guild, message)))
}

fn voice_state_update(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "voice.missing_guild")? else {
        return Ok(Read::NotCounted("voice.direct"));
    };
    Ok(Read::Fact(Fact::Voice(voice_state(d, guild)?)))
}

fn voice_state(state: &Value, guild: GuildId) -> Result<VoiceFact<'static>, SetAside> {
    let user = needed(&state["user_id"], "voice.missing_user")?;
    let channel = id(&state["channel_id"]).map_err(|()| aside("voice.missing_channel"))?;
    let is = |flag: &str| state[flag] == Value::Bool(true);
    let bits = [
        is("mute") || is("self_mute"),
        is("deaf") || is("self_deaf"),
        is("self_stream"),
        is("self_video"),
        is("suppress"),
    ];
    let bits = bits.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit));
    Ok(VoiceFact {
        guild,
        member: UserId(user),
        person: member(user, &state["member"]),
        channel: channel.map(ChannelId),
        state: VoiceState(bits),
    })
}

/// The guild's voice states, with names from its members where a state has none.
fn voice_states(d: &Value, guild: GuildId) -> Vec<VoiceFact<'static>> {
    let states = objects(&d["voice_states"]).filter_map(|state| voice_state(state, guild).ok());
    let mut states: Vec<_> = states.filter(|state| state.channel.is_some()).collect();
    for state in states.iter_mut().filter(|state| state.person.is_none()) {
        let id = state.member.0;
        state.person = objects(&d["members"]).filter_map(|entry| member(id, entry)).next_back();
    }
    states
}

fn ready(d: &Value) -> Result<Read<'static>, SetAside> {
    if !d["guilds"].is_array() {
        return Err(aside("ready.missing_guilds"));
    }
    let ids = objects(&d["guilds"]).filter_map(|guild| id(&guild["id"]).ok().flatten());
    Ok(Read::Fact(Fact::SessionStarted(ids.map(GuildId).collect())))
}

/// The page that an answer of Discord's is.
pub fn history(answer: &Value, request: &PageRequest) -> Result<HistoryPage<'static>, SetAside> {
    let entries = answer.as_array().ok_or(aside("history.not_a_list"))?;
    let mut messages: Vec<MessageFact<'static>> = Vec::new();
    let mut newest = None;
    for entry in objects(answer).rev() {
        let Ok(Some(id)) = id(&entry["id"]) else { continue };
        newest = newest.max(Some(MessageId(id)));
        let mut entry = entry.clone();
        entry["guild_id"] = request.guild.0.into();
        entry["channel_id"] = request.channel.0.into();
        if let Ok(Read::Fact(Fact::Message(fact))) = message(&entry) {
            messages.push(fact);
        }
    }
    messages.sort_by_key(|fact| fact.message);
    Ok(HistoryPage {
        guild: request.guild,
        channel: request.channel,
        after: request.after,
        newest,
        more: entries.len() >= 100,
        messages,
    })
}

fn guild(d: &Value, created: bool) -> Result<Read<'static>, SetAside> {
    let id = needed(&d["id"], "guild.missing_id")?;
    if is_set(&d["unavailable"]) {
        return Ok(Read::Fact(Fact::GuildUnavailable(GuildId(id))));
    }
    let lists = if created { [&d["channels"], &d["threads"]] } else { [&Value::Null; 2] };
    let fact = Fact::Guild(Box::new(GuildFact {
        id: GuildId(id),
        name: name(&d["name"]).ok_or(aside("guild.missing_name"))?,
        icon: hash(&d["icon"]),
        owner: UserId(needed(&d["owner_id"], "guild.missing_owner")?),
        member_count: d["member_count"]
            .as_u64()
            .filter(|_| created)
            .and_then(|n| n.try_into().ok()),
        bot_joined_at: d["joined_at"].as_str().filter(|_| created).and_then(instant),
        premium_tier: d["premium_tier"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0),
        boost_count: d["premium_subscription_count"]
            .as_u64()
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
        afk_channel: self::id(&d["afk_channel_id"]).ok().flatten().map(ChannelId),
        voice_states: created.then(|| voice_states(d, GuildId(id))),
        channels: lists.into_iter().flat_map(channels).collect(),
    }));
    Ok(match families::details(d, GuildId(id)) {
        Some(details) => Read::Facts(vec![fact, details]),
        None => Read::Fact(fact),
    })
}

/// RFC 3339, field by field; the calendar is another library's.
fn instant(text: &str) -> Option<UnixMs> {
    const SHAPE: &str = "dddd-dd-ddTdd:dd:dd";
    if text.len() > limits::TIMESTAMP_BYTES_MAX || !text.is_ascii() || text.len() < SHAPE.len() {
        return None;
    }
    let is_shaped = |text: &str, shape: &str| {
        let fits = |(c, s): (char, char)| if s == 'd' { c.is_ascii_digit() } else { c == s };
        text.len() == shape.len() && text.chars().zip(shape.chars()).all(fits)
    };
    let (local, rest) = text.split_at(SHAPE.len());
    if !is_shaped(local, SHAPE) {
        return None;
    }
    let number = |text: &str| text.parse::<i64>().expect("digits");
    let (day, time) = (&local[..10], &local[11..]);
    let date = jiff::civil::Date::strptime("%Y-%m-%d", day).ok()?;
    let [hour, minute, second] = [&time[..2], &time[3..5], &time[6..]].map(number);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction_end = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
    let (fraction, offset) = rest.split_at(fraction_end);
    let ms = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        Some(digits) if !digits.is_empty() && !digits.contains('.') => {
            number(&format!("{digits}00")[..3])
        }
        _ => return None,
    };
    let ahead = match offset {
        "Z" => 0,
        _ if is_shaped(offset, "+dd:dd") || is_shaped(offset, "-dd:dd") => {
            let (hours, minutes) = (number(&offset[1..3]), number(&offset[4..]));
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if offset.starts_with('-') { -1 } else { 1 }
        }
        _ => return None,
    };
    let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    let minutes = days * 24 * 60 + hour * 60 + minute - ahead;
    Some(UnixMs((minutes * 60 + second) * 1_000 + ms))
}

fn guild_deleted(d: &Value) -> Result<Read<'static>, SetAside> {
    let id = needed(&d["id"], "guild.missing_id")?;
    if is_set(&d["unavailable"]) {
        return Ok(Read::Fact(Fact::GuildUnavailable(GuildId(id))));
    }
    Ok(Read::Fact(Fact::GuildRemoved(GuildId(id))))
}

fn channel(d: &Value) -> Result<Channel<'static>, SetAside> {
    let id = ChannelId(needed(&d["id"], "channel.missing_id")?);
    let kind = d["type"].as_u64().and_then(|kind| u8::try_from(kind).ok());
    let hidden = d["flags"].as_i64().is_some_and(|flags| flags & 0x2_0000 != 0);
    Ok(Channel {
        id,
        kind: ChannelKind(kind.ok_or(aside("channel.missing_type"))?),
        name: if hidden { None } else { name(&d["name"]) },
        parent: self::id(&d["parent_id"]).ok().flatten().map(ChannelId),
        position: d["position"].as_i64().and_then(|at| at.try_into().ok()).unwrap_or(0),
        last_message: self::id(&d["last_message_id"]).ok().flatten().map(MessageId),
    })
}

fn channels(list: &Value) -> Vec<Channel<'static>> {
    objects(list).filter_map(|entry| channel(entry).ok()).collect()
}

/// The objects of a list; nothing if it is none.
fn objects(list: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter(|entry| entry.is_object())
}

fn channel_event(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "channel.missing_guild")? else {
        return Ok(Read::NotCounted("channel.direct"));
    };
    Ok(Read::Fact(Fact::Channel(guild, channel(d)?)))
}

fn channel_deleted(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "channel.missing_guild")? else {
        return Ok(Read::NotCounted("channel.direct"));
    };
    Ok(Read::Fact(Fact::ChannelDeleted(guild, ChannelId(needed(&d["id"], "channel.missing_id")?))))
}

fn thread_list(d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = GuildId(needed(&d["guild_id"], "channel.missing_guild")?);
    let facts = channels(&d["threads"]).into_iter().map(|thread| Fact::Channel(guild, thread));
    Ok(Read::Facts(facts.collect()))
}
