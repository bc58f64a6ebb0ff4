//! Gateway facts in, records out: the only place that decides what is counted. No IO.
//!
//! The shell hands each [`Fact`] to [`Core::handle`] with the instant at which it was heard, asks
//! [`Core::next_deadline`] when to come back, and comes back with [`Core::wake`]. What leaves is pushed to `out`.
//! The core knows no clock, no dice and no device: the same inputs give the same records.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type,
    missing_docs
)]

mod activity;
mod catch_up;
pub mod checkpoint;
mod coverage;
mod gaps;
mod guilds;
mod heard;
mod invites;
pub mod limits;
mod members;
mod moderation;
mod readings;
mod recent;
mod table;
pub mod vocabulary;
mod voice;

use crate::activity::Activity;
use crate::catch_up::CatchUp;
use crate::checkpoint::Checkpoint;
use crate::coverage::Coverage;
use crate::guilds::Names;
use crate::invites::Invites;
use crate::moderation::Timeouts;
use crate::readings::Readings;
use crate::recent::{Messages, MessagesCheckpoint, Reactions};
use crate::vocabulary::{
    ChannelId, CoverageFamily, CoverageSpan, Fact, GuildId, MessageFact, MessageId, ReactionFact,
    ReadingRequest, Record, UnixMs, VoiceFact,
};
use crate::voice::{Voice, Whereabouts};

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreConfig {
    /// Milliseconds between two flushes of the open windows; below 1 counts as 1.
    pub flush_interval_ms: u32,
    /// Which families are listened to: no coverage is claimed for the others.
    pub covers: Covers,
    /// What is read of guilds beside messages.
    pub reads: Reads,
}

impl Default for CoreConfig {
    /// One flush a minute, everything listened to and read.
    fn default() -> Self {
        Self {
            flush_interval_ms: limits::FLUSH_INTERVAL_MS_DEFAULT,
            covers: Covers::ALL,
            reads: Reads::ALL,
        }
    }
}

/// A set of [`vocabulary::Reading`]: nothing else is ever asked for by [`Core::next_reading`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    /// Audit logs.
    pub audits: bool,
    /// Invites.
    pub invites: bool,
    /// Lists of members, which need the privileged intent.
    pub members: bool,
}

impl Reads {
    /// Everything.
    pub const ALL: Self = Self { audits: true, invites: true, members: true };
}

/// A set of [`CoverageFamily`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covers {
    /// Messages and commands.
    pub messages: bool,
    /// Reactions.
    pub reactions: bool,
    /// Voice.
    pub voice: bool,
    /// Joins and departures.
    pub members: bool,
    /// Moderation.
    pub moderation: bool,
}

impl Covers {
    /// Everything.
    pub const ALL: Self =
        Self { messages: true, reactions: true, voice: true, members: true, moderation: true };

    /// What is in this set and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            messages: self.messages && !other.messages,
            reactions: self.reactions && !other.reactions,
            voice: self.voice && !other.voice,
            members: self.members && !other.members,
            moderation: self.moderation && !other.moderation,
        }
    }

    /// The families of the set, in the order of their numbers.
    pub fn families(self) -> impl Iterator<Item = CoverageFamily> {
        CoverageFamily::ALL.into_iter().filter(move |family| match family {
            CoverageFamily::Messages => self.messages,
            CoverageFamily::Reactions => self.reactions,
            CoverageFamily::Voice => self.voice,
            CoverageFamily::Members => self.members,
            CoverageFamily::Moderation => self.moderation,
        })
    }
}

/// A page of history that the core needs: `GET /channels/{channel}/messages?after={after}&limit=100`.
/// The answer comes back as [`Fact::History`] or [`Fact::HistoryRefused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Whose gap it is.
    pub guild: GuildId,
    /// Which channel or thread.
    pub channel: ChannelId,
    /// The last message answered for.
    pub after: MessageId,
}

/// How far reading again has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatchUpStats {
    /// Guilds with channels still to be read.
    pub guilds: u64,
    /// Channels still to be read.
    pub channels: u64,
    /// Messages and commands recovered since the core was made.
    pub recovered: u64,
    /// Pages read since the core was made.
    pub pages: u64,
    /// Channels refused since the core was made.
    pub refused: u64,
    /// Where the oldest gap begins.
    pub oldest_from: Option<UnixMs>,
}

/// What the core holds at this instant, and what it has met since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreStats {
    /// (channel, member) cells that wait for the next flush.
    pub open_cells: u64,
    /// (guild, minute) windows that wait for the next flush.
    pub open_windows: u64,
    /// Bytes of heap held, by capacity: windows, indexes, names, everything.
    pub heap_bytes: u64,
    /// The part of `heap_bytes` that belongs to the open windows (cells, places, emojis and their indexes).
    pub activity_bytes: u64,
    /// Members whose names are remembered as told.
    pub names_remembered: u64,
    /// Messages whose snowflake could not be their time, placed by arrival instead (since the core was made).
    pub messages_placed_by_arrival: u64,
    /// Flushes, of all or of the names alone, made before their deadline because a bound of [`limits`] was reached (since
    /// the core was made).
    pub early_flushes: u64,
    /// Messages and reactions that were not counted because they had been counted before (since the core was made).
    pub repeats: u64,
    /// Live messages that were not counted because history brings them (since the core was made).
    pub left_to_history: u64,
    /// Voice sessions that go on.
    pub open_voice_sessions: u64,
    /// Voice sessions that were not followed because too many were open (since the core was made).
    pub voice_not_followed: u64,
    /// The part of `heap_bytes` that belongs to voice, nearly.
    pub voice_bytes: u64,
    /// Guilds, marks, repeats and gaps: the part of `heap_bytes` that belongs to coverage, nearly.
    pub coverage_bytes: u64,
    /// Invite books, what is to be read, and timeouts: the part of `heap_bytes` that belongs to them, nearly.
    pub reading_bytes: u64,
    /// Channels whose newest message is remembered.
    pub marks: u64,
}

/// The state machine of one shard. See the crate's documentation.
#[derive(Debug)]
pub struct Core {
    flush_interval_ms: i64,
    covers: Covers,
    reads: Reads,
    deadline: Option<UnixMs>,
    /// The instant of the last fact from the gateway: nothing is claimed, and no voice credited, beyond it.
    heard_until: Option<UnixMs>,
    /// As far as it was told.
    heard_told: Option<UnixMs>,
    activity: Activity,
    names: Names,
    voice: Voice,
    coverage: Coverage,
    catch_up: CatchUp,
    messages: Messages,
    reactions: Reactions,
    timeouts: Timeouts,
    readings: Readings,
    invites: Invites,
    /// Stretches that were read again: told once what was read has left.
    recovered: Vec<(GuildId, CoverageSpan)>,
    early_flushes: u64,
    repeats: u64,
    left_to_history: u64,
}

impl Core {
    /// An empty core.
    pub fn new(config: CoreConfig) -> Self {
        Self::restore(config, &Checkpoint::default())
    }

    /// Takes one fact, heard at `now`. Urgent records are pushed to `out` at once; counts wait for their flush.
    pub fn handle(&mut self, now: UnixMs, fact: Fact<'_>, out: &mut Vec<Record>) {
        match fact {
            Fact::Message(fact) => {
                self.hear(now);
                self.message(now, &fact);
            }
            Fact::UncountedMessage(guild, channel, message) => {
                self.hear(now);
                self.uncounted_message(now, guild, channel, message);
            }
            Fact::Reaction(fact) => {
                self.hear(now);
                self.reaction(now, &fact);
            }
            Fact::ReactionsCleared(_, message) => {
                self.hear(now);
                self.reactions.forget(message);
            }
            Fact::Voice(fact) => {
                let at = self.hear(now);
                self.member_voice(at, &fact);
            }
            Fact::Guild(fact) => {
                let at = self.hear(now);
                out.push(guilds::guild(now, &fact));
                self.guild(at, &fact, out);
            }
            Fact::GuildRemoved(guild) => {
                let at = self.hear(now);
                self.guild_removed(at, guild, out);
            }
            Fact::GuildUnavailable(guild) => {
                let at = self.hear(now);
                self.guild_unavailable(at, guild, out);
            }
            Fact::SessionStarted(guilds) => self.session_started(now, &guilds, out),
            Fact::Heard => _ = self.hear(now),
            // What was read is no sign of life from the gateway.
            Fact::History(page) => self.history(now, &page),
            Fact::HistoryRefused(channel, after, refusal) => {
                if let Some(gap) = self.catch_up.refuse(channel, after, refusal) {
                    self.recovered.push((gap.guild, gap.span()));
                }
            }
            Fact::Channel(guild, channel) => {
                self.hear(now);
                out.push(guilds::channel(guild, &channel));
            }
            Fact::ChannelDeleted(guild, channel) => {
                let at = self.hear(now);
                self.invites.channel_deleted(at, guild, channel, out);
                out.push(guilds::channel_deleted(guild, channel));
            }
            further => self.handle_more(now, further, out),
        }
        // Joins are attributed by what was heard, never by the clock alone.
        if let Some(heard) = self.heard_until {
            self.invites.settle(heard, out);
        }
        self.queue_invites(now, out);
        self.arm(now);
        self.keep_bounds(out);
    }

    /// When [`Core::wake`] has something to do; `None` while nothing is open, and until something is heard after a flush.
    pub fn next_deadline(&self) -> Option<UnixMs> {
        self.deadline
    }

    /// Flushes what is due at `now`; does nothing before the deadline.
    ///
    /// Counts leave as they are. Voice leaves up to the last whole minute before the last fact heard, so that a minute of it
    /// leaves in one piece; what is not certain to have been heard is never credited.
    pub fn wake(&mut self, now: UnixMs, out: &mut Vec<Record>) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.flush_until(self.heard_until.map(voice::minute_start), out);
        }
    }

    /// Flushes everything, due or not, voice up to the last fact heard: for shutdown.
    pub fn flush(&mut self, _now: UnixMs, out: &mut Vec<Record>) {
        self.flush_until(self.heard_until, out);
    }

    /// Whether nothing waits for a flush, so that a checkpoint holds everything. True right after a flush, and again never
    /// for sure: ask before each checkpoint.
    pub fn is_settled(&self) -> bool {
        self.activity.open_cells() == 0
            && self.names.to_tell() == 0
            && self.voice.is_settled()
            && self.recovered.is_empty()
    }

    /// What must be remembered over a restart. Counts that wait for their flush are not in it: call it only while
    /// [`Core::is_settled`].
    pub fn checkpoint(&self) -> Checkpoint {
        let messages = self.messages.checkpoint();
        let (readings, sources) = self.readings.checkpoint();
        Checkpoint {
            heard_until: self.heard_until,
            newest_message: messages.newest,
            guilds: self.coverage.checkpoint(),
            automated: self.names.automated(),
            voice: self.voice.checkpoint(),
            marks: messages.marks,
            marks_horizon: messages.marks_horizon,
            recent_messages: messages.recent,
            recent_horizon: messages.recent_horizon,
            recent_reactions: self.reactions.checkpoint(),
            gaps: self.catch_up.checkpoint(),
            readings,
            sources,
            timeouts: self.timeouts.checkpoint(),
            books: self.invites.checkpoint(),
        }
    }

    /// The core that made `checkpoint`: it goes on as that one would, but tells names again, and counts its statistics anew.
    pub fn restore(config: CoreConfig, checkpoint: &Checkpoint) -> Self {
        Self {
            flush_interval_ms: i64::from(config.flush_interval_ms.max(1)),
            covers: config.covers,
            reads: config.reads,
            deadline: None,
            heard_until: checkpoint.heard_until,
            heard_told: checkpoint.heard_until,
            activity: Activity::default(),
            names: Names::restore(&checkpoint.automated),
            voice: Voice::restore(&checkpoint.voice, checkpoint.heard_until.unwrap_or_default()),
            coverage: Coverage::restore(&checkpoint.guilds),
            catch_up: CatchUp::restore(&checkpoint.gaps),
            messages: Messages::restore(MessagesCheckpoint {
                newest: checkpoint.newest_message,
                marks: checkpoint.marks.clone(),
                marks_horizon: checkpoint.marks_horizon,
                recent: checkpoint.recent_messages.clone(),
                recent_horizon: checkpoint.recent_horizon,
            }),
            reactions: Reactions::restore(&checkpoint.recent_reactions),
            timeouts: Timeouts::restore(&checkpoint.timeouts),
            readings: Readings::restore(&checkpoint.readings, &checkpoint.sources),
            invites: Invites::restore(&checkpoint.books),
            recovered: Vec::new(),
            early_flushes: 0,
            repeats: 0,
            left_to_history: 0,
        }
    }

    /// The guilds that are ours as far as is known, sorted: those that were seen, and those that READY named.
    pub fn guilds(&self) -> Vec<GuildId> {
        self.coverage.known()
    }

    /// The page of history to ask for next, the oldest gap first; the same one until its answer was handled, unless its guild is
    /// lost. What a guild that is not heard has missed waits until it is: Discord would refuse it for good.
    pub fn next_page(&self) -> Option<PageRequest> {
        self.catch_up.next_page(|guild| !self.coverage.is_unheard(guild))
    }

    /// What to read of a guild next, invites before audit logs before members; the same until its answer was handled
    /// ([`Fact::Invites`], [`Fact::Audits`], [`Fact::Members`], [`Fact::ReadingRefused`]), unless its guild is lost or something goes
    /// before it.
    pub fn next_reading(&self) -> Option<ReadingRequest> {
        self.readings.next(|guild| !self.coverage.is_unheard(guild))
    }

    /// How far reading again has come.
    pub fn catch_up(&self) -> CatchUpStats {
        self.catch_up.stats()
    }

    /// What the core holds.
    pub fn stats(&self) -> CoreStats {
        let activity_bytes = self.activity.heap_bytes() as u64;
        let voice_bytes = self.voice.heap_bytes() as u64;
        let coverage_bytes = self.coverage.heap_bytes()
            + self.catch_up.heap_bytes()
            + self.messages.heap_bytes()
            + self.reactions.heap_bytes()
            + self.recovered.capacity() * size_of::<(GuildId, CoverageSpan)>();
        let coverage_bytes = coverage_bytes as u64;
        let reading_bytes =
            self.timeouts.heap_bytes() + self.readings.heap_bytes() + self.invites.heap_bytes();
        let reading_bytes = reading_bytes as u64;
        CoreStats {
            open_cells: self.activity.open_cells() as u64,
            open_windows: self.activity.open_windows() as u64,
            heap_bytes: activity_bytes
                + self.names.heap_bytes() as u64
                + voice_bytes
                + coverage_bytes
                + reading_bytes,
            activity_bytes,
            names_remembered: self.names.told() as u64,
            messages_placed_by_arrival: self.activity.placed_by_arrival(),
            early_flushes: self.early_flushes,
            repeats: self.repeats,
            left_to_history: self.left_to_history,
            open_voice_sessions: self.voice.open_sessions() as u64,
            voice_not_followed: self.voice.not_followed(),
            voice_bytes,
            coverage_bytes,
            reading_bytes,
            marks: self.messages.marks() as u64,
        }
    }

    /// Takes note of a sign of life at `now`; returns what time it is, which never goes back but for a leap of the clock.
    fn hear(&mut self, now: UnixMs) -> UnixMs {
        let Some(before) = self.heard_until else {
            self.heard_until = Some(now);
            return now;
        };
        let step_ms = now.0.saturating_sub(before.0);
        let at = if (-limits::CLOCK_BACK_MS_MAX..=limits::SILENCE_MS_MAX).contains(&step_ms) {
            now.max(before)
        } else {
            self.voice.leap(before, now);
            now
        };
        self.heard_until = Some(at);
        at
    }

    fn message(&mut self, now: UnixMs, fact: &MessageFact<'_>) {
        // An id that cannot be a time says nothing about what was counted before.
        if Activity::is_plausible(now, fact.message) {
            if self.is_left_to_history(fact.guild, fact.channel, fact.message) {
                self.messages.hear_of(fact.message);
                self.left_to_history += 1;
                return;
            }
            if !self.messages.is_new(fact.channel, fact.message) {
                self.repeats += 1;
                return;
            }
        }
        self.names.hear(fact.guild, &fact.author);
        self.activity.message(now, fact);
    }

    /// What is not counted is answered for all the same: else its channel would look changed after a gap, and be read in vain.
    #[cold]
    fn uncounted_message(
        &mut self,
        now: UnixMs,
        guild: GuildId,
        channel: ChannelId,
        message: MessageId,
    ) {
        if !Activity::is_plausible(now, message) {
            return;
        }
        self.messages.hear_of(message);
        if !self.is_left_to_history(guild, channel, message) {
            self.messages.answer(channel, message);
        }
    }

    /// Whether a live message will be read again: its guild is not heard, or its channel is to be read up to a later one.
    fn is_left_to_history(&self, guild: GuildId, channel: ChannelId, message: MessageId) -> bool {
        self.covers.messages
            && (self.coverage.is_left_to_history(guild) || self.catch_up.awaits(channel, message))
    }

    fn reaction(&mut self, now: UnixMs, fact: &ReactionFact<'_>) {
        if !self.reactions.is_new(fact) {
            self.repeats += 1;
            return;
        }
        if let Some(giver) = &fact.giver_person {
            self.names.hear(fact.guild, giver);
        }
        self.activity.reaction(now, fact);
    }

    fn member_voice(&mut self, at: UnixMs, fact: &VoiceFact<'_>) {
        // GUILD_CREATE will say who is there.
        if self.coverage.is_unheard(fact.guild) {
            return;
        }
        let whereabouts = self.whereabouts(fact);
        self.voice.hear(at, fact.guild, fact.member, whereabouts, true);
    }

    /// Where a member is; their names are told, and their kind is learnt.
    fn whereabouts(&mut self, fact: &VoiceFact<'_>) -> Whereabouts {
        if let Some(person) = &fact.person {
            self.names.hear(fact.guild, person);
        }
        let afk = self.coverage.afk(fact.guild);
        Whereabouts {
            kind: self.names.kind_of(fact.member),
            channel: fact.channel,
            state: voice::with_afk(fact.state, fact.channel, afk),
        }
    }

    /// Pushes what waits to `out`, voice up to an instant.
    fn flush_until(&mut self, voice_until: Option<UnixMs>, out: &mut Vec<Record>) {
        self.give_up_overdue(out);
        // Names first: a page that looks in between never shows a member without a name.
        self.names.flush(out);
        self.activity.flush(|user| self.names.kind_of(user), out);
        if let Some(until) = voice_until {
            self.voice.flush(until, out);
        }
        // What was read again is counted now; what was heard until now has left.
        let recovered = std::mem::take(&mut self.recovered);
        out.extend(recovered.into_iter().map(|(guild, span)| Record::Coverage(guild, vec![span])));
        if let Some(at) = self.heard_until
            && self.heard_told != Some(at)
            && self.coverage.knows_any()
            && self.coverage.is_complete()
        {
            out.push(Record::HeardUntil(at));
            self.heard_told = Some(at);
        }
        self.messages.prune(self.coverage.unheard().map(|unheard| unheard.answered).min());
        self.deadline = None;
    }

    /// Lets go of what has reached its bound.
    fn keep_bounds(&mut self, out: &mut Vec<Record>) {
        if self.activity.is_full() || self.voice.is_full() {
            self.early_flushes += 1;
            self.flush_until(self.heard_until.map(voice::minute_start), out);
        } else if self.names.is_full() {
            self.early_flushes += 1;
            self.names.flush(out);
        }
    }

    /// Sets the deadline when something is open: counts, a session, or a guild whose coverage moves on with every fact.
    fn arm(&mut self, now: UnixMs) {
        let is_open =
            self.coverage.knows_any() || self.voice.open_sessions() > 0 || !self.is_settled();
        let latest = self.flush_interval_ms + limits::FLUSH_GRACE_MS;
        // A deadline further away than one interval was set before the clock was put back.
        if is_open && self.deadline.is_none_or(|deadline| deadline.0.saturating_sub(now.0) > latest)
        {
            let intervals = now.0.div_euclid(self.flush_interval_ms);
            let start = intervals.saturating_mul(self.flush_interval_ms);
            self.deadline = Some(UnixMs(start.saturating_add(latest)));
        }
    }
}
