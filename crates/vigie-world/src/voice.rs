//! Who is in voice, where and how: shared by history and present.

use vigie_core::vocabulary::{ChannelId, UnixMs};

use crate::event::VoiceState;
use crate::guild::{Guild, Purpose};
use crate::math;
use crate::people;
use crate::rhythm::{Community, Rhythms};
use crate::rng::Rng;

/// How much more than writing voice keeps to the busy hours.
const EVENING: f64 = 1.3;
/// People who may turn up against people at once in the busiest hour.
const POOL: f64 = 29.0;
/// The music bot's account number.
const MUSIC_BOT: u8 = 2;

/// People in voice at once in the busiest hour of a usual week: about 60 in a game's guild of 50,000.
pub(crate) fn busiest(guild: &Guild) -> f64 {
    let habit = match guild.community {
        Community::Game => 1.0,
        Community::Project => 0.35,
        Community::Association => 0.5,
        Community::Friends => 1.6,
        Community::Study => 0.8,
        Community::Creators => 0.7,
    };
    let people = f64::from(guild.human_count);
    (0.7 * math::pow(people, 0.41) * habit).min(people / 2.0)
}

/// How busy voice is at an instant, against the busiest hour: 0 to 1.
pub(crate) fn rhythm(rhythms: &Rhythms, guild: &Guild, at: UnixMs) -> f64 {
    let weight = rhythms.weight(guild.community, &guild.time_zone, at);
    math::pow((weight / rhythms.peak(guild.community)).max(1e-3), EVENING)
}

/// How many people of a guild turn up in voice at all.
pub(crate) fn pool(guild: &Guild) -> u32 {
    let most = match guild.community {
        Community::Friends => guild.human_count.min(people::old_members(guild)),
        _ => (people::old_members(guild) * 2 / 3).max(1),
    };
    ((busiest(guild) * POOL) as u32).clamp(1, most)
}

/// The member at a place of the pool: 0 is there almost every night.
pub(crate) fn habitue(guild: &Guild, place: u32) -> u32 {
    // From the middle of the regulars on, so that voice and writing are not the same people.
    people::regular_of_rank(guild, people::regulars(guild) / 3 + place)
}

/// A voice room other than `left`, the first ones most of all.
pub(crate) fn room(guild: &Guild, left: Option<ChannelId>, rng: &mut Rng) -> Option<ChannelId> {
    let rooms = || {
        let is_open = |id: &ChannelId| Some(*id) != left;
        let voice = guild.channels.iter().filter(|channel| channel.purpose == Purpose::Voice);
        voice.map(|channel| channel.id).filter(is_open)
    };
    let count = rooms().count() as u32;
    rooms().nth(rng.zipf(count) as usize)
}

/// The room for those who left their keyboard.
pub(crate) fn afk_room(guild: &Guild) -> Option<ChannelId> {
    guild.channel_for(Purpose::VoiceAfk).map(|channel| channel.id)
}

/// The stage.
pub(crate) fn stage(guild: &Guild) -> Option<ChannelId> {
    guild.channel_for(Purpose::Stage).map(|channel| channel.id)
}

/// The bot that plays music: never ours.
pub(crate) fn music_bot(guild: &Guild) -> Option<u32> {
    let others = &guild.bots[..guild.bots.len().saturating_sub(1)];
    let place = others.iter().position(|&bot| bot == MUSIC_BOT);
    let place = place.or((!others.is_empty()).then_some(0))?;
    Some(guild.human_count + place as u32)
}

/// Whether a member is a person.
pub(crate) fn is_person(guild: &Guild, member: u32) -> bool {
    guild.is_person(member)
}

/// The state of who joins a room: listeners on a stage are suppressed, bots are deaf.
pub(crate) fn join(guild: &Guild, member: u32, room: ChannelId, rng: &mut Rng) -> VoiceState {
    let on_stage = stage(guild) == Some(room);
    let is_bot = !is_person(guild, member);
    let self_deaf = is_bot || (!on_stage && rng.chance(0.06));
    VoiceState {
        member,
        channel: Some(room),
        session: rng.bits(),
        self_mute: !is_bot && (self_deaf || (!on_stage && rng.chance(0.3))),
        self_deaf,
        self_stream: !is_bot && !on_stage && rng.chance(0.05),
        self_video: !is_bot && !on_stage && rng.chance(0.04),
        mute: false,
        deaf: false,
        suppress: on_stage && !is_bot,
        request_to_speak: None,
    }
}

/// The same member in another room: screens and cameras go off, a stage makes listeners.
pub(crate) fn moved(guild: &Guild, state: VoiceState, room: ChannelId) -> VoiceState {
    let on_stage = stage(guild) == Some(room);
    VoiceState {
        channel: Some(room),
        self_stream: false,
        self_video: state.self_video && !on_stage && afk_room(guild) != Some(room),
        suppress: on_stage && is_person(guild, state.member),
        request_to_speak: None,
        ..state
    }
}

/// The state of who left.
pub(crate) fn left(state: VoiceState) -> VoiceState {
    let (self_stream, self_video, suppress) = (false, false, false);
    VoiceState { channel: None, self_stream, self_video, suppress, request_to_speak: None, ..state }
}

/// Something that a member changes about themselves, or a moderator about them, without going anywhere.
pub(crate) fn changed(guild: &Guild, state: VoiceState, at: UnixMs, rng: &mut Rng) -> VoiceState {
    let mut next = state;
    if state.channel == stage(guild) {
        // Who listens asks to speak, then speaks, then listens again.
        (next.suppress, next.request_to_speak) = match (state.suppress, state.request_to_speak) {
            (true, None) => (true, Some(at)),
            (true, Some(_)) => (false, None),
            (false, _) => (true, None),
        };
        return next;
    }
    match rng.below(100) {
        0..56 => {
            next.self_mute = !state.self_mute;
            next.self_deaf &= next.self_mute;
        }
        56..68 => {
            next.self_deaf = !state.self_deaf;
            next.self_mute = next.self_deaf;
        }
        68..82 => next.self_stream = !state.self_stream,
        82..92 => next.self_video = !state.self_video,
        92..97 => next.mute = !state.mute,
        _ => {
            next.deaf = !state.deaf;
            next.mute = next.deaf;
        }
    }
    next
}
