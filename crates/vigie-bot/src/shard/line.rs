//! The line to the gateway: the client library's stream, with its traps walled off.
//!
//! Log-in, heartbeats, zombie detection, reconnects and resumes are the library's, inside its stream.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Sleep, timeout};
use twilight_gateway::error::ReceiveMessageError;
use twilight_gateway::{
    CloseFrame, Config, ConfigBuilder, Intents, Message, Session, Shard, ShardId,
};
use twilight_gateway_queue::InMemoryQueue;
use vigie_wire::journal::GatewaySession;

use crate::{address, limits};

/// One gateway connection after the other.
pub(super) struct Line {
    id: ShardId,
    config: Config<InMemoryQueue>,
    pub(super) gateway: Shard<InMemoryQueue>,
    /// Connections in a row that closed before a session stood.
    pub(super) setbacks: u32,
    /// Runs while the next connection has to wait.
    rest: Option<Pin<Box<Sleep>>>,
    /// Whether nothing is read for now.
    is_held: bool,
    /// Set since reading was held, while old words may still wait in the socket: how many answers to heartbeats wait there too.
    behind: Option<u32>,
}

/// What the gateway stream yields.
pub(super) enum Frame {
    Message(Message),
    Error(ReceiveMessageError),
    /// The connection is closed for good.
    End,
    /// The client library panicked.
    Panic(Box<dyn Any + Send>),
}

impl Line {
    /// A line that will resume `session`, if there is one.
    pub(super) fn new(
        id: ShardId,
        config: Config<InMemoryQueue>,
        session: Option<GatewaySession>,
    ) -> Self {
        let mut builder = ConfigBuilder::from(config.clone());
        if let Some(session) = session {
            // What was written there may be anything; without it the gateway's own address is asked.
            if let Ok(url) = address::gateway("the resume address kept", &session.resume_url) {
                builder = builder.resume_url(url);
            }
            builder = builder.session(Session::new(session.sequence, session.id));
        }
        let gateway = Shard::with_config(id, builder.build());
        Self { id, config, gateway, setbacks: 0, rest: None, is_held: false, behind: None }
    }

    /// The next thing that the stream yields; connecting and heartbeats happen in here. May be dropped at any await.
    pub(super) async fn next(&mut self) -> Frame {
        if let Some(sleep) = &mut self.rest {
            sleep.as_mut().await;
            self.rest = None;
        }
        // The library panics on an address that is none, and READY may name any for resumes; the shard and its counts
        // must outlive that. After a panic the stream is not used again, so that its state does not matter.
        match AssertUnwindSafe(self.gateway.next()).catch_unwind().await {
            Ok(Some(Ok(message))) => Frame::Message(message),
            Ok(Some(Err(error))) => Frame::Error(error),
            Ok(None) => Frame::End,
            Err(panic) => Frame::Panic(panic),
        }
    }

    /// Nothing is read, or is read again: what Discord says meanwhile waits in the socket, and is old when it is read.
    pub(super) fn hold(&mut self, holds: bool) {
        if holds && !self.is_held {
            let latency = self.gateway.latency();
            let is_awaited = latency.sent().is_some() && latency.received().is_none();
            let behind = self.behind.map_or(u32::from(is_awaited), |awaited| awaited + 1);
            self.behind = Some(behind);
        }
        self.is_held = holds;
    }

    /// Whether old words may wait in the socket.
    pub(super) fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    /// An answer to a heartbeat was read; `true` when it is the first to one sent since reading was held: everything that waited
    /// stood before it.
    pub(super) fn answered(&mut self) -> bool {
        match &mut self.behind {
            Some(0) => self.behind.take().is_some(),
            Some(awaited) => {
                *awaited -= 1;
                false
            }
            None => false,
        }
    }

    /// The connection is another one, or none: nothing waits in it.
    pub(super) fn disconnected(&mut self) {
        self.behind = None;
    }

    /// A connection closed before a session stood. The library connects again at once when a connection was made but came
    /// to nothing: it would knock without end.
    pub(super) fn setback(&mut self) {
        if self.setbacks > 0 {
            let doublings = (self.setbacks - 1).min(limits::RECONNECT_DOUBLINGS_MAX);
            let pause = limits::RECONNECT_PAUSE * (1 << doublings);
            self.rest = Some(Box::pin(tokio::time::sleep(pause)));
        }
        self.setbacks += 1;
    }

    /// The intents of the next log-in, which takes place when there is no session to resume.
    pub(super) fn intents(&self) -> Intents {
        self.config.intents()
    }

    /// Connects anew, without a session, and logs in with these intents.
    pub(super) fn log_in_with(&mut self, intents: Intents) {
        let old = &self.config;
        // The library has no way to change them: everything else is taken over, the queue that spaces log-ins above all.
        let mut builder =
            ConfigBuilder::new(old.token().to_owned(), intents).queue(old.queue().clone());
        if let Some(url) = old.proxy_url() {
            builder = builder.proxy_url(url.to_owned());
        }
        if let Some(properties) = old.identify_properties() {
            builder = builder.identify_properties(properties.clone());
        }
        if let Some(presence) = old.presence() {
            builder = builder.presence(presence.clone());
        }
        self.config = builder.build();
        self.gateway = Shard::with_config(self.id, self.config.clone());
    }

    /// After a panic of the client library: a new stream that resumes the session behind `sequence`, the last that was handled.
    pub(super) fn replace(&mut self, sequence: u64) {
        let mut config = ConfigBuilder::from(self.config.clone());
        if let Some(session) = self.gateway.session() {
            config = config.session(Session::new(sequence, session.id().to_owned()));
        }
        self.gateway = Shard::with_config(self.id, config.build());
    }

    /// Milliseconds between a heartbeat and its answer.
    pub(super) fn latency_ms(&self) -> Option<u32> {
        let average = self.gateway.latency().average()?;
        u32::try_from(average.as_millis()).ok()
    }

    /// Closes the connection so that the session stays, for the next process to resume. What still arrives is not
    /// acknowledged anywhere: the resume brings it again.
    pub(super) async fn close(&mut self) {
        self.gateway.close(CloseFrame::RESUME);
        if !self.gateway.state().is_identified() {
            return;
        }
        let closing = async {
            while let Frame::Message(Message::Text(_)) | Frame::Error(_) = self.next().await {}
        };
        // The answer may never come, and then the library would connect again.
        let _ = timeout(limits::CLOSE_WAIT, closing).await;
    }
}
