//! The handle of one connection: what the rest of the simulator can tell it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::close_code::CloseCode;
use super::frame;
use super::session::Session;
use crate::limits::CONTROL_QUEUE_MAX;
use crate::sync::lock;

/// What a connection's writer is told.
pub(crate) enum Control {
    /// Send this text.
    Send(String),
    /// Send the session's frames from now on; after the frame of this number, send RESUMED.
    Attach { session: Arc<Session>, replay_to: Option<u64>, payload_compression: bool },
    /// Send no more frames.
    Detach,
    /// Send a close frame and end.
    Close { code: u16, reason: &'static str },
    /// Send nothing at all for a while.
    Stall(Duration),
}

/// One connection, as sessions, faults and the control door see it.
pub(crate) struct Link {
    pub(crate) id: u64,
    /// `compress=` of its address.
    pub(crate) compression: &'static str,
    control: mpsc::Sender<Control>,
    /// Ends the connection at once, without a close frame.
    pub(crate) kill: CancellationToken,
    acknowledges: AtomicBool,
    closing: AtomicBool,
    session: Mutex<Option<Arc<Session>>>,
}

impl Link {
    /// A new connection and what its writer listens to.
    pub(crate) fn new(id: u64, compression: &'static str) -> (Arc<Self>, mpsc::Receiver<Control>) {
        let (control, receiver) = mpsc::channel(CONTROL_QUEUE_MAX);
        let link = Self {
            id,
            compression,
            control,
            kill: CancellationToken::new(),
            acknowledges: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            session: Mutex::new(None),
        };
        (Arc::new(link), receiver)
    }

    /// Tells the writer; a connection whose queue is full does not read, and is dropped.
    pub(crate) fn tell(&self, control: Control) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.control.try_send(control) {
            self.kill.cancel();
        }
    }

    /// Sends a message that is no dispatch.
    pub(crate) fn send(&self, op: u8, d: &str) {
        self.tell(Control::Send(frame::control(op, d)));
    }

    /// Closes with one of the gateway's codes.
    pub(crate) fn close(&self, code: CloseCode) {
        self.tell(Control::Close { code: code.0, reason: code.reason() });
    }

    /// Op 9. The connection is as before IDENTIFY.
    pub(crate) fn invalidate(&self, resumable: bool) {
        self.set_session(None);
        self.tell(Control::Detach);
        let d = if resumable { "true" } else { "false" };
        self.send(frame::opcode::INVALID_SESSION, d);
    }

    /// The session that this connection speaks for.
    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        lock(&self.session).clone()
    }

    pub(crate) fn set_session(&self, session: Option<Arc<Session>>) {
        *lock(&self.session) = session;
    }

    /// Whether heartbeats are answered.
    pub(crate) fn acknowledges(&self) -> bool {
        self.acknowledges.load(Ordering::Relaxed)
    }

    /// Fault: leave heartbeats unanswered from now on.
    pub(crate) fn stop_acknowledging(&self) {
        self.acknowledges.store(false, Ordering::Relaxed);
    }

    /// Whether the simulator itself has sent a close frame: the client's answer then says nothing about the session.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    pub(crate) fn set_closing(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}
