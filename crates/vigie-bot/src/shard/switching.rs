//! What a shard does when something is switched on or off.

use std::sync::Arc;

use tokio::sync::watch;

use super::ShardTask;
use crate::intents::intents;
use crate::status::ShardState;
use crate::switches::Switches;

impl ShardTask {
    /// Something was switched on or off: what is off is dropped from now on.
    pub(super) fn switched(&mut self) {
        let off = Arc::clone(&self.switches.borrow_and_update());
        self.desk.switch(self.clock.now(), &off);
        self.note_intents();
        self.note_state();
        self.note_status();
    }

    /// Recomputes the intents before a log-in: where there is neither a connection nor a session to resume. A session that was opened
    /// without what is wanted now is given up with its connection: it would never tell it. `true` when there is a new connection to make.
    pub(super) fn note_intents(&mut self) -> bool {
        let wanted = intents(self.collect, &self.switches.borrow());
        if wanted == self.line.intents() {
            return false;
        }
        let has_session = self.line.gateway.session().is_some();
        let lacks = self.desk.session_intents().is_some_and(|has| wanted.bits() & !has != 0);
        let is_due = match self.state {
            ShardState::Connecting => !has_session || lacks,
            ShardState::Ready => lacks,
            ShardState::Identifying | ShardState::Resuming | ShardState::Stopped => false,
        };
        if is_due {
            let shard = self.id.number();
            tracing::info!(shard, intents = wanted.bits(), "logging in anew with other intents");
            self.line.log_in_with(wanted);
            self.desk.opens_with(wanted.bits());
        }
        is_due
    }
}

/// Waits until something is switched on or off; for ever once nobody can do that any more.
pub(super) async fn change(switches: &mut watch::Receiver<Arc<Switches>>) {
    if switches.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
