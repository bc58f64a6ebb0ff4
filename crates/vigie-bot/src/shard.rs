//! One shard: frames through the lens into the core, what the core makes into the outbox.
//!
//! Log-in, heartbeats, zombie detection, reconnects and resumes are twilight's, inside its stream; this loop reads the
//! texts that the stream yields. One `select!` makes one [`Event`], handled by one `match`; a commit never keeps frames
//! waiting, for at most one is under way and records gather beside it.

mod outgoing;

use std::any::Any;
use std::collections::HashSet;
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, Sleep, timeout};
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::{ReceiveMessageError, ReceiveMessageErrorType};
use twilight_gateway::{CloseFrame, Config, ConfigBuilder, Message, Shard, ShardId};
use twilight_gateway_queue::InMemoryQueue;
use vigie_core::vocabulary::{Fact, GuildId, Record, UnixMs};
use vigie_core::{Core, CoreConfig};
use vigie_relay::{Outbox, RelayError};

use crate::lens::{self, Read, SetAside};
use crate::status::{ShardState, TallyKeeper};
use crate::{BotError, limits};
use outgoing::Outgoing;

/// What one shard needs.
pub(crate) struct ShardConfig {
    pub(crate) id: ShardId,
    /// How to log in; its clones share TLS context and log-in queue.
    pub(crate) gateway: Config<InMemoryQueue>,
    /// The address in it, for people.
    pub(crate) gateway_url: String,
    pub(crate) core: CoreConfig,
    /// The name under which its records are numbered.
    pub(crate) producer: Arc<str>,
    pub(crate) outbox: Outbox,
    pub(crate) tallies: TallyKeeper,
}

/// The task of one shard.
pub(crate) struct ShardTask {
    id: ShardId,
    config: Config<InMemoryQueue>,
    gateway_url: String,
    gateway: Shard<InMemoryQueue>,
    state: ShardState,
    /// The close code last seen: what a fatal end is explained by.
    close_code: Option<u16>,
    /// Connections in a row that closed before a session stood.
    setbacks: u32,
    /// Runs while the next connection has to wait.
    rest: Option<Pin<Box<Sleep>>>,
    core: Core,
    records: Vec<Record>,
    outgoing: Outgoing,
    guilds: HashSet<GuildId>,
    tallies: TallyKeeper,
}

/// All that can wake a shard.
enum Event {
    /// We are asked to end.
    Stop,
    /// A commit has ended.
    Committed(Result<(), RelayError>),
    /// The core asked to be woken now.
    Deadline,
    /// The gateway stream yielded something.
    Frame(Frame),
}

/// What the gateway stream yields.
enum Frame {
    Message(Message),
    Error(ReceiveMessageError),
    /// The connection is closed for good.
    End,
    /// The client library panicked.
    Panic(Box<dyn Any + Send>),
}

impl ShardTask {
    pub(crate) fn new(config: ShardConfig) -> Self {
        let ShardConfig { id, gateway: config, gateway_url, core, producer, outbox, tallies } =
            config;
        Self {
            id,
            gateway: Shard::with_config(id, config.clone()),
            config,
            gateway_url,
            state: ShardState::default(),
            close_code: None,
            setbacks: 0,
            rest: None,
            core: Core::new(core),
            records: Vec::new(),
            outgoing: Outgoing::new(outbox, producer),
            guilds: HashSet::new(),
            tallies,
        }
    }

    /// Runs until `stop` is cancelled or Discord closes for good; what was counted is committed either way.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), BotError> {
        let outcome = self.hear(stop).await;
        // After an error there is no connection left, or nothing more can be kept.
        if outcome.is_ok() {
            self.close().await;
        }
        let committed = self.commit_all().await;
        self.tallies.tally().shard.state = ShardState::Stopped;
        tracing::info!(shard = self.id.number(), "shard stopped");
        outcome.and(committed)
    }

    async fn hear(&mut self, stop: CancellationToken) -> Result<(), BotError> {
        let mut stopped = pin!(stop.cancelled_owned());
        let mut alarm = Alarm::new();
        loop {
            alarm.set(self.core.next_deadline());
            let event = tokio::select! {
                biased;
                () = &mut stopped => Event::Stop,
                result = self.outgoing.commit(), if !self.outgoing.is_empty() => {
                    Event::Committed(result)
                }
                () = alarm.ring(), if alarm.is_set() => Event::Deadline,
                frame = next_frame(&mut self.gateway, &mut self.rest), if !self.outgoing.is_full() => {
                    Event::Frame(frame)
                }
            };
            match event {
                Event::Stop => return Ok(()),
                Event::Committed(result) => {
                    let shard = self.id.number();
                    result.map_err(|source| BotError::Outbox { shard, source })?;
                }
                Event::Deadline => {
                    alarm.clear();
                    self.core.wake(now(), &mut self.records);
                    self.send_records();
                }
                Event::Frame(frame) => self.frame(frame)?,
            }
        }
    }

    fn frame(&mut self, frame: Frame) -> Result<(), BotError> {
        match frame {
            Frame::Message(Message::Text(text)) => self.text(&text),
            Frame::Message(Message::Close(frame)) => self.closed(frame.as_ref()),
            Frame::Error(error) => self.stream_error(&error),
            Frame::End => return Err(self.closed_for_good()),
            Frame::Panic(panic) => self.replace_gateway(&*panic),
        }
        self.note_state();
        Ok(())
    }

    fn closed(&mut self, frame: Option<&CloseFrame<'_>>) {
        self.close_code = frame.map(|frame| frame.code);
        let reason = frame.map_or("", |frame| &frame.reason);
        tracing::info!(
            shard = self.id.number(),
            code = self.close_code,
            reason,
            "connection closed"
        );
        if self.state == ShardState::Ready {
            return;
        }
        // The library connects again at once when a connection was made but came to nothing: it would knock without end.
        if self.setbacks > 0 {
            let doublings = (self.setbacks - 1).min(limits::RECONNECT_DOUBLINGS_MAX);
            let pause = limits::RECONNECT_PAUSE * (1 << doublings);
            self.rest = Some(Box::pin(tokio::time::sleep(pause)));
        }
        self.setbacks += 1;
    }

    /// Reads one frame and hands its facts to the core.
    fn text(&mut self, text: &str) {
        let now = now();
        let read = lens::read(text);
        let mut tally = self.tallies.tally();
        if !matches!(read, Ok(Read::Control)) {
            tally.heard(now);
        }
        let facts = match read {
            Ok(Read::Control) => return tally.shard.latency_ms = latency_ms(&self.gateway),
            Ok(Read::NotCounted(reason)) | Err(SetAside { reason }) => {
                return tally.set_aside(reason);
            }
            Ok(facts) => facts,
        };
        tally.counted();
        drop(tally);
        match facts {
            Read::Fact(fact) => self.fact(now, fact),
            Read::Facts(facts) => facts.into_iter().for_each(|fact| self.fact(now, fact)),
            Read::NotCounted(_) | Read::Control => {}
        }
        self.send_records();
    }

    fn fact(&mut self, now: UnixMs, fact: Fact<'_>) {
        let known = match &fact {
            Fact::Guild(guild) if self.guilds.len() < limits::GUILDS_PER_SHARD_MAX => {
                self.guilds.insert(guild.id)
            }
            Fact::GuildRemoved(guild) => self.guilds.remove(guild),
            _ => false,
        };
        if known {
            self.tallies.tally().shard.guilds = self.guilds.len() as u32;
        }
        self.core.handle(now, fact, &mut self.records);
    }

    /// Hands what the core made to the outbox's queue.
    fn send_records(&mut self) {
        for record in self.records.drain(..) {
            if !self.outgoing.push(&record) {
                tracing::error!(
                    guild = record.guild().map(|guild| guild.0),
                    "a record is too large to be kept and is dropped"
                );
                self.tallies.tally().set_aside("record.too_large");
            }
        }
    }

    fn stream_error(&mut self, error: &ReceiveMessageError) {
        let shard = self.id.number();
        match error.kind() {
            // The library's own reading of the frame's head failed. Its text is not logged: it may hold anything.
            ReceiveMessageErrorType::Deserializing { .. } => {
                tracing::debug!(shard, "a frame could not be read and is set aside");
                let mut tally = self.tallies.tally();
                tally.heard(now());
                tally.set_aside("frame.unreadable");
            }
            ReceiveMessageErrorType::Compression => {
                tracing::warn!(
                    shard,
                    error = error as &dyn Error,
                    "compressed frame broken, resuming"
                );
                self.tallies.tally().set_aside("frame.compression");
            }
            _ => {
                let gateway_url = &*self.gateway_url;
                tracing::warn!(
                    shard,
                    gateway_url,
                    error = error as &dyn Error,
                    "gateway not reached, trying again"
                );
            }
        }
    }

    /// Notices what the connection has come to do.
    fn note_state(&mut self) {
        let state = ShardState::from(self.gateway.state());
        let before = std::mem::replace(&mut self.state, state);
        if state == before {
            return;
        }
        let shard = self.id.number();
        tracing::info!(shard, state = state.as_str(), "connection changed");
        let mut tally = self.tallies.tally();
        tally.shard.state = state;
        if state == ShardState::Ready {
            self.setbacks = 0;
        }
        if before == ShardState::Identifying && state == ShardState::Ready {
            // A new session names all its guilds anew.
            self.guilds.clear();
            tally.shard.guilds = 0;
        }
    }

    /// After a panic of the client library: a new stream that resumes the session. What was counted is untouched.
    fn replace_gateway(&mut self, panic: &(dyn Any + Send)) {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
        tracing::error!(
            shard = self.id.number(),
            words,
            "the gateway client panicked and is replaced"
        );
        let mut config = ConfigBuilder::from(self.config.clone());
        if let Some(session) = self.gateway.session() {
            config = config.session(session.clone());
        }
        self.gateway = Shard::with_config(self.id, config.build());
        self.tallies.tally().set_aside("frame.client_panic");
    }

    fn closed_for_good(&self) -> BotError {
        let (shard, count) = (self.id.number(), self.id.total());
        let intents = self.config.intents().bits();
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

    /// Closes the connection, hearing what is still on its way.
    async fn close(&mut self) {
        // A normal close ends the session and shows the bot as offline at once. (Keeping the session open for a resume
        // by the next process would need its position to be stored with what was counted; it is not yet.)
        self.gateway.close(CloseFrame::NORMAL);
        if self.gateway.state().is_identified() {
            let closing = async {
                loop {
                    match next_frame(&mut self.gateway, &mut self.rest).await {
                        Frame::Message(Message::Text(text)) => self.text(&text),
                        Frame::Error(error) => self.stream_error(&error),
                        Frame::Message(Message::Close(_)) | Frame::End | Frame::Panic(_) => return,
                    }
                }
            };
            // The answer may never come, and then the library would connect again.
            let _ = timeout(limits::CLOSE_WAIT, closing).await;
        }
    }

    /// Flushes the core and waits until all of it is durable.
    async fn commit_all(&mut self) -> Result<(), BotError> {
        self.core.flush(now(), &mut self.records);
        self.send_records();
        let shard = self.id.number();
        let committing = async {
            while !self.outgoing.is_empty() {
                self.outgoing.commit().await?;
            }
            Ok(())
        };
        match timeout(limits::LAST_COMMIT_WAIT, committing).await {
            Ok(result) => result.map_err(|source| BotError::Outbox { shard, source }),
            Err(_) => Err(BotError::OutboxStuck {
                shard,
                records: self.outgoing.len(),
                waited_ms: limits::LAST_COMMIT_WAIT.as_millis() as u64,
            }),
        }
    }
}

/// The timer of the core's deadline, which is an instant of the wall clock.
struct Alarm {
    deadline: Option<UnixMs>,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    fn new() -> Self {
        Self { deadline: None, sleep: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }

    fn set(&mut self, deadline: Option<UnixMs>) {
        if deadline == self.deadline {
            return;
        }
        self.deadline = deadline;
        if let Some(deadline) = deadline {
            let wait_ms = deadline.0.saturating_sub(now().0).max(0);
            self.sleep.as_mut().reset(Instant::now() + Duration::from_millis(wait_ms as u64));
        }
    }

    fn is_set(&self) -> bool {
        self.deadline.is_some()
    }

    /// Forgets the deadline: [`Alarm::set`] then starts the timer anew, even for the same one. It is asked for again
    /// when the wall clock was put back meanwhile.
    fn clear(&mut self) {
        self.deadline = None;
    }

    async fn ring(&mut self) {
        self.sleep.as_mut().await;
    }
}

/// The next thing that the gateway stream yields; connecting and heartbeats happen in here. May be dropped at any await.
async fn next_frame(
    gateway: &mut Shard<InMemoryQueue>,
    rest: &mut Option<Pin<Box<Sleep>>>,
) -> Frame {
    if let Some(sleep) = rest {
        sleep.as_mut().await;
        *rest = None;
    }
    // The library panics on an address that is none, and READY may name any for resumes; the shard and its counts
    // must outlive that. After a panic the stream is not used again, so that its state does not matter.
    match AssertUnwindSafe(gateway.next()).catch_unwind().await {
        Ok(Some(Ok(message))) => Frame::Message(message),
        Ok(Some(Err(error))) => Frame::Error(error),
        Ok(None) => Frame::End,
        Err(panic) => Frame::Panic(panic),
    }
}

fn latency_ms(gateway: &Shard<InMemoryQueue>) -> Option<u32> {
    let average = gateway.latency().average()?;
    u32::try_from(average.as_millis()).ok()
}

/// The wall clock. An instant before 1970 counts as 1970.
fn now() -> UnixMs {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMs(since_1970.as_millis() as i64)
}
