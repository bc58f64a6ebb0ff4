//! Payloads have the fields that real clients demand, with the types that they demand.
//!
//! Shapes: Discord, "Gateway Events", "Message", "Guild", "Channels" and "User" resources; twilight, discord.js and
//! discord.py refuse an event that lacks one of these fields.

use std::collections::BTreeMap;

use crate::support::{busy_world, payload_of, play, world, written};
use serde_json::Value;
use vigie_world::{AuditQuery, Event, Guild, Page, Purpose, World, payload};

/// Field and type: `id`, `text`, `number`, `flag`, `list`, `object`, `hash`, `time`, each with `?` where null may stand.
type Shape = &'static [(&'static str, &'static str)];

const USER: Shape = &[
    ("id", "id"),
    ("username", "text"),
    ("discriminator", "text"),
    ("global_name", "text?"),
    ("avatar", "hash?"),
    ("public_flags", "number"),
    ("flags", "number"),
    ("banner", "hash?"),
    ("accent_color", "number?"),
    ("avatar_decoration_data", "object?"),
    ("collectibles", "object?"),
    ("primary_guild", "object?"),
];
const MEMBER: Shape = &[
    ("avatar", "hash?"),
    ("banner", "hash?"),
    ("communication_disabled_until", "time?"),
    ("flags", "number"),
    ("joined_at", "time"),
    ("nick", "text?"),
    ("pending", "flag"),
    ("premium_since", "time?"),
    ("roles", "list"),
    ("mute", "flag"),
    ("deaf", "flag"),
    ("avatar_decoration_data", "object?"),
    ("collectibles", "object?"),
];
const MESSAGE: Shape = &[
    ("id", "id"),
    ("channel_id", "id"),
    ("author", "object"),
    ("content", "text"),
    ("timestamp", "time"),
    ("edited_timestamp", "time?"),
    ("tts", "flag"),
    ("mention_everyone", "flag"),
    ("mentions", "list"),
    ("mention_roles", "list"),
    ("attachments", "list"),
    ("embeds", "list"),
    ("components", "list"),
    ("pinned", "flag"),
    ("type", "number"),
    ("flags", "number"),
];
const PLACED: Shape = &[("guild_id", "id"), ("channel_type", "number")];
const DELETED: Shape = &[("id", "id"), ("channel_id", "id"), ("guild_id", "id")];
const REACTION: Shape = &[
    ("user_id", "id"),
    ("channel_id", "id"),
    ("message_id", "id"),
    ("guild_id", "id"),
    ("emoji", "object"),
    ("burst", "flag"),
    ("type", "number"),
];
const TYPING: Shape = &[
    ("channel_id", "id"),
    ("guild_id", "id"),
    ("user_id", "id"),
    ("timestamp", "number"),
    ("member", "object"),
];
const CHANNEL: Shape = &[
    ("id", "id"),
    ("type", "number"),
    ("guild_id", "id"),
    ("name", "text"),
    ("parent_id", "id?"),
    ("position", "number"),
    ("permission_overwrites", "list"),
    ("nsfw", "flag"),
    ("flags", "number"),
];
const THREAD: Shape = &[
    ("id", "id"),
    ("type", "number"),
    ("guild_id", "id"),
    ("parent_id", "id"),
    ("owner_id", "id"),
    ("name", "text"),
    ("last_message_id", "id?"),
    ("rate_limit_per_user", "number"),
    ("message_count", "number"),
    ("member_count", "number"),
    ("total_message_sent", "number"),
    ("flags", "number"),
    ("thread_metadata", "object"),
];
const THREAD_METADATA: Shape = &[
    ("archived", "flag"),
    ("archive_timestamp", "time"),
    ("auto_archive_duration", "number"),
    ("locked", "flag"),
    ("create_timestamp", "time"),
];
const VOICE_STATE: Shape = &[
    ("channel_id", "id?"),
    ("user_id", "id"),
    ("session_id", "text"),
    ("deaf", "flag"),
    ("mute", "flag"),
    ("self_deaf", "flag"),
    ("self_mute", "flag"),
    ("self_video", "flag"),
    ("suppress", "flag"),
    ("request_to_speak_timestamp", "time?"),
];
const ROLE: Shape = &[
    ("id", "id"),
    ("name", "text"),
    ("color", "number"),
    ("colors", "object"),
    ("hoist", "flag"),
    ("icon", "hash?"),
    ("unicode_emoji", "text?"),
    ("position", "number"),
    ("permissions", "id"),
    ("managed", "flag"),
    ("mentionable", "flag"),
    ("flags", "number"),
];
const EMOJI: Shape = &[
    ("id", "id"),
    ("name", "text"),
    ("roles", "list"),
    ("require_colons", "flag"),
    ("managed", "flag"),
    ("animated", "flag"),
    ("available", "flag"),
];
const GUILD: Shape = &[
    ("id", "id"),
    ("name", "text"),
    ("icon", "hash?"),
    ("splash", "hash?"),
    ("discovery_splash", "hash?"),
    ("banner", "hash?"),
    ("description", "text?"),
    ("owner_id", "id"),
    ("afk_channel_id", "id?"),
    ("afk_timeout", "number"),
    ("verification_level", "number"),
    ("default_message_notifications", "number"),
    ("explicit_content_filter", "number"),
    ("roles", "list"),
    ("emojis", "list"),
    ("stickers", "list"),
    ("features", "list"),
    ("mfa_level", "number"),
    ("application_id", "id?"),
    ("system_channel_id", "id?"),
    ("system_channel_flags", "number"),
    ("rules_channel_id", "id?"),
    ("public_updates_channel_id", "id?"),
    ("safety_alerts_channel_id", "id?"),
    ("max_members", "number"),
    ("vanity_url_code", "text?"),
    ("premium_tier", "number"),
    ("premium_subscription_count", "number"),
    ("premium_progress_bar_enabled", "flag"),
    ("preferred_locale", "text"),
    ("nsfw_level", "number"),
    ("incidents_data", "object?"),
];
const CREATED: Shape = &[
    ("joined_at", "time"),
    ("large", "flag"),
    ("unavailable", "flag"),
    ("member_count", "number"),
    ("voice_states", "list"),
    ("members", "list"),
    ("channels", "list"),
    ("threads", "list"),
    ("presences", "list"),
    ("stage_instances", "list"),
    ("guild_scheduled_events", "list"),
    ("soundboard_sounds", "list"),
];

const AUTOMOD: Shape = &[
    ("guild_id", "id"),
    ("action", "object"),
    ("rule_id", "id"),
    ("rule_trigger_type", "number"),
    ("user_id", "id"),
    ("channel_id", "id"),
    ("content", "text"),
    ("matched_keyword", "text?"),
    ("matched_content", "text?"),
];
const ENTRY: Shape =
    &[("id", "id"), ("user_id", "id?"), ("target_id", "id?"), ("action_type", "number")];
const INVITE: Shape = &[
    ("code", "text"),
    ("guild_id", "id"),
    ("inviter", "object"),
    ("type", "number"),
    ("flags", "number"),
    ("expires_at", "time?"),
];
const INVITE_METADATA: Shape = &[
    ("created_at", "time"),
    ("max_age", "number"),
    ("max_uses", "number"),
    ("temporary", "flag"),
    ("uses", "number"),
];

/// An audit entry: all values of its options are strings, its changes have a key.
fn is_entry(data: &Value, on_gateway: bool) {
    has("entry", data, ENTRY);
    assert_eq!(data.get("guild_id").is_some(), on_gateway);
    for change in data.get("changes").map_or(&[][..], items) {
        has("change", change, &[("key", "text")]);
        assert!(change.get("old_value").is_some() || change.get("new_value").is_some());
    }
    if let Some(options) = data.get("options") {
        let options = options.as_object().expect("an object");
        assert!(options.values().all(Value::is_string) && !options.is_empty(), "{data}");
    }
    let type_of = data["action_type"].as_u64();
    let is_merged = matches!(type_of, Some(26 | 27 | 72));
    if is_merged && on_gateway {
        assert_eq!(data["options"]["count"], "1", "only the first of them is pushed");
    }
    if matches!(type_of, Some(20 | 22 | 23 | 24 | 25 | 28 | 72 | 143..=146)) {
        assert!(data["target_id"].is_string(), "{data}");
    }
}

fn has(what: &str, value: &Value, shape: Shape) {
    for (field, wanted) in shape {
        let found = value.get(field).unwrap_or_else(|| panic!("{what} lacks {field}: {value}"));
        let (kind, may_be_null) = match wanted.strip_suffix('?') {
            Some(kind) => (kind, true),
            None => (*wanted, false),
        };
        let fits = (may_be_null && found.is_null()) || is_a(kind, found);
        assert!(fits, "{what}.{field} is no {wanted}: {found}");
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match kind {
        "text" => value.is_string(),
        "number" => value.is_u64(),
        "flag" => value.is_boolean(),
        "list" => value.is_array(),
        "object" => value.is_object(),
        "id" => text.parse::<u64>().is_ok(),
        "hash" => vigie_world::AssetHash::parse(text).is_some(),
        "time" => text.len() == 32 && text.ends_with("+00:00") && text.contains('T'),
        other => panic!("no such kind: {other}"),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_message(data: &Value, on_gateway: bool) {
    has("message", data, MESSAGE);
    for one in items(&data["mentions"]) {
        has("mention", one, USER);
        assert_eq!(one.get("member").is_some(), on_gateway);
    }
    let kind = data["type"].as_u64().expect("a number");
    if matches!(kind, 6 | 19) {
        let reference = &data["message_reference"];
        has(
            "reference",
            reference,
            &[("channel_id", "id"), ("message_id", "id"), ("guild_id", "id")],
        );
    }
    match kind {
        19 => is_message(&data["referenced_message"], false),
        20 | 23 => {
            let told = &data["interaction_metadata"];
            has(
                "interaction_metadata",
                told,
                &[("id", "id"), ("type", "number"), ("user", "object")],
            );
            has("invoker", &told["user"], USER);
            assert_ne!(told["user"]["bot"], true);
            assert_eq!(data["author"]["bot"], true);
        }
        _ => {}
    }
    match data.get("webhook_id").is_some() && kind == 0 {
        true => assert_eq!(data["author"]["id"], data["webhook_id"]),
        false => has("author", &data["author"], USER),
    }
    if on_gateway {
        has("message", data, PLACED);
        let has_member = data.get("webhook_id").is_none() || kind != 0;
        assert_eq!(data.get("member").is_some(), has_member, "webhooks are no members");
        if has_member {
            has("member", &data["member"], MEMBER);
            assert!(data["member"].get("user").is_none());
        }
    }
}

fn is_channel(data: &Value) {
    match data["type"].as_u64() {
        Some(10..=12) => {
            has("thread", data, THREAD);
            has("thread_metadata", &data["thread_metadata"], THREAD_METADATA);
        }
        _ => has("channel", data, CHANNEL),
    }
}

fn is_member(data: &Value) {
    has("member", data, MEMBER);
    has("user", &data["user"], USER);
}

fn is_event(event: &Event, data: &Value) {
    match event.name {
        "MESSAGE_CREATE" | "MESSAGE_UPDATE" => is_message(data, true),
        "MESSAGE_DELETE" => has("deleted", data, DELETED),
        "MESSAGE_REACTION_ADD" => {
            has("reaction", data, REACTION);
            is_member(&data["member"]);
            assert_eq!(data["burst"] == true, data.get("burst_colors").is_some());
            assert_eq!(data["burst"] == true, data["type"] == 1);
        }
        "MESSAGE_REACTION_REMOVE" => {
            has("reaction", data, REACTION);
            assert!(data.get("member").is_none() && data.get("message_author_id").is_none());
        }
        "TYPING_START" => {
            has("typing", data, TYPING);
            is_member(&data["member"]);
        }
        "THREAD_CREATE" | "THREAD_UPDATE" | "CHANNEL_UPDATE" => is_channel(data),
        "GUILD_UPDATE" => {
            has("guild", data, GUILD);
            assert!(data.get("member_count").is_none());
        }
        "GUILD_MEMBER_UPDATE" => {
            is_member(data);
            has("member", data, &[("guild_id", "id")]);
        }
        "GUILD_MEMBER_ADD" => {
            is_member(data);
            has("member", data, &[("guild_id", "id")]);
        }
        "GUILD_MEMBER_REMOVE" | "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" => {
            has("departure", data, &[("guild_id", "id")]);
            has("user", &data["user"], USER);
            // Neither when, nor by whom, nor why.
            assert_eq!(data.as_object().map(serde_json::Map::len), Some(2));
        }
        "GUILD_AUDIT_LOG_ENTRY_CREATE" => is_entry(data, true),
        "AUTO_MODERATION_ACTION_EXECUTION" => has("hit", data, AUTOMOD),
        "MESSAGE_DELETE_BULK" => {
            has("deleted", data, &[("ids", "list"), ("channel_id", "id"), ("guild_id", "id")]);
            assert!(items(&data["ids"]).len() >= 2);
        }
        "INVITE_CREATE" => {
            has("invite", data, INVITE);
            has("invite", data, INVITE_METADATA);
            has("inviter", &data["inviter"], USER);
        }
        "INVITE_DELETE" => {
            has("invite", data, &[("channel_id", "id"), ("guild_id", "id"), ("code", "text")]);
        }
        "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" => {
            has("change", data, &[("guild_id", "id")]);
            has("role", &data["role"], ROLE);
        }
        "GUILD_ROLE_DELETE" => has("role", data, &[("guild_id", "id"), ("role_id", "id")]),
        "GUILD_EMOJIS_UPDATE" => {
            has("change", data, &[("guild_id", "id")]);
            items(&data["emojis"]).iter().for_each(|emoji| has("emoji", emoji, EMOJI));
        }
        "VOICE_STATE_UPDATE" => {
            has("voice state", data, VOICE_STATE);
            is_member(&data["member"]);
        }
        other => panic!("{other} is new: say what it looks like"),
    }
}

#[test]
fn twenty_thousand_events_have_their_shapes() {
    let mut world = world(41, 20, 1_000.0);
    let mut seen = BTreeMap::<&str, u32>::new();
    for event in play(&mut world, 20_000) {
        is_event(&event, &payload_of(&world, &event, event.at.0 % 3 == 0));
        *seen.entry(event.name).or_default() += 1;
    }
    assert!(seen.values().sum::<u32>() > 19_000, "{seen:?}");
    assert!(seen.len() >= 10, "{seen:?}");
}

#[test]
fn people_moderators_and_invites_have_their_shapes() {
    let mut world = busy_world(49, 8);
    let mut seen = BTreeMap::<&str, u32>::new();
    for event in play(&mut world, 120_000) {
        is_event(&event, &payload_of(&world, &event, event.at.0 % 3 == 0));
        *seen.entry(event.name).or_default() += 1;
    }
    for name in [
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_REMOVE",
        "GUILD_MEMBER_UPDATE",
        "GUILD_BAN_ADD",
        "GUILD_BAN_REMOVE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "AUTO_MODERATION_ACTION_EXECUTION",
        "MESSAGE_DELETE_BULK",
        "INVITE_CREATE",
        "INVITE_DELETE",
        "GUILD_ROLE_CREATE",
        "GUILD_EMOJIS_UPDATE",
        "GUILD_UPDATE",
    ] {
        assert!(seen.get(name).is_some_and(|count| *count >= 2), "{name}: {seen:?}");
    }
    for guild in world.guilds() {
        let query = AuditQuery { limit: 100, ..AuditQuery::default() };
        let page = world.audit_page(guild.id, query);
        let data = written(|text| payload::audit_log(&world, guild, &page, text));
        items(&data["audit_log_entries"]).iter().for_each(|entry| is_entry(entry, false));
        items(&data["users"]).iter().for_each(|user| has("user", user, USER));
        for list in ["integrations", "webhooks", "threads", "auto_moderation_rules"] {
            assert!(data[list].is_array(), "{list}");
        }
        let invites = world.invites(guild.id);
        for with_metadata in [true, false] {
            let data = written(|text| {
                payload::invites(&world, guild, &invites, with_metadata, text);
            });
            assert_eq!(items(&data).len(), invites.len());
            for invite in items(&data) {
                has("invite", invite, INVITE);
                has("invite", invite, &[("channel", "object"), ("guild", "object")]);
                assert_eq!(invite.get("uses").is_some(), with_metadata);
            }
        }
        let vanity = written(|text| payload::vanity(world.vanity(guild.id), text));
        has("vanity", &vanity, &[("code", "text?"), ("uses", "number")]);
        let banned: Vec<_> = world.bans(guild.id).map(|(user, _)| user).collect();
        let data = written(|text| payload::bans(&world, guild, &banned, text));
        assert_eq!(items(&data).len(), banned.len());
        for ban in items(&data) {
            has("ban", ban, &[("reason", "text?"), ("user", "object")]);
        }
    }
}

#[test]
fn the_mix_is_the_documented_one() {
    let mut world = world(42, 20, 1_000.0);
    let events = play(&mut world, 20_000);
    let share = |names: &[&str]| {
        let count = events.iter().filter(|event| names.contains(&event.name)).count();
        count as f64 / events.len() as f64
    };
    let messages = share(&["MESSAGE_CREATE"]);
    let reactions = share(&["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"]);
    assert!((0.83..0.88).contains(&messages), "{messages}");
    assert!((0.075..0.1).contains(&reactions), "{reactions}");
}

#[test]
fn without_the_intent_there_are_no_words() {
    let mut world = world(43, 6, 500.0);
    let (mut with_words, mut with_extras) = (0, 0);
    for event in play(&mut world, 6_000) {
        if event.name != "MESSAGE_CREATE" {
            continue;
        }
        let (told, blank) = (payload_of(&world, &event, true), payload_of(&world, &event, false));
        assert_eq!(blank["content"], "");
        for field in ["embeds", "attachments", "components"] {
            assert_eq!(items(&blank[field]), [] as [Value; 0]);
            with_extras += u32::from(!items(&told[field]).is_empty());
        }
        assert_eq!(told["mentions"], blank["mentions"]);
        if let Some(answered) = blank.get("referenced_message") {
            assert_eq!(answered["content"], "");
        }
        with_words += u32::from(told["content"] != "");
    }
    assert!(with_words > 2_000 && with_extras > 100, "{with_words} {with_extras}");
}

fn created(world: &World, guild: &Guild) -> Value {
    written(|text| payload::guild_create(world, guild, text))
}

#[test]
fn guilds_arrive_whole() {
    let world = world(45, 30, 0.0);
    for guild in world.guilds() {
        let data = created(&world, guild);
        has("guild", &data, GUILD);
        has("guild", &data, CREATED);
        items(&data["roles"]).iter().for_each(|role| has("role", role, ROLE));
        items(&data["emojis"]).iter().for_each(|emoji| has("emoji", emoji, EMOJI));
        items(&data["channels"]).iter().for_each(is_channel);
        items(&data["threads"]).iter().for_each(is_channel);
        items(&data["members"]).iter().for_each(is_member);
        items(&data["voice_states"]).iter().for_each(|state| has("voice", state, VOICE_STATE));
        assert_eq!(data["roles"][0]["id"], data["id"], "@everyone has the id of its guild");
        assert_eq!(items(&data["members"]).len(), 1 + items(&data["voice_states"]).len());
        assert_eq!(data["members"][0]["user"]["bot"], true);
        let active = |thread: &Value| thread["thread_metadata"]["archived"] == false;
        assert!(items(&data["threads"]).iter().all(active));
        let rest = written(|text| payload::guild(guild, text));
        assert_eq!(rest["roles"], data["roles"]);
    }
}

#[test]
fn a_channel_our_bot_may_not_see_is_told_without_its_name() {
    let world = world(46, 4, 0.0);
    let guild = &world.guilds()[0];
    let hidden = guild.channel_for(Purpose::Hidden).expect("a large guild has one");
    let data = written(|text| payload::channel(&world, guild, hidden, text));
    assert_eq!((&data["name"], &data["flags"]), (&"___hidden___".into(), &(1 << 17).into()));
    assert_eq!(data["permission_overwrites"][0]["deny"], "1024");
    assert_eq!(data["permission_overwrites"][0]["id"], guild.id.0.to_string());
    assert_eq!((&data["topic"], &data["last_message_id"]), (&Value::Null, &Value::Null));
    assert!(!created(&world, guild).to_string().contains(&*hidden.name));
}

#[test]
fn messages_of_the_rest_api_know_no_guild() {
    let mut world = world(47, 3, 100.0);
    play(&mut world, 30_000);
    let mut reacted = 0;
    for guild in world.guilds() {
        let channel = guild.system_channel().expect("a channel to talk in");
        for found in world.messages(channel, Page::Latest, 100) {
            let data = written(|text| payload::message(&world, guild, &found, text, true));
            is_message(&data, false);
            assert!(data.get("guild_id").is_none() && data.get("member").is_none());
            for reaction in items(&data["reactions"]) {
                has(
                    "reaction",
                    reaction,
                    &[("emoji", "object"), ("count", "number"), ("me", "flag")],
                );
                reacted += 1;
            }
        }
    }
    assert!(reacted > 5, "{reacted}");
}

#[test]
fn our_own_user_is_a_bot_with_two_factors() {
    let world = world(48, 1, 0.0);
    let data = written(|text| payload::current_user(&world, text));
    has("user", &data, USER);
    assert_eq!((&data["bot"], &data["mfa_enabled"]), (&true.into(), &true.into()));
    assert_eq!(data["id"], world.application().id.0.to_string());
}
