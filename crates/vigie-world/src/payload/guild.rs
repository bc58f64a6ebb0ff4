//! Guilds, channels, threads, roles, emojis and voice states.

use vigie_core::vocabulary::ChannelId;

use super::json::Json;
use super::people;
use crate::event::VoiceState;
use crate::guild::{Channel, Guild, GuildEmoji, Purpose, Role, Thread};
use crate::rng::mix;
use crate::world::World;

/// The name and the flag of a channel that our bot may not see.
const HIDDEN_NAME: &str = "___hidden___";
const OBFUSCATED: u64 = 1 << 17;
/// Permission bits. Source: Discord, "Permissions".
const VIEW_CHANNEL: u64 = 1 << 10;
const SEND_MESSAGES: u64 = 1 << 11;
const READ_MESSAGE_HISTORY: u64 = 1 << 16;

/// The `d` of GUILD_CREATE: the guild with its channels, active threads, voice states and few members (ours and those
/// in voice), as an application without presences gets it.
pub fn guild_create(world: &World, guild: &Guild, out: &mut String) {
    created(world, guild, world.voice_states(guild), out);
}

/// The same for a session without the intent GUILD_VOICE_STATES: its list of voice states is empty.
pub fn guild_create_without_voice(world: &World, guild: &Guild, out: &mut String) {
    created(world, guild, &[], out);
}

fn created(world: &World, guild: &Guild, voice: &[VoiceState], out: &mut String) {
    open_guild(guild, out);
    let json = &mut Json(out);
    json.raw(r#","joined_at":"#).time(guild.bot_joined_at);
    json.raw(r#","large":"#).flag(guild.member_count > 50);
    json.raw(r#","unavailable":false,"member_count":"#).number(u64::from(guild.member_count));
    let seated = world.voice_states(guild);
    json.raw(r#","voice_states":"#)
        .list(voice, |json, state| voice_state(world, guild, state, json.0));
    let ours = guild.own_index();
    let members = std::iter::once(ours).chain(seated.iter().map(|state| state.member));
    json.raw(r#","members":"#).list(members, |json, index| {
        people::member(&world.member(guild, index), json.0);
    });
    json.raw(r#","channels":"#)
        .list(&guild.channels, |json, one| channel(world, guild, one, json.0));
    let threads = guild.active_threads().filter(|thread| guild.access(thread).view_channel);
    json.raw(r#","threads":"#).list(threads, |json, one| channel(world, guild, one, json.0));
    json.raw(r#","presences":[],"stage_instances":[],"guild_scheduled_events":[],"soundboard_sounds":[],"embedded_activities":[],"activity_instances":[],"version":"#);
    json.number(guild.created_at.0 as u64).raw(r#","lazy":true,"application_command_counts":{}}"#);
}

/// A guild object as the REST API gives it.
pub fn guild(guild: &Guild, out: &mut String) {
    open_guild(guild, out);
    out.push('}');
}

/// The `d` of GUILD_UPDATE.
pub(super) fn guild_update(guild: &Guild, out: &mut String) {
    open_guild(guild, out);
    Json(out).raw(r#","guild_id":"#).id(guild.id.0).raw("}");
}

/// A role object.
pub fn role(role: &Role, out: &mut String) {
    let json = &mut Json(out);
    let color = u64::from(role.color);
    json.raw(r#"{"id":"#).id(role.id.0);
    json.raw(r#","name":"#).text(&role.name);
    json.raw(r#","color":"#).number(color);
    json.raw(r#","colors":{"primary_color":"#).number(color);
    json.raw(r#","secondary_color":null,"tertiary_color":null},"hoist":"#).flag(role.is_hoisted());
    json.raw(r#","icon":null,"unicode_emoji":null,"position":"#).number(role.position as u64);
    json.raw(r#","permissions":"#).id(role.permissions);
    json.raw(r#","managed":"#).flag(role.is_managed());
    json.raw(r#","mentionable":false,"flags":0,"description":null"#);
    if let Some(bot) = role.bot {
        json.raw(r#","tags":{"bot_id":"#).id(bot.0).raw("}");
    } else if role.is_booster {
        // A tag that is null means yes.
        json.raw(r#","tags":{"premium_subscriber":null}"#);
    }
    json.raw("}");
}

/// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE.
pub(super) fn role_event(guild: &Guild, one: &Role, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"guild_id":"#).id(guild.id.0).raw(r#","role":"#);
    role(one, json.0);
    json.raw("}");
}

/// GUILD_EMOJIS_UPDATE.
pub(super) fn emojis_event(guild: &Guild, emojis: &[GuildEmoji], out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"guild_id":"#).id(guild.id.0);
    json.raw(r#","emojis":"#).list(emojis, |json, one| emoji(one, json.0)).raw("}");
}

/// An emoji object.
pub fn emoji(emoji: &GuildEmoji, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(emoji.id.0).raw(r#","name":"#).text(emoji.name);
    json.raw(r#","roles":[],"require_colons":true,"managed":false,"animated":"#);
    json.flag(emoji.animated).raw(r#","available":true}"#);
}

/// A channel or thread object; an obfuscated one where our bot may not see it.
pub fn channel(world: &World, guild: &Guild, channel: &Channel, out: &mut String) {
    open_channel(world, guild, channel, out);
    out.push('}');
}

/// CHANNEL_UPDATE, THREAD_UPDATE, or THREAD_CREATE of a thread just made. A channel forgotten since is told by its id.
pub(super) fn changed_channel(
    world: &World,
    guild: &Guild,
    id: ChannelId,
    is_new: bool,
    out: &mut String,
) {
    let Some(channel) = guild.channel(id) else {
        let json = &mut Json(out);
        json.raw(r#"{"id":"#).id(id.0).raw(r#","type":11,"guild_id":"#).id(guild.id.0).raw("}");
        return;
    };
    open_channel(world, guild, channel, out);
    out.push_str(if is_new { r#","newly_created":true}"# } else { "}" });
}

/// A voice state as GUILD_CREATE holds it, without guild and member.
pub fn voice_state(world: &World, guild: &Guild, state: &VoiceState, out: &mut String) {
    out.push('{');
    voice_fields(world, guild, state, false, out);
}

/// VOICE_STATE_UPDATE.
pub(super) fn voice_state_update(
    world: &World,
    guild: &Guild,
    state: &VoiceState,
    out: &mut String,
) {
    Json(out).raw(r#"{"guild_id":"#).id(guild.id.0).raw(",");
    voice_fields(world, guild, state, true, out);
}

fn voice_fields(
    world: &World,
    guild: &Guild,
    state: &VoiceState,
    with_member: bool,
    out: &mut String,
) {
    let who = world.member(guild, state.member);
    let json = &mut Json(out);
    json.raw(r#""channel_id":"#).maybe_id(state.channel.map(|channel| channel.0));
    json.raw(r#","user_id":"#).id(who.user.id.0);
    if with_member {
        json.raw(r#","member":"#);
        people::member_in_voice(&who, state.mute, state.deaf, json.0);
    }
    let session = u128::from(state.session) << 64 | u128::from(mix(state.session));
    json.raw(r#","session_id":"#)
        .hash(Some(crate::guild::AssetHash { bits: session, animated: false }));
    json.raw(r#","deaf":"#).flag(state.deaf);
    json.raw(r#","mute":"#).flag(state.mute);
    json.raw(r#","self_deaf":"#).flag(state.self_deaf);
    json.raw(r#","self_mute":"#).flag(state.self_mute);
    if state.self_stream {
        json.raw(r#","self_stream":true"#);
    }
    json.raw(r#","self_video":"#).flag(state.self_video);
    json.raw(r#","suppress":"#).flag(state.suppress);
    json.raw(r#","request_to_speak_timestamp":"#).maybe_time(state.request_to_speak).raw("}");
}

/// What GUILD_CREATE, GUILD_UPDATE and the REST API have in common.
fn open_guild(guild: &Guild, out: &mut String) {
    let id_for = |purpose| guild.channel_for(purpose).map(|channel| channel.id.0);
    let is_community = guild.features().contains(&"COMMUNITY");
    let rules = id_for(Purpose::ReadOnly).filter(|_| is_community);
    let vanity = guild.vanity_code();
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(guild.id.0);
    json.raw(r#","name":"#).text(&guild.name);
    json.raw(r#","icon":"#).hash(guild.icon);
    json.raw(r#","splash":null,"discovery_splash":null,"banner":null,"description":"#);
    json.maybe_text(guild.description.as_deref().filter(|_| is_community));
    json.raw(r#","owner_id":"#).id(guild.owner.0);
    json.raw(r#","region":"deprecated","afk_channel_id":"#).maybe_id(id_for(Purpose::VoiceAfk));
    json.raw(r#","afk_timeout":300,"widget_enabled":false,"widget_channel_id":null,"verification_level":"#);
    json.raw(if is_community { "2" } else { "1" });
    json.raw(r#","default_message_notifications":1,"explicit_content_filter":"#);
    json.raw(if is_community { "2" } else { "0" });
    json.raw(r#","roles":"#).list(&guild.roles, |json, one| role(one, json.0));
    json.raw(r#","emojis":"#).list(&guild.emojis, |json, one| emoji(one, json.0));
    json.raw(r#","stickers":[],"features":"#).list(guild.features(), |json, feature| {
        json.text(feature);
    });
    json.raw(r#","mfa_level":"#).raw(if is_community { "1" } else { "0" });
    json.raw(r#","application_id":null,"system_channel_id":"#);
    json.maybe_id(guild.system_channel().map(|channel| channel.0));
    json.raw(r#","system_channel_flags":0,"rules_channel_id":"#).maybe_id(rules);
    json.raw(r#","public_updates_channel_id":"#).maybe_id(rules);
    json.raw(r#","safety_alerts_channel_id":null,"max_presences":null,"max_members":500000,"max_video_channel_users":25,"max_stage_video_channel_users":50,"vanity_url_code":"#);
    json.maybe_text(vanity.as_deref());
    json.raw(r#","premium_tier":"#);
    json.number(u64::from(guild.premium_tier));
    json.raw(r#","premium_subscription_count":"#).number(u64::from(guild.boost_count));
    json.raw(r#","premium_progress_bar_enabled":false,"preferred_locale":"#).text(guild.locale);
    json.raw(r#","nsfw":false,"nsfw_level":0,"hub_type":null,"home_header":null,"latest_onboarding_question_id":null,"incidents_data":null,"inventory_settings":null"#);
}

fn open_channel(world: &World, guild: &Guild, channel: &Channel, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(channel.id.0);
    json.raw(r#","type":"#).number(u64::from(channel.kind.0));
    json.raw(r#","guild_id":"#).id(guild.id.0);
    json.raw(r#","name":"#).text(if channel.is_hidden() { HIDDEN_NAME } else { &channel.name });
    json.raw(r#","parent_id":"#).maybe_id(channel.parent.map(|parent| parent.0));
    if let Some(thread) = &channel.thread {
        open_thread(world, guild, channel, thread, out);
        return;
    }
    let flags = if channel.is_hidden() { OBFUSCATED } else { 0 };
    json.raw(r#","position":"#).number(channel.position as u64);
    json.raw(r#","flags":"#).number(flags);
    json.raw(r#","permission_overwrites":"#);
    json.list(overwrites(world, guild, channel), |json, (id, kind, allow, deny)| {
        json.raw(r#"{"id":"#).id(id).raw(r#","type":"#).number(kind);
        json.raw(r#","allow":"#).id(allow).raw(r#","deny":"#).id(deny).raw("}");
    });
    json.raw(r#","nsfw":false"#);
    if channel.purpose != Purpose::Category {
        let shown = Some(channel).filter(|channel| !channel.is_hidden());
        json.raw(r#","topic":"#).maybe_text(shown.and_then(|channel| channel.topic));
        json.raw(r#","rate_limit_per_user":"#).number(u64::from(channel.slow_mode_s));
        let last = shown.and_then(|channel| last_message(world, guild, channel));
        json.raw(r#","last_message_id":"#).maybe_id(last);
    }
    match channel.purpose {
        Purpose::Category | Purpose::Hidden => {}
        Purpose::Voice | Purpose::VoiceAfk | Purpose::Stage => {
            json.raw(r#","bitrate":64000,"user_limit":0,"rtc_region":null,"video_quality_mode":1"#);
        }
        Purpose::Forum => {
            json.raw(r#","available_tags":[],"default_reaction_emoji":null,"default_sort_order":null,"default_forum_layout":0,"default_thread_rate_limit_per_user":0,"template":"""#);
        }
        _ => {
            json.raw(
                r#","last_pin_timestamp":null,"icon_emoji":null,"theme_color":null,"version":"#,
            );
            json.number(guild.created_at.0 as u64).raw(r#","default_auto_archive_duration":4320"#);
        }
    }
}

/// Overwrites as (id, type, allow, deny): of `@everyone` by what the channel is for, of our bot (a member: type 1) where it
/// may do less or more than that.
fn overwrites(
    world: &World,
    guild: &Guild,
    channel: &Channel,
) -> impl Iterator<Item = (u64, u64, u64, u64)> {
    let everyone = match channel.purpose {
        Purpose::Hidden => VIEW_CHANNEL,
        Purpose::ReadOnly | Purpose::Announcements | Purpose::Feed => SEND_MESSAGES,
        _ => 0,
    };
    let (mut allow, mut deny) = (0, 0);
    match (channel.purpose == Purpose::Hidden, channel.access.view_channel) {
        (true, true) => allow |= VIEW_CHANNEL,
        (false, false) => deny |= VIEW_CHANNEL,
        _ => {}
    }
    if !channel.access.read_message_history {
        deny |= READ_MESSAGE_HISTORY;
    }
    let ours = world.application().id.0;
    let all = [(guild.id.0, 0, 0, everyone), (ours, 1, allow, deny)];
    all.into_iter().filter(|(_, _, allow, deny)| allow | deny > 0)
}

/// THREAD_LIST_SYNC of one channel. Our bot has joined no thread.
pub(super) fn thread_list(world: &World, guild: &Guild, parent: ChannelId, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"guild_id":"#).id(guild.id.0);
    json.raw(r#","channel_ids":["#).id(parent.0).raw(r#"],"threads":"#);
    let own = guild.active_threads().filter(|thread| thread.parent == Some(parent));
    json.list(own, |json, one| channel(world, guild, one, json.0));
    json.raw(r#","members":[]}"#);
}

fn open_thread(world: &World, guild: &Guild, channel: &Channel, thread: &Thread, out: &mut String) {
    let owner = world.population.user_id(guild, thread.owner);
    let count = u64::from(thread.message_count);
    let changed_at = thread.archived_at.unwrap_or(thread.created_at);
    let json = &mut Json(out);
    json.raw(r#","owner_id":"#).id(owner.0);
    json.raw(r#","last_message_id":"#).maybe_id(last_message(world, guild, channel));
    json.raw(r#","rate_limit_per_user":0,"message_count":"#).number(count);
    json.raw(r#","member_count":"#).number(u64::from(thread.member_count));
    json.raw(r#","total_message_sent":"#).number(count);
    json.raw(r#","flags":0,"thread_metadata":{"archived":"#).flag(thread.archived_at.is_some());
    json.raw(r#","archive_timestamp":"#).time(changed_at);
    json.raw(r#","auto_archive_duration":4320,"locked":false,"create_timestamp":"#);
    json.time(thread.created_at).raw("}");
}

/// The last message of a channel people can write in, the last thread of a forum.
fn last_message(world: &World, guild: &Guild, channel: &Channel) -> Option<u64> {
    match channel.purpose {
        Purpose::Talk
        | Purpose::Announcements
        | Purpose::Feed
        | Purpose::Commands
        | Purpose::Thread => world.last_message_id(guild, channel.id).map(|last| last.0),
        Purpose::Forum => {
            let own = |thread: &&Channel| thread.parent == Some(channel.id);
            guild.threads.iter().rev().find(own).map(|thread| thread.id.0)
        }
        _ => None,
    }
}
