//! One WebSocket connection: a reader that answers the client and a writer that follows the session's log.
//!
//! Both run in one task. The reader never waits for the writer, so a client that does not read is still found dead by its
//! missing heartbeats. Source: Discord, "Gateway", Connection Lifecycle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::close_code::CloseCode;
use super::compress::{Compression, Compressor};
use super::frame::{self, Frame, opcode};
use super::identify::{Spent, bare_token};
use super::link::{Control, Link};
use super::members_request;
use super::send_limits::SlidingWindow;
use super::session::{Next, ResumeRefusal, Session};
use crate::hub::Hub;
use crate::limits::{CLIENT_PAYLOAD_BYTES_MAX, CLOSE_WAIT_MS, FRAMES_PER_BATCH, ZOMBIE_PERCENT};
use crate::sync::read;

/// What the address of the connection said.
pub(crate) struct Parameters {
    pub(crate) version: u32,
    pub(crate) compression: Compression,
    /// `ws://host:port` as the client sees it.
    pub(crate) gateway_url: String,
}

/// HELLO's `d`.
pub(crate) fn hello(heartbeat_interval_ms: u64) -> String {
    format!(
        r#"{{"heartbeat_interval":{heartbeat_interval_ms},"_trace":["[\"sim\",{{\"micros\":1}}]"]}}"#
    )
}

/// Serves one connection until it ends.
pub(crate) async fn serve(socket: WebSocket, parameters: Parameters, hub: Arc<Hub>) {
    let compressor = match Compressor::new(parameters.compression) {
        Ok(compressor) => compressor,
        Err(error) => return tracing::error!(%error, "cannot set up compression"),
    };
    let (link, control) = Link::new(hub.next_link_id(), parameters.compression.name());
    let (sink, stream) = socket.split();
    let mut writer = Writer {
        sink,
        control,
        compressor,
        link: Arc::clone(&link),
        hub: Arc::clone(&hub),
        attached: None,
        batch: Vec::with_capacity(FRAMES_PER_BATCH),
        text: String::new(),
    };
    let mut reader = Reader {
        stream,
        link: Arc::clone(&link),
        heartbeat_due: Instant::now(),
        closing: false,
        sends: SlidingWindow::sends(),
        presences: SlidingWindow::presences(),
        parameters,
        hub: Arc::clone(&hub),
    };
    tokio::select! {
        () = writer.run() => {}
        () = reader.run() => {}
        () = link.kill.cancelled() => {}
        () = hub.stop.cancelled() => {}
    }
    reader.leave();
}

struct Reader {
    stream: SplitStream<WebSocket>,
    link: Arc<Link>,
    /// When the connection ends unless the client beats (or, once closing, answers).
    heartbeat_due: Instant,
    closing: bool,
    sends: SlidingWindow,
    presences: SlidingWindow,
    parameters: Parameters,
    hub: Arc<Hub>,
}

/// What a client sends.
#[derive(Deserialize)]
struct Command<'a> {
    op: u64,
    #[serde(borrow, default)]
    d: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Resume {
    token: String,
    session_id: String,
    seq: u64,
}

impl Reader {
    async fn run(&mut self) {
        if !(9..=10).contains(&self.parameters.version) {
            self.close(CloseCode::INVALID_API_VERSION);
        } else {
            let d = hello(self.hub.config.heartbeat_interval_ms);
            self.link.send(opcode::HELLO, &d);
            self.expect_heartbeat();
        }
        loop {
            let due = tokio::time::Instant::from_std(self.heartbeat_due);
            tokio::select! {
                message = self.stream.next() => match message {
                    Some(Ok(message)) => self.on_message(message),
                    Some(Err(_)) | None => return,
                },
                () = tokio::time::sleep_until(due) => {
                    if self.closing {
                        return;
                    }
                    self.close(CloseCode::SESSION_TIMED_OUT);
                }
            }
        }
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Close(frame) => self.on_close(frame.as_ref()),
            _ if self.closing => {}
            Message::Text(text) => self.on_payload(text.as_str()),
            Message::Binary(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => self.on_payload(text),
                Err(_) => self.close(CloseCode::DECODE_ERROR),
            },
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }

    /// The client closes. Codes 1000 and 1001 end its session, unless it only answers our own close frame.
    fn on_close(&mut self, frame: Option<&CloseFrame>) {
        let ends = frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001));
        if ends
            && !self.link.is_closing()
            && let Some(session) = self.link.session()
        {
            self.hub.end_session(&session.id);
        }
        self.link.tell(Control::Detach);
        self.leave();
        self.wait_for_the_end();
    }

    fn on_payload(&mut self, text: &str) {
        if !self.sends.take(Instant::now()) {
            return self.close(CloseCode::RATE_LIMITED);
        }
        if text.len() > CLIENT_PAYLOAD_BYTES_MAX {
            return self.close(CloseCode::DECODE_ERROR);
        }
        let Ok(command) = serde_json::from_str::<Command<'_>>(text) else {
            return self.close(CloseCode::DECODE_ERROR);
        };
        let d = command.d.map_or("null", RawValue::get);
        let op = u8::try_from(command.op).unwrap_or(u8::MAX);
        match (op, self.link.session()) {
            (opcode::HEARTBEAT, session) => self.on_heartbeat(d, session.as_deref()),
            (opcode::IDENTIFY, None) => self.on_identify(d),
            (opcode::RESUME, None) => self.on_resume(d),
            (opcode::IDENTIFY | opcode::RESUME, Some(_)) => {
                self.close(CloseCode::ALREADY_AUTHENTICATED);
            }
            (
                opcode::PRESENCE_UPDATE
                | opcode::VOICE_STATE_UPDATE
                | opcode::REQUEST_GUILD_MEMBERS
                | opcode::REQUEST_SOUNDBOARD_SOUNDS
                | opcode::REQUEST_CHANNEL_INFO,
                None,
            ) => self.close(CloseCode::NOT_AUTHENTICATED),
            (opcode::PRESENCE_UPDATE, Some(_)) => self.on_presence(d),
            (opcode::REQUEST_GUILD_MEMBERS, Some(session)) => self.on_members(d, &session),
            // The simulator has no voice servers, sounds or channel statuses to answer with.
            (
                opcode::VOICE_STATE_UPDATE
                | opcode::REQUEST_SOUNDBOARD_SOUNDS
                | opcode::REQUEST_CHANNEL_INFO,
                Some(_),
            ) => {}
            _ => self.close(CloseCode::UNKNOWN_OPCODE),
        }
    }

    fn on_heartbeat(&mut self, d: &str, session: Option<&Session>) {
        let Ok(sequence) = serde_json::from_str::<Option<u64>>(d) else {
            return self.close(CloseCode::DECODE_ERROR);
        };
        let given = session.map_or(u64::MAX, |session| session.snapshot().sequence);
        if sequence.is_some_and(|sequence| sequence > given) {
            return self.close(CloseCode::INVALID_SEQUENCE);
        }
        self.expect_heartbeat();
        if self.link.acknowledges() {
            self.link.send(opcode::HEARTBEAT_ACK, "null");
        }
    }

    fn on_identify(&mut self, d: &str) {
        let identify = match self.hub.read_identify(d) {
            Ok(identify) => identify,
            Err(code) => return self.close(code),
        };
        match self.hub.spend_identify(&identify) {
            Spent::Granted => {}
            Spent::TooSoon => return self.link.invalidate(false),
            Spent::Exhausted => {
                self.hub.revoke(&identify.token);
                return self.close(CloseCode::AUTHENTICATION_FAILED);
            }
        }
        let payload_compression = identify.payload_compression;
        let session = self.hub.start_session(identify, &self.parameters);
        session.attach(&self.link);
        self.link.set_session(Some(Arc::clone(&session)));
        self.link.tell(Control::Attach { session, replay_to: None, payload_compression });
    }

    fn on_resume(&mut self, d: &str) {
        let Ok(resume) = serde_json::from_str::<Resume>(d) else {
            return self.close(CloseCode::DECODE_ERROR);
        };
        if !self.hub.accepts(bare_token(&resume.token)) {
            return self.close(CloseCode::AUTHENTICATION_FAILED);
        }
        self.hub.note_received(&resume.session_id, resume.seq);
        let session = self.hub.session(&resume.session_id);
        let Some(session) = session.filter(|s| s.token == bare_token(&resume.token)) else {
            return self.link.invalidate(false);
        };
        match session.resume(resume.seq, &self.link) {
            Ok(last) => {
                self.hub.counters.resumes.add(1);
                self.link.set_session(Some(Arc::clone(&session)));
                let replay_to = Some(last);
                self.link.tell(Control::Attach { session, replay_to, payload_compression: false });
            }
            Err(ResumeRefusal::FromTheFuture) => {
                self.hub.end_session(&session.id);
                self.close(CloseCode::INVALID_SEQUENCE);
            }
            Err(ResumeRefusal::TooLate) => {
                self.hub.end_session(&session.id);
                session.note_received(resume.seq);
                self.link.invalidate(false);
            }
        }
    }

    fn on_presence(&mut self, d: &str) {
        if !d.starts_with('{') {
            return self.close(CloseCode::DECODE_ERROR);
        }
        if !self.presences.take(Instant::now()) {
            self.hub.counters.presences_ignored.add(1);
        }
    }

    fn on_members(&mut self, d: &str, session: &Session) {
        match members_request::read(d) {
            Some(request) => members_request::answer(&self.hub, session, &request),
            None => self.close(CloseCode::DECODE_ERROR),
        }
    }

    /// Sends a close frame. Codes after which Discord does not resume end the session.
    fn close(&mut self, code: CloseCode) {
        tracing::debug!(code = code.0, "closing a gateway connection");
        if let Some(session) = self.link.session()
            && code.ends_session()
        {
            self.hub.end_session(&session.id);
        }
        self.link.close(code);
        self.leave();
        self.wait_for_the_end();
    }

    /// Gives the session back, to be resumed elsewhere.
    fn leave(&self) {
        if let Some(session) = self.link.session() {
            session.detach(self.link.id, Instant::now());
            self.link.set_session(None);
        }
    }

    fn expect_heartbeat(&mut self) {
        let wait_ms = self.hub.config.heartbeat_interval_ms * ZOMBIE_PERCENT / 100;
        self.heartbeat_due = Instant::now() + Duration::from_millis(wait_ms);
    }

    fn wait_for_the_end(&mut self) {
        self.closing = true;
        self.heartbeat_due = Instant::now() + Duration::from_millis(CLOSE_WAIT_MS);
    }
}

struct Writer {
    sink: SplitSink<WebSocket, Message>,
    control: mpsc::Receiver<Control>,
    compressor: Compressor,
    link: Arc<Link>,
    hub: Arc<Hub>,
    attached: Option<Attached>,
    batch: Vec<Frame>,
    text: String,
}

struct Attached {
    session: Arc<Session>,
    /// Until here frames are a replay, after which RESUMED is due.
    replay_to: Option<u64>,
}

impl Writer {
    /// Runs until the connection has been closed from this side. After a failed write the reader sees the end.
    async fn run(&mut self) {
        while let Ok(goes_on) = self.step().await {
            if !goes_on {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    /// One control payload, one batch, or one wait. `Ok(false)` once closed.
    async fn step(&mut self) -> Result<bool, axum::Error> {
        if let Ok(control) = self.control.try_recv() {
            return self.obey(control).await;
        }
        if self.write_frames().await? {
            return Ok(true);
        }
        let Some(session) = self.attached.as_ref().map(|attached| Arc::clone(&attached.session))
        else {
            return match self.control.recv().await {
                Some(control) => self.obey(control).await,
                None => Ok(false),
            };
        };
        tokio::select! {
            control = self.control.recv() => match control {
                Some(control) => self.obey(control).await,
                None => Ok(false),
            },
            () = session.wake.notified() => Ok(true),
        }
    }

    async fn obey(&mut self, control: Control) -> Result<bool, axum::Error> {
        match control {
            Control::Send(text) => {
                let message = self.compressor.message(&text).map_err(axum::Error::new)?;
                self.sink.send(message).await?;
            }
            Control::Attach { session, replay_to, payload_compression } => {
                self.compressor.set_payload_compression(payload_compression);
                self.attached = Some(Attached { session, replay_to });
            }
            Control::Detach => self.attached = None,
            Control::Stall(pause) => tokio::time::sleep(pause).await,
            Control::Close { code, reason } => {
                self.attached = None;
                self.link.set_closing();
                let frame = CloseFrame { code, reason: reason.into() };
                self.sink.send(Message::Close(Some(frame))).await?;
                tokio::time::sleep(Duration::from_millis(CLOSE_WAIT_MS)).await;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes one batch and what it completes (RESUMED, the bot's readiness); `false` when nothing waits.
    async fn write_frames(&mut self) -> Result<bool, axum::Error> {
        let Some(attached) = &self.attached else { return Ok(false) };
        let session = Arc::clone(&attached.session);
        let replay_to = attached.replay_to;
        let next = {
            let world = session.has_untold().then(|| read(&self.hub.world));
            let is_out = |guild| self.hub.outages.contains(guild);
            let (now, batch) = (Instant::now(), &mut self.batch);
            session.next(self.link.id, replay_to, batch, world.as_deref(), is_out, now)
        };
        match next {
            Next::Detached => {
                self.attached = None;
                // The permit may have been meant for the connection that took over.
                session.wake.notify_one();
                return Ok(true);
            }
            Next::Idle if replay_to.is_none() => {
                if session.becomes_loaded() {
                    self.hub.on_loaded(&session);
                }
                return Ok(false);
            }
            Next::Idle => self.write_resumed(replay_to.unwrap_or_default()).await?,
            Next::Frames => {
                let mut batch = std::mem::take(&mut self.batch);
                for frame in batch.drain(..) {
                    self.write_frame(&frame).await?;
                }
                self.batch = batch;
            }
        }
        self.sink.flush().await?;
        Ok(true)
    }

    async fn write_frame(&mut self, frame: &Frame) -> Result<(), axum::Error> {
        self.text.clear();
        frame::dispatch_head(&mut self.text, &frame.dispatch.name, frame.sequence);
        self.hub.write_body(&frame.dispatch.body, &mut self.text);
        self.text.push('}');
        let message = self.compressor.message(&self.text).map_err(axum::Error::new)?;
        self.sink.feed(message).await
    }

    /// RESUMED repeats the last number replayed, so that numbers stay without holes whatever is replayed later. Its `d` is
    /// an object because discord.py writes into it.
    async fn write_resumed(&mut self, sequence: u64) -> Result<(), axum::Error> {
        if let Some(attached) = &mut self.attached {
            attached.replay_to = None;
        }
        self.text.clear();
        frame::dispatch_head(&mut self.text, "RESUMED", sequence);
        self.text.push_str(r#"{"_trace":["[\"sim\",{\"micros\":1}]"]}}"#);
        let message = self.compressor.message(&self.text).map_err(axum::Error::new)?;
        self.sink.feed(message).await
    }
}
