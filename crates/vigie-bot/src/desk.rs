//! The heart of a shard, without socket, clock and disk: texts in, commits out, and the way back after any end.
//!
//! Everything that a shard decides is decided here; its task only carries texts, timers, commits and pages. So storms can
//! be played through it in virtual time.
//!
//! - **Journal before count**: each fact is journaled before the core takes it. A commit carries records, checkpoint and
//!   journal together, and is due as soon as a record waits, else [`DeskConfig::journal_interval_ms`] after the first fact.
//! - **A checkpoint moves only with a flush**, in the commit of the records that the flush made. Between two flushes the core
//!   makes no record that adds up; if a bound forces one out early, all is flushed. So a restart from any commit is right: what
//!   came after its last fact is asked of Discord again by a RESUME at the sequence journaled with it.
//! - **Two clocks**: while the connection is away, and while a RESUME is replayed, time stands at the last instant heard, and
//!   moves with the snowflakes of the messages and audit entries replayed, and with the joins. READY and RESUMED set it going again.

mod kept;
mod outgoing;
mod questions;
mod switching;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use vigie_core::vocabulary::{Fact, GuildId, MessageFact, MessageId, Record, UnixMs};
use vigie_core::{CatchUpStats, Core, CoreConfig};
use vigie_relay::{Commit, Recovery};
use vigie_wire::checkpoint::ShardCheckpoint;
use vigie_wire::journal::GatewaySession;

use crate::intents::{Collect, covers, intents};
use crate::lens::{self, Read, SetAside};
use crate::limits;
use crate::status::Restart;
use crate::switches::Switches;
use kept::Kept;
use outgoing::Outgoing;

/// What a desk is for.
#[derive(Clone, Debug)]
pub struct DeskConfig {
    /// The name under which its records are numbered.
    pub producer: Arc<str>,
    /// What the core is given.
    pub core: CoreConfig,
    /// What its sessions are opened with.
    pub layout: Layout,
    /// Milliseconds after which a fact is durable at the latest.
    pub journal_interval_ms: u32,
}

/// What a session is opened with, and holds for: it is not resumed under another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The bits of its intents.
    pub intents: u64,
    /// The bits of the intents of all that is collected, switched off or not: a session with more of them than [`Layout::intents`]
    /// goes on, for what is switched off is dropped.
    pub collected: u64,
    /// How many shards there are.
    pub shard_count: u32,
}

impl Layout {
    /// A layout in which nothing is switched off.
    pub fn new(intents: u64, shard_count: u32) -> Self {
        Self { intents, collected: intents, shard_count }
    }

    /// The layout of a bot that collects this, with nothing switched off.
    pub fn of(collect: Collect, shard_count: u32) -> Self {
        Self::under(collect, &Switches::default(), shard_count)
    }

    /// The same with something switched off.
    pub(crate) fn under(collect: Collect, switches: &Switches, shard_count: u32) -> Self {
        let collected = intents(collect, &Switches::default()).bits();
        Self { intents: intents(collect, switches).bits(), collected, shard_count }
    }

    /// Whether a session that was opened with these intents goes on under this layout.
    pub(crate) fn resumes(&self, opened_with: u64) -> bool {
        let (lacking, superfluous) = (self.intents & !opened_with, opened_with & !self.collected);
        lacking == 0 && superfluous == 0
    }
}

/// The bytes of a checkpoint as [`Desk::recover`] takes it: to give a bot a past.
pub fn write_checkpoint(checkpoint: &ShardCheckpoint) -> Bytes {
    let mut bytes = Vec::with_capacity(limits::CHECKPOINT_BYTES_USUAL);
    vigie_wire::checkpoint::encode(checkpoint, &mut bytes);
    bytes.into()
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatched {
    /// Its facts were handed to the core.
    Counted {
        /// The message that it was, if it was one.
        message: Option<MessageId>,
        /// Whether it has just happened: nothing is replayed.
        is_live: bool,
    },
    /// It carries no counts or cannot be read: the reason, of a closed list.
    SetAside(&'static str),
    /// It was handled before: a resume brought it again.
    Repeat,
    /// The connection's own talk.
    Control,
}

/// How a desk is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskStatus {
    /// Guilds heard of in this session.
    pub guilds: u32,
    /// How the process came to its state.
    pub restart: Restart,
    /// Whether time stands still or is a replay's.
    pub is_away: bool,
    /// The last sign of life from Discord.
    pub heard_until: Option<UnixMs>,
    /// Bytes journaled since the last checkpoint.
    pub journal_bytes: u64,
    /// When the last checkpoint was taken.
    pub checkpoint_at: Option<UnixMs>,
    /// Records not known to be durable.
    pub uncommitted_records: u64,
    /// Dispatches that came again.
    pub repeats: u64,
    /// Records too large ever to be kept.
    pub records_dropped: u64,
    /// Reading again what could not be heard.
    pub catch_up: CatchUpStats,
}

/// See the module.
#[derive(Debug)]
pub struct Desk {
    config: DeskConfig,
    core: Core,
    records: Vec<Record>,
    outgoing: Outgoing,
    /// The session, with the last sequence handled of it.
    session: Option<GatewaySession>,
    /// Whether the session has begun and the core has not been told.
    is_new_session: bool,
    /// The instant of the last fact that came from the gateway.
    heard: Option<UnixMs>,
    /// Set while the connection is away or replays.
    away: Option<Away>,
    newest_message: MessageId,
    guilds: HashSet<GuildId>,
    switches: Arc<Switches>,
    restart: Restart,
    checkpoint_at: Option<UnixMs>,
    repeats: u64,
    records_dropped: u64,
}

/// The connection is away, or replays what was missed.
#[derive(Clone, Copy, Debug)]
struct Away {
    /// The newest message replayed.
    newest: UnixMs,
    /// No flush before this instant of the clock: deadlines are set in the time of the replay and would all have passed.
    flush_at: UnixMs,
}

impl Desk {
    /// An empty desk.
    pub fn new(config: DeskConfig, now: UnixMs) -> Self {
        Self::recover(config, &Recovery::default(), now).0
    }

    /// The desk that made the commits behind `recovery`; the session to resume, if there is one; and what of them could not
    /// be used, in words for the log. Its first commit is a checkpoint.
    pub fn recover(
        config: DeskConfig,
        recovery: &Recovery,
        now: UnixMs,
    ) -> (Self, Option<GatewaySession>, Vec<String>) {
        let kept = Kept::rebuild(&config, recovery);
        let mut desk = Self {
            core: kept.core,
            records: kept.records,
            outgoing: Outgoing::new(Arc::clone(&config.producer), config.journal_interval_ms),
            session: kept.session,
            is_new_session: false,
            heard: kept.heard,
            away: None,
            newest_message: kept.newest_message,
            guilds: kept.guilds,
            switches: Arc::default(),
            restart: kept.restart,
            checkpoint_at: None,
            repeats: 0,
            records_dropped: 0,
            config,
        };
        desk.resuming(now);
        // A journal never grows over several starts.
        desk.flush(now);
        let session = desk.session.clone().filter(|_| desk.restart == Restart::Resuming);
        (desk, session, kept.damage)
    }

    /// Hears that the session is now this one, before its first dispatch. A session that is known changes nothing.
    pub fn session(&mut self, now: UnixMs, id: &str, resume_url: Option<&str>) {
        let known = self.session.as_ref().filter(|session| session.id == id);
        let is_same_url = |session: &GatewaySession| {
            resume_url.is_none_or(|resume_url| resume_url == session.resume_url)
        };
        if known.is_some_and(is_same_url) {
            return;
        }
        let intents = known.map_or(self.config.layout.intents, |session| session.intents);
        let session = GatewaySession {
            id: id.to_owned(),
            resume_url: resume_url.unwrap_or_default().to_owned(),
            intents,
            shard_count: self.config.layout.shard_count,
            sequence: known.map_or(0, |session| session.sequence),
        };
        self.is_new_session |= known.is_none();
        self.outgoing.session(now, &session);
        self.session = Some(session);
        // Other intents than the last one's: something was switched on or off meanwhile.
        self.core.switch(covers(intents), &mut self.records);
        if !self.records.is_empty() {
            self.keep(now);
        }
    }

    /// Hears with which intents the next session is opened.
    pub fn opens_with(&mut self, intents: u64) {
        self.config.layout.intents = intents;
    }

    /// The intents of the session; `None` without one.
    pub fn session_intents(&self) -> Option<u64> {
        self.session.as_ref().map(|session| session.intents)
    }

    /// Hears that the connection is away, that what it missed is about to be replayed, or that what it says is old: time stands
    /// still until READY or RESUMED, or until [`Desk::resumed`].
    pub fn resuming(&mut self, now: UnixMs) {
        let interval_ms = i64::from(self.config.core.flush_interval_ms);
        self.away.get_or_insert(Away {
            newest: UnixMs(i64::MIN),
            flush_at: UnixMs(now.0.saturating_add(interval_ms)),
        });
    }

    /// Hears that the connection stands and nothing is replayed any more. READY and RESUMED say so themselves.
    pub fn resumed(&mut self) {
        self.away = None;
    }

    /// Reads one text of the gateway, which came under this sequence, and counts what it says.
    pub fn dispatch(&mut self, now: UnixMs, sequence: u64, text: &str) -> Dispatched {
        let read = lens::read(text);
        if matches!(read, Ok(Read::Control)) {
            return Dispatched::Control;
        }
        if let Some(session) = &self.session
            && sequence <= session.sequence
        {
            self.repeats += 1;
            return Dispatched::Repeat;
        }
        if std::mem::take(&mut self.is_new_session) {
            self.note_new_session(now, &read);
        }
        let read = match read {
            Ok(read) => read,
            // A sequence of which nothing else can be read is not believed either.
            Err(SetAside { reason }) => return Dispatched::SetAside(reason),
        };
        if let Some(session) = &mut self.session {
            session.sequence = sequence;
        }
        let mut message = None;
        match self.switches.sift(text, read) {
            Read::Fact(fact) => {
                if let Fact::Message(fact) = &fact {
                    message = Some(fact.message);
                }
                self.fact(now, sequence, fact);
            }
            Read::Facts(facts) => {
                facts.into_iter().for_each(|fact| self.fact(now, sequence, fact));
            }
            Read::NotCounted(reason) => return Dispatched::SetAside(reason),
            Read::Uncounted(reason, guild, channel, message) => {
                self.fact(now, sequence, Fact::UncountedMessage(guild, channel, message));
                self.keep_bounds(now);
                return Dispatched::SetAside(reason);
            }
            Read::Control => return Dispatched::Control,
        }
        self.keep_bounds(now);
        Dispatched::Counted { message, is_live: self.away.is_none() }
    }

    /// Hears a sign of life without content (a heartbeat's answer). While a replay is under way it says nothing of how far that
    /// has come, and is passed over.
    pub fn alive(&mut self, now: UnixMs) {
        if self.away.is_none() && self.heard.is_some() {
            self.fact(now, self.sequence(), Fact::Heard);
        }
    }

    /// When [`Desk::wake`] has something to do; `None` while nothing is open.
    pub fn deadline(&self) -> Option<UnixMs> {
        let deadline = self.core.next_deadline()?;
        Some(self.away.map_or(deadline, |away| away.flush_at.max(deadline)))
    }

    /// Flushes what is due.
    pub fn wake(&mut self, now: UnixMs) {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        match &mut self.away {
            Some(away) => {
                let interval_ms = i64::from(self.config.core.flush_interval_ms.max(1));
                away.flush_at = UnixMs(now.0.saturating_add(interval_ms));
                self.flush(now);
            }
            None => {
                self.core.wake(now, &mut self.records);
                self.settle(now);
            }
        }
    }

    /// Flushes everything, due or not, and takes a checkpoint: for a stop, or when the journal has grown.
    pub fn flush(&mut self, now: UnixMs) {
        let at = self.instant(now);
        self.core.flush(at, &mut self.records);
        self.settle(now);
    }

    /// When the next commit is due; `None` while one is under way or there is nothing to commit.
    pub fn commit_due(&self, now: UnixMs) -> Option<UnixMs> {
        self.outgoing.due(now)
    }

    /// The next commit, if one is due. Until [`Desk::committed`] or [`Desk::failed`] there is no other.
    pub fn take_commit(&mut self, now: UnixMs) -> Option<Commit> {
        self.outgoing.take(now)
    }

    /// Hears that the commit taken last is durable.
    pub fn committed(&mut self) {
        self.outgoing.committed();
    }

    /// Hears that the commit taken last was not written: it is repeated after a pause, which is given in milliseconds.
    pub fn failed(&mut self, now: UnixMs) -> i64 {
        self.outgoing.failed(now)
    }

    /// How many guilds were heard of in this session.
    pub fn guilds(&self) -> u32 {
        self.guilds.len() as u32
    }

    /// The newest message ever heard of: what time it is by Discord's clock, at least.
    pub fn newest_message(&self) -> MessageId {
        self.newest_message
    }

    /// Whether everything is known to be durable.
    pub fn is_durable(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Whether nothing more should be heard until a commit succeeds.
    pub fn is_full(&self) -> bool {
        self.outgoing.is_full()
    }

    /// The core, to look at.
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// How it is doing.
    pub fn status(&self) -> DeskStatus {
        DeskStatus {
            guilds: self.guilds(),
            restart: self.restart,
            is_away: self.away.is_some(),
            heard_until: self.heard,
            journal_bytes: self.outgoing.journal_bytes(),
            checkpoint_at: self.checkpoint_at,
            uncommitted_records: self.outgoing.len() as u64,
            repeats: self.repeats,
            records_dropped: self.records_dropped,
            catch_up: self.core.catch_up(),
        }
    }

    /// The last sequence handled of the session.
    pub fn sequence(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.sequence)
    }

    fn fact(&mut self, now: UnixMs, sequence: u64, fact: Fact<'_>) {
        match &fact {
            Fact::SessionStarted(_) => self.returned(Restart::NewSession),
            Fact::Heard => self.returned(Restart::Resumed),
            Fact::Message(MessageFact { message, .. }) | Fact::UncountedMessage(.., message) => {
                self.newest_message = self.newest_message.max(*message);
                self.replayed(message.time());
            }
            // Discord's own time, too: of the act, and of the join.
            Fact::Audit(_, entry) => self.replayed(entry.id.time()),
            Fact::MemberJoined(_, member) => self.replayed(member.joined_at),
            Fact::Guild(guild) => {
                // A guild that comes back within a replay does so after the newest message that it names.
                let newest = guild.channels.iter().filter_map(|channel| channel.last_message).max();
                if let Some(newest) = newest {
                    self.replayed(newest.time());
                }
            }
            _ => {}
        }
        let at = self.instant(now);
        if !is_answer(&fact) {
            self.heard = Some(at);
        }
        note_guild(&mut self.guilds, &fact);
        self.outgoing.fact(now, at, sequence, &fact);
        self.core.handle(at, fact, &mut self.records);
        if !self.records.is_empty() {
            self.keep(now);
        }
    }

    /// Something that happened at this instant is heard: a replay has come so far.
    fn replayed(&mut self, at: UnixMs) {
        if let Some(away) = &mut self.away {
            away.newest = away.newest.max(at);
        }
    }

    /// The first word of a session is READY. Where that cannot be read, nothing says which guilds are still ours: all that were
    /// are taken for missed until each is seen.
    #[cold]
    fn note_new_session(&mut self, now: UnixMs, read: &Result<Read<'_>, SetAside>) {
        if !matches!(read, Ok(Read::Fact(Fact::SessionStarted(_)))) {
            let guilds = self.core.guilds();
            self.fact(now, self.sequence(), Fact::SessionStarted(guilds));
        }
    }

    /// The connection stands and nothing is replayed any more.
    fn returned(&mut self, outcome: Restart) {
        if self.away.take().is_some() && self.restart == Restart::Resuming {
            self.restart = outcome;
        }
    }

    /// The instant of what is heard now.
    fn instant(&self, now: UnixMs) -> UnixMs {
        let Some(away) = self.away else { return now };
        match self.heard {
            Some(heard) => heard.max(away.newest.min(now)),
            None => now,
        }
    }

    /// Hands what the core made to the outbox's queue. Records that add up must not stand before a journal that could be lost:
    /// if the core let go of some at a bound, everything is flushed.
    fn keep(&mut self, now: UnixMs) {
        let adds_up =
            |record: &Record| matches!(record, Record::ActivityWindow(_) | Record::VoiceWindow(_));
        match self.records.iter().any(adds_up) {
            true => self.flush(now),
            false => self.send_records(),
        }
    }

    /// After a flush: its records and the checkpoint, in one commit.
    fn settle(&mut self, now: UnixMs) {
        self.send_records();
        let checkpoint =
            ShardCheckpoint { core: self.core.checkpoint(), session: self.session.clone() };
        self.outgoing.checkpoint(write_checkpoint(&checkpoint));
        self.checkpoint_at = Some(now);
    }

    fn send_records(&mut self) {
        for record in self.records.drain(..) {
            if !self.outgoing.record(&record) {
                tracing::error!(
                    guild = record.guild().map(|guild| guild.0),
                    "a record is too large to be kept and is dropped"
                );
                self.records_dropped += 1;
            }
        }
    }

    fn keep_bounds(&mut self, now: UnixMs) {
        if self.outgoing.journal_bytes() >= limits::JOURNAL_BYTES_MAX {
            self.flush(now);
        }
    }
}

/// Whether a fact is the answer to a question of ours, which is no sign of life from the gateway.
fn is_answer(fact: &Fact<'_>) -> bool {
    matches!(
        fact,
        Fact::History(_)
            | Fact::HistoryRefused(..)
            | Fact::Members(_)
            | Fact::Audits(_)
            | Fact::Invites(_)
            | Fact::ReadingRefused(..)
    )
}

/// Minds which guilds were heard of in this session. A new session names them anew.
fn note_guild(guilds: &mut HashSet<GuildId>, fact: &Fact<'_>) {
    match fact {
        Fact::Guild(guild) if guilds.len() < limits::GUILDS_PER_SHARD_MAX => {
            guilds.insert(guild.id);
        }
        Fact::GuildRemoved(guild) => {
            guilds.remove(guild);
        }
        Fact::SessionStarted(_) => guilds.clear(),
        _ => {}
    }
}
