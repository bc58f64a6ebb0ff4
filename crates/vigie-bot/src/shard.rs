//! One shard: the gateway's texts to the desk, the desk's commits to the outbox, its questions to Discord's history.
//!
//! One `select!` makes one [`Event`], handled by one `match`; every decision is the desk's. A commit never keeps frames
//! waiting, for at most one is under way and records gather beside it.

mod line;
mod questions;
mod switching;
mod timer;

use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{OptionFuture, pending};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::{ReceiveMessageError, ReceiveMessageErrorType};
use twilight_gateway::{CloseFrame, Config, Message, ShardId};
use twilight_gateway_queue::InMemoryQueue;
use twilight_model::gateway::OpCode;
use twilight_model::gateway::event::GatewayEventDeserializer;
use vigie_core::vocabulary::{HistoryRefusal, ReadingRequest, UnixMs};
use vigie_core::{CoreConfig, PageRequest};
use vigie_relay::{Outbox, Recovery, RelayError};

use crate::desk::{Desk, DeskConfig, Dispatched, Layout};
use crate::intents::Collect;
use crate::readings::Answer;
use crate::rest::Rest;
use crate::status::{CatchUp, ShardState, TallyKeeper};
use crate::switches::Switches;
use crate::{BotError, limits};
use line::{Frame, Line};
pub(crate) use timer::wall;
use timer::{Alarm, ShardClock};

/// What one shard needs.
pub(crate) struct ShardConfig {
    pub(crate) id: ShardId,
    /// How to log in; its clones share TLS context and log-in queue.
    pub(crate) gateway: Config<InMemoryQueue>,
    /// The address in it, for people.
    pub(crate) gateway_url: String,
    pub(crate) core: CoreConfig,
    /// Milliseconds after which what was heard is durable.
    pub(crate) journal_interval_ms: u32,
    /// By how many milliseconds the wall clock is behind Discord's.
    pub(crate) clock_off_ms: i64,
    /// The name under which its records are numbered.
    pub(crate) producer: Arc<str>,
    pub(crate) outbox: Outbox,
    pub(crate) rest: Rest,
    pub(crate) collect: Collect,
    pub(crate) switches: watch::Receiver<Arc<Switches>>,
    pub(crate) tallies: TallyKeeper,
}

/// The task of one shard.
struct ShardTask {
    id: ShardId,
    gateway_url: String,
    line: Line,
    state: ShardState,
    /// The close code last seen: what a fatal end is explained by.
    close_code: Option<u16>,
    clock: ShardClock,
    desk: Desk,
    outbox: Outbox,
    commit: Pending<Result<(), RelayError>>,
    rest: Rest,
    page: Pending<Page>,
    reading: Pending<Reading>,
    /// What `reading` is about.
    reading_of: Option<ReadingRequest>,
    collect: Collect,
    switches: watch::Receiver<Arc<Switches>>,
    tallies: TallyKeeper,
}

/// Something under way, if anything is.
type Pending<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

/// A question to Discord's history, and its answer.
type Page = (PageRequest, Result<String, HistoryRefusal>);

/// Something to be read of a guild, and the answer.
type Reading = (ReadingRequest, Result<Answer, HistoryRefusal>);

/// All that can wake a shard.
enum Event {
    /// We are asked to end.
    Stop,
    /// A commit has ended.
    Committed(Result<(), RelayError>),
    /// The desk asked to be woken now.
    Alarm,
    /// Discord's history has answered.
    Page(Page),
    /// What was to be read of a guild has been answered.
    Reading(Reading),
    /// Something was switched on or off.
    Switched,
    /// The gateway stream yielded something.
    Frame(Frame),
}

/// Runs a shard until `stop` is cancelled or Discord closes for good; what was counted is committed either way.
pub(crate) async fn run(config: ShardConfig, stop: CancellationToken) -> Result<(), BotError> {
    let (shard, tallies) = (config.id.number(), config.tallies.clone());
    let recovery = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        recovery = recover(&config) => Some(recovery?),
    };
    let outcome = match recovery {
        Some(recovery) => ShardTask::new(config, &recovery).run(stop).await,
        None => Ok(()),
    };
    tallies.tally().shard.state = ShardState::Stopped;
    tracing::info!(shard, "shard stopped");
    outcome
}

/// What an earlier process left in the outbox; asked for as long as the disk fails.
async fn recover(config: &ShardConfig) -> Result<Recovery, BotError> {
    let mut pause = limits::COMMIT_PAUSE;
    loop {
        match config.outbox.recover(&config.producer).await {
            Ok(recovery) => return Ok(recovery),
            Err(error) if error.may_pass() => {
                tracing::error!(producer = &*config.producer, %error, "no state yet, trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(limits::COMMIT_PAUSE_MAX);
            }
            Err(source) => {
                return Err(BotError::Outbox { shard: config.id.number(), source });
            }
        }
    }
}

impl ShardTask {
    fn new(config: ShardConfig, recovery: &Recovery) -> Self {
        let ShardConfig { id, gateway, gateway_url, core, producer, outbox, tallies, .. } = config;
        let mut clock = ShardClock::new(config.clock_off_ms);
        let (collect, mut switches) = (config.collect, config.switches);
        let layout =
            Layout { intents: gateway.intents().bits(), ..Layout::of(collect, id.total()) };
        let desk_config =
            DeskConfig { producer, core, layout, journal_interval_ms: config.journal_interval_ms };
        let (mut desk, session, damage) = Desk::recover(desk_config, recovery, clock.now());
        for damage in damage {
            tracing::error!(shard = id.number(), damage, "a part of the state kept is lost");
        }
        let off = Arc::clone(&switches.borrow_and_update());
        desk.switch(clock.now(), &off);
        // The last time that Discord is known to have shown.
        clock.message(desk.newest_message(), false);
        let status = desk.status();
        tracing::info!(
            shard = id.number(),
            restart = status.restart.as_str(),
            heard_until_unix_ms = status.heard_until.map(|at| at.0),
            "shard starts"
        );
        let task = Self {
            id,
            gateway_url,
            line: Line::new(id, gateway, session),
            state: ShardState::default(),
            close_code: None,
            clock,
            desk,
            outbox,
            commit: None,
            rest: config.rest,
            page: None,
            reading: None,
            reading_of: None,
            collect,
            switches,
            tallies,
        };
        task.note_status();
        task
    }

    async fn run(mut self, stop: CancellationToken) -> Result<(), BotError> {
        let outcome = self.hear(stop).await;
        // Committed before the connection closes: what comes after this is not heard by us, and comes again.
        self.desk.flush(self.clock.now());
        let committed = self.commit_all().await;
        // After an error there is no connection left, or nothing more can be kept.
        if outcome.is_ok() {
            self.line.close().await;
        }
        self.note_status();
        outcome.and(committed)
    }

    async fn hear(&mut self, stop: CancellationToken) -> Result<(), BotError> {
        let mut stopped = pin!(stop.cancelled_owned());
        let mut alarm = Alarm::new();
        loop {
            let now = self.clock.now();
            self.start_commit(now);
            self.start_page();
            self.start_reading(now);
            self.hold(now);
            alarm.set(earlier(self.desk.deadline(), self.desk.commit_due(now)), now);
            let event = tokio::select! {
                biased;
                () = &mut stopped => Event::Stop,
                result = under_way(&mut self.commit) => Event::Committed(result),
                () = alarm.ring(), if alarm.is_set() => Event::Alarm,
                () = switching::change(&mut self.switches) => Event::Switched,
                reading = under_way(&mut self.reading) => Event::Reading(reading),
                page = under_way(&mut self.page) => Event::Page(page),
                frame = self.line.next(), if !self.desk.is_full() => Event::Frame(frame),
            };
            match event {
                Event::Stop => return Ok(()),
                Event::Committed(result) => self.committed(result)?,
                Event::Alarm => {
                    alarm.clear();
                    self.desk.wake(self.clock.now());
                    self.note_status();
                }
                Event::Page((request, answer)) => self.page(request, answer.as_deref()),
                Event::Reading((request, answer)) => self.reading(request, answer.as_ref()),
                Event::Switched => self.switched(),
                Event::Frame(frame) => {
                    if self.frame(frame)? {
                        alarm.clear();
                    }
                }
            }
        }
    }

    /// While nothing can be kept, nothing is read, and what is read afterwards is old: until the connection is known to be heard
    /// to its end, time is that of the messages in it.
    fn hold(&mut self, now: UnixMs) {
        let holds = self.desk.is_full();
        self.line.hold(holds);
        if holds {
            self.desk.resuming(now);
        }
    }

    /// Hands the next commit to the outbox, if one is due.
    fn start_commit(&mut self, now: UnixMs) {
        if self.commit.is_none()
            && let Some(commit) = self.desk.take_commit(now)
        {
            let outbox = self.outbox.clone();
            self.commit = Some(Box::pin(async move { outbox.commit(commit).await }));
        }
    }

    fn committed(&mut self, result: Result<(), RelayError>) -> Result<(), BotError> {
        self.commit = None;
        match result {
            Ok(()) => {
                self.desk.committed();
                // All journals together have grown too much: each of the large ones becomes a checkpoint.
                if self.outbox.stats().journal_bytes > vigie_relay::limits::JOURNAL_BYTES_MAX
                    && self.desk.status().journal_bytes > limits::FRAME_BYTES as u64
                {
                    self.desk.flush(self.clock.now());
                }
            }
            Err(error) if error.may_pass() => {
                let pause_ms = self.desk.failed(self.clock.now());
                let shard = self.id.number();
                tracing::error!(shard, pause_ms, %error, "what was counted cannot be kept yet, trying again");
            }
            Err(source) => return Err(BotError::Outbox { shard: self.id.number(), source }),
        }
        self.note_status();
        Ok(())
    }

    /// Handles what the stream yielded; `true` when the clock was set.
    fn frame(&mut self, frame: Frame) -> Result<bool, BotError> {
        let mut is_clock_set = false;
        match frame {
            Frame::Message(Message::Text(text)) => is_clock_set = self.text(&text),
            Frame::Message(Message::Close(frame)) => self.closed(frame.as_ref()),
            Frame::Error(error) => self.stream_error(&error),
            Frame::End => return Err(self.closed_for_good()),
            Frame::Panic(panic) => {
                let words = panic.downcast_ref::<String>().map(String::as_str);
                let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
                let words = words.unwrap_or("no words");
                let shard = self.id.number();
                tracing::error!(shard, words, "the gateway client panicked and is replaced");
                self.line.replace(self.desk.sequence());
                self.tallies.tally().set_aside("frame.client_panic");
            }
        }
        self.note_state();
        Ok(is_clock_set)
    }

    /// Hands one text to the desk; `true` when the clock was set by it.
    fn text(&mut self, text: &str) -> bool {
        let now = self.clock.now();
        let sequence = match self.line.gateway.session() {
            Some(session) => {
                self.desk.session(now, session.id(), self.line.gateway.resume_url());
                session.sequence()
            }
            None => 0,
        };
        let dispatched = self.desk.dispatch(now, sequence, text);
        let mut tally = self.tallies.tally();
        if !matches!(dispatched, Dispatched::Control) {
            tally.heard(now);
        }
        match dispatched {
            Dispatched::Control => {
                tally.shard.latency_ms = self.line.latency_ms();
                drop(tally);
                if is_heartbeat_answer(text) {
                    if self.line.answered() {
                        self.desk.resumed();
                    }
                    self.desk.alive(now);
                }
                false
            }
            Dispatched::SetAside(reason) => {
                tally.set_aside(reason);
                false
            }
            Dispatched::Repeat => false,
            Dispatched::Counted { message, is_live } => {
                tally.counted();
                tally.shard.guilds = self.desk.guilds();
                let set = message.and_then(|message| self.clock.message(message, is_live));
                tally.shard.clock_set_ms += set.unwrap_or_default();
                set.is_some()
            }
        }
    }

    fn closed(&mut self, frame: Option<&CloseFrame<'_>>) {
        self.close_code = frame.map(|frame| frame.code);
        let reason = frame.map_or("", |frame| &frame.reason);
        let shard = self.id.number();
        tracing::info!(shard, code = self.close_code, reason, "connection closed");
        if self.state != ShardState::Ready {
            self.line.setback();
        }
    }

    fn stream_error(&mut self, error: &ReceiveMessageError) {
        let shard = self.id.number();
        match error.kind() {
            // The library's own reading of the frame's head failed. Its text is not logged: it may hold anything.
            ReceiveMessageErrorType::Deserializing { .. } => {
                tracing::debug!(shard, "a frame could not be read and is set aside");
                let mut tally = self.tallies.tally();
                tally.heard(self.clock.now());
                tally.set_aside("frame.unreadable");
            }
            ReceiveMessageErrorType::Compression => {
                let error = error as &dyn Error;
                tracing::warn!(shard, error, "compressed frame broken, resuming");
                self.tallies.tally().set_aside("frame.compression");
            }
            _ => {
                let (gateway_url, error) = (&*self.gateway_url, error as &dyn Error);
                tracing::warn!(shard, gateway_url, error, "gateway not reached, trying again");
            }
        }
    }

    /// Notices what the connection has come to do.
    fn note_state(&mut self) {
        let state = ShardState::from(self.line.gateway.state());
        let before = std::mem::replace(&mut self.state, state);
        if state == before {
            return;
        }
        tracing::info!(shard = self.id.number(), state = state.as_str(), "connection changed");
        match state {
            ShardState::Ready => {
                self.line.setbacks = 0;
                match self.line.is_behind() {
                    true => self.desk.resuming(self.clock.now()),
                    false => self.desk.resumed(),
                }
            }
            _ => {
                self.line.disconnected();
                self.clock.connecting();
                self.desk.resuming(self.clock.now());
            }
        }
        self.tallies.tally().shard.state = state;
        if self.note_intents() {
            // The connection was given up with it.
            return self.note_state();
        }
        self.note_status();
    }

    /// Shows how the desk is doing.
    fn note_status(&self) {
        let desk = self.desk.status();
        let mut tally = self.tallies.tally();
        let shard = &mut tally.shard;
        shard.guilds = desk.guilds;
        shard.restart = desk.restart;
        shard.replaying = desk.is_away && self.state == ShardState::Resuming;
        shard.heard_until_unix_ms = desk.heard_until.map(|at| at.0);
        shard.journal_bytes = desk.journal_bytes;
        shard.checkpoint_unix_ms = desk.checkpoint_at.map(|at| at.0);
        shard.uncommitted_records = desk.uncommitted_records;
        shard.repeats = desk.repeats;
        let catch_up = desk.catch_up;
        shard.catch_up = CatchUp {
            guilds: catch_up.guilds,
            channels: catch_up.channels,
            recovered: catch_up.recovered,
            pages: catch_up.pages,
            refused: catch_up.refused,
            oldest_from_unix_ms: catch_up.oldest_from.map(|at| at.0),
            ..shard.catch_up
        };
    }

    fn closed_for_good(&self) -> BotError {
        let (shard, count) = (self.id.number(), self.id.total());
        let intents = self.line.intents().bits();
        // Source: Discord, "Opcodes and Status Codes", Gateway Close Event Codes.
        match self.close_code {
            Some(4004) => BotError::TokenRefused,
            Some(4010) => BotError::ShardRefused { shard, count },
            Some(4011) => BotError::ShardingRequired { count },
            Some(4012) => BotError::VersionRefused,
            Some(4013) => BotError::IntentsInvalid { intents },
            Some(4014) => BotError::IntentsRefused { intents },
            code => BotError::ClosedForGood { shard, code },
        }
    }

    /// Waits until all that the desk holds is durable.
    async fn commit_all(&mut self) -> Result<(), BotError> {
        let deadline = tokio::time::Instant::now() + limits::LAST_COMMIT_WAIT;
        while !self.desk.is_durable() {
            let now = self.clock.now();
            self.start_commit(now);
            let pause_ms = self.desk.commit_due(now).map_or(0, |due| due.0.saturating_sub(now.0));
            let pause = Duration::from_millis(pause_ms.max(0) as u64);
            let step = async {
                match self.commit.is_some() {
                    true => Some(under_way(&mut self.commit).await),
                    false => {
                        tokio::time::sleep(pause).await;
                        None
                    }
                }
            };
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match timeout(left, step).await {
                Ok(Some(result)) => self.committed(result)?,
                Ok(None) => {}
                Err(_) => {
                    return Err(BotError::OutboxStuck {
                        shard: self.id.number(),
                        records: self.desk.status().uncommitted_records as usize,
                        waited_ms: limits::LAST_COMMIT_WAIT.as_millis() as u64,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Whether a text of the connection's own talk is the answer to a heartbeat.
fn is_heartbeat_answer(text: &str) -> bool {
    let head = GatewayEventDeserializer::from_json(text);
    head.is_some_and(|head| head.op() == OpCode::HeartbeatAck as u8)
}

/// What is under way, or nothing for ever. May be dropped at any await: it goes on where it was.
async fn under_way<T>(future: &mut Pending<T>) -> T {
    match OptionFuture::from(future.as_mut()).await {
        Some(done) => done,
        None => pending().await,
    }
}

fn earlier(one: Option<UnixMs>, other: Option<UnixMs>) -> Option<UnixMs> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
