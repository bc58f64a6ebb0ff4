//! The live signal: which servers have new data. It tells *that* something changed, never what.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::sse::Event;
use futures_util::Stream;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::GuildId;

use crate::limits;
use crate::types::status::Changed;

/// Counts the changes of each server since the start.
pub struct Versions {
    sender: broadcast::Sender<GuildId>,
    counted: Mutex<Counted>,
    streams: Arc<Semaphore>,
}

struct Counted {
    receiver: broadcast::Receiver<GuildId>,
    guilds: HashMap<GuildId, u64>,
    /// Signals lost because too many came at once: each loss counts as a change of every server.
    losses: u64,
    all: u64,
}

impl Versions {
    /// Listens to a channel on which the ingest names each server whose data it has committed.
    pub fn new(sender: broadcast::Sender<GuildId>) -> Self {
        let receiver = sender.subscribe();
        let counted = Counted { receiver, guilds: HashMap::new(), losses: 0, all: 0 };
        Self {
            sender,
            counted: Mutex::new(counted),
            streams: Arc::new(Semaphore::new(limits::LIVE_STREAMS_MAX)),
        }
    }

    /// How often the data of a server has changed.
    pub fn of(&self, guild: GuildId) -> u64 {
        self.caught_up(|counted| {
            counted.guilds.get(&guild).copied().unwrap_or_default() + counted.losses
        })
    }

    /// How often the data of any server has changed.
    pub fn of_all(&self) -> u64 {
        self.caught_up(|counted| counted.all + counted.losses)
    }

    /// The signals of one server until `end`, at most one per [`limits::LIVE_INTERVAL`]; `None` when too many streams are
    /// open. A client that comes back (with the last id it saw) is told at once what it missed.
    pub fn stream(
        self: &Arc<Self>,
        guild: GuildId,
        last_seen: Option<u64>,
        end: CancellationToken,
    ) -> Option<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let permit = Arc::clone(&self.streams).try_acquire_owned().ok()?;
        let listener = Listener {
            receiver: self.sender.subscribe(),
            versions: Arc::clone(self),
            guild,
            missed: last_seen.is_some_and(|seen| seen != self.of(guild)),
            not_before: Instant::now(),
            end,
            _permit: permit,
        };
        Some(futures_util::stream::unfold(listener, async |mut listener| {
            let version = listener.next().await?;
            Some((Ok(event(version)), listener))
        }))
    }

    /// Counts the signals that have come since the last look, then answers.
    fn caught_up<T>(&self, answer: impl FnOnce(&Counted) -> T) -> T {
        // The counters are consistent after each step, so a panic elsewhere leaves nothing half done.
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match counted.receiver.try_recv() {
                Ok(guild) => {
                    *counted.guilds.entry(guild).or_default() += 1;
                    counted.all += 1;
                }
                Err(TryRecvError::Lagged(_)) => counted.losses += 1,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return answer(&counted),
            }
        }
    }
}

/// One open stream.
struct Listener {
    receiver: broadcast::Receiver<GuildId>,
    versions: Arc<Versions>,
    guild: GuildId,
    missed: bool,
    not_before: Instant,
    end: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    /// Waits for a change, and for the interval since the last signal; `None` at the end.
    async fn next(&mut self) -> Option<u64> {
        let end = self.end.clone();
        let changed = async {
            if !std::mem::take(&mut self.missed) {
                self.changed().await?;
            }
            tokio::time::sleep_until(self.not_before).await;
            Some(())
        };
        tokio::select! {
            changed = changed => changed?,
            () = end.cancelled() => return None,
        }
        // Everything that came while waiting is told by this signal.
        self.receiver = self.receiver.resubscribe();
        self.not_before = Instant::now() + limits::LIVE_INTERVAL;
        Some(self.versions.of(self.guild))
    }

    async fn changed(&mut self) -> Option<()> {
        loop {
            match self.receiver.recv().await {
                Ok(guild) if guild == self.guild => return Some(()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn event(version: u64) -> Event {
    let families =
        vec!["activity", "voice", "coverage", "members", "moderation", "invites", "guilds"];
    let data = Changed { families, version };
    let text = serde_json::to_string(&data).expect("words and numbers always serialise");
    Event::default().event("changed").id(version.to_string()).data(text)
}
