//! Voice in the present: who comes, goes, moves and switches something on, and what is due soon after.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{ChannelId, UnixMs};

use super::live::{Note, Step};
use super::memory::LiveGuild;
use crate::event::{Happening, VoiceState};
use crate::guild::Guild;
use crate::limits;
use crate::voice;

/// Shares of what happens in voice: the rest is coming and going.
const CHANGES: f64 = 0.36;
const MOVES: f64 = 0.09;
const AFK: f64 = 0.03;
const BROKEN_LINES: f64 = 0.03;
const THROWN_OUT: f64 = 0.008;
/// Share of those who come that sit with somebody.
const COMPANY: f64 = 0.72;
/// Share of those who come that go to the stage, where there is one.
const TO_STAGE: f64 = 0.1;
/// Share of those who come that call the music bot.
const MUSIC: f64 = 0.04;

/// Something that is due in a guild.
#[derive(Clone, Copy, Debug)]
pub(super) enum Errand {
    /// Their line broke: they come back to where they were.
    ComeBack(VoiceState),
    /// The music bot follows a call into a room.
    PlayMusic(ChannelId),
    /// The music bot looks whether anybody listens.
    StopMusic,
}

/// What is due when, over all guilds (by their places), in the order in which it was arranged.
#[derive(Default)]
pub(super) struct Agenda {
    due: BTreeMap<(i64, u64), (u32, Errand)>,
    arranged: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at: UnixMs, guild: u32, errand: Errand) {
        if self.due.len() < limits::VOICE_ERRANDS_MAX {
            self.due.insert((at.0, self.arranged), (guild, errand));
            self.arranged += 1;
        }
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<UnixMs> {
        self.due.keys().next().map(|(at, _)| UnixMs(*at))
    }

    pub(super) fn take(&mut self) -> Option<(u32, Errand)> {
        self.due.pop_first().map(|(_, due)| due)
    }
}

impl Step<'_> {
    /// Something happens in voice; `None` where it is too quiet for it. `rhythm` is how busy voice is now, 0 to 1.
    pub(super) fn voice(&mut self, guild: &Guild, rhythm: f64) -> Option<Happening> {
        let seated = self.live.voice.len();
        let wanted = voice::busiest(guild) * rhythm;
        let people = self.live.people_in_voice(guild) as f64;
        if people < 1.0 {
            let share = wanted / (wanted + 0.6);
            return if self.rng.chance(share) { self.come(guild) } else { None };
        }
        let mut drawn = self.rng.unit();
        let mut is = |share: f64| {
            drawn -= share;
            drawn < 0.0
        };
        let place = self.rng.below(seated as u64) as usize;
        let state = self.live.voice[place];
        let is_idle = state.channel == voice::afk_room(guild);
        if !voice::is_person(guild, state.member) {
            return self.come_or_go(guild, wanted, people);
        }
        if is(CHANGES) && !is_idle {
            let next = voice::changed(guild, state, self.at, self.rng);
            let mute = (next.mute != state.mute).then_some(next.mute);
            let deaf = (next.deaf != state.deaf).then_some(next.deaf);
            if mute.is_some() || deaf.is_some() {
                self.notes.push(Note::Silenced(state.member, mute, deaf));
            }
            return self.set(place, next);
        }
        if is(MOVES)
            && let Some(room) = voice::room(guild, state.channel, self.rng)
        {
            return self.set(place, voice::moved(guild, state, room));
        }
        if is(AFK)
            && !is_idle
            && let Some(room) = voice::afk_room(guild)
        {
            return self.set(place, voice::moved(guild, state, room));
        }
        if is(BROKEN_LINES) {
            let back = VoiceState { session: self.rng.bits(), ..state };
            let after_ms = 1_200 + self.rng.below(8_000) as i64;
            self.arrange(after_ms, Errand::ComeBack(back));
            return self.remove(place);
        }
        if is(THROWN_OUT) {
            self.notes.push(Note::ThrownOut);
            return self.remove(place);
        }
        self.come_or_go(guild, wanted, people)
    }

    /// What was due.
    pub(super) fn run(&mut self, guild: &Guild, errand: Errand) -> Option<Happening> {
        match errand {
            Errand::ComeBack(state) => {
                let is_full = self.live.voice.len() >= limits::VOICE_MEMBERS_MAX;
                let is_gone = guild.roster.is_gone(state.member);
                if is_full || is_gone || self.live.place_in_voice(state.member).is_some() {
                    return None;
                }
                self.live.voice.push(state);
                Some(Happening::VoiceState(state))
            }
            Errand::PlayMusic(room) => {
                let bot = voice::music_bot(guild)?;
                let lasts_ms = 60_000 + (self.rng.waiting() * 9e5) as i64;
                self.arrange(lasts_ms, Errand::StopMusic);
                match self.live.place_in_voice(bot) {
                    Some(place) if self.live.voice[place].channel == Some(room) => None,
                    Some(place) => {
                        let state = voice::moved(guild, self.live.voice[place], room);
                        self.set(place, state)
                    }
                    None => {
                        let state = voice::join(guild, bot, room, self.rng);
                        self.live.voice.push(state);
                        Some(Happening::VoiceState(state))
                    }
                }
            }
            Errand::StopMusic => {
                let place = self.live.place_in_voice(voice::music_bot(guild)?)?;
                let room = self.live.voice[place].channel;
                let is_listener = |state: &VoiceState| {
                    state.channel == room && voice::is_person(guild, state.member)
                };
                if self.live.voice.iter().any(is_listener) && self.rng.chance(0.5) {
                    let more_ms = 30_000 + (self.rng.waiting() * 6e5) as i64;
                    self.arrange(more_ms, Errand::StopMusic);
                    return None;
                }
                self.remove(place)
            }
        }
    }

    /// As many come as the hour wants, and the more are there the more go.
    fn come_or_go(&mut self, guild: &Guild, wanted: f64, people: f64) -> Option<Happening> {
        let is_full = self.live.voice.len() >= limits::VOICE_MEMBERS_MAX;
        if !is_full && self.rng.chance(wanted / (wanted + people)) {
            return self.come(guild);
        }
        let place = self.rng.below(self.live.voice.len() as u64) as usize;
        // The music bot goes when its errand says so.
        let is_person = voice::is_person(guild, self.live.voice[place].member);
        if is_person { self.remove(place) } else { None }
    }

    fn come(&mut self, guild: &Guild) -> Option<Happening> {
        let pool = voice::pool(guild);
        // The square brings those who are there every night.
        let keen = self.rng.unit() * self.rng.unit();
        let member = voice::habitue(guild, ((keen * f64::from(pool)) as u32).min(pool - 1));
        if self.live.place_in_voice(member).is_some() || guild.roster.is_gone(member) {
            return None;
        }
        let room = self.where_to(guild)?;
        if self.rng.chance(MUSIC) && Some(room) != voice::stage(guild) {
            let after_ms = 900 + self.rng.below(2_500) as i64;
            self.arrange(after_ms, Errand::PlayMusic(room));
        }
        let state = voice::join(guild, member, room, self.rng);
        self.live.voice.push(state);
        Some(Happening::VoiceState(state))
    }

    fn where_to(&mut self, guild: &Guild) -> Option<ChannelId> {
        if self.rng.chance(TO_STAGE)
            && let Some(stage) = voice::stage(guild)
        {
            return Some(stage);
        }
        let seated = self.live.voice.len() as u64;
        if seated > 0 && self.rng.chance(COMPANY) {
            let company = self.live.voice[self.rng.below(seated) as usize].channel;
            if company != voice::afk_room(guild) {
                return company;
            }
        }
        voice::room(guild, None, self.rng)
    }

    fn set(&mut self, place: usize, state: VoiceState) -> Option<Happening> {
        self.live.voice[place] = state;
        Some(Happening::VoiceState(state))
    }

    fn remove(&mut self, place: usize) -> Option<Happening> {
        let state = self.live.voice.swap_remove(place);
        Some(Happening::VoiceState(voice::left(state)))
    }

    fn arrange(&mut self, after_ms: i64, errand: Errand) {
        self.arranged.push((UnixMs(self.at.0 + after_ms), errand));
    }
}

impl LiveGuild {
    pub(super) fn people_in_voice(&self, guild: &Guild) -> usize {
        self.voice.iter().filter(|state| voice::is_person(guild, state.member)).count()
    }

    pub(super) fn place_in_voice(&self, member: u32) -> Option<usize> {
        self.voice.iter().position(|state| state.member == member)
    }
}
