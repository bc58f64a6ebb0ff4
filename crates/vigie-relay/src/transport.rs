//! How a delivery reaches the consumer. Today within one process; between machines the same words will hold.
//!
//! A delivery is answered exactly once: [`Ack::done`] after the far side has committed it, [`Ack::retry`] when it could
//! not. An [`Ack`] that is dropped (a consumer that died) counts as a retry, so nothing hangs.

mod in_process;

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

pub use in_process::{Publisher, Subscriber, in_process};

/// Entries of one producer's lane that follow each other.
#[derive(Debug)]
pub struct Delivery {
    /// Who made them.
    pub producer: Arc<str>,
    /// Their lane; 0 is urgent.
    pub lane: u8,
    /// Number and bytes of each, ascending, with gaps where no entry stands (any more). Never empty.
    pub entries: Vec<(u64, Bytes)>,
    /// How to answer.
    pub ack: Ack,
}

/// The answer to a delivery. Dropping it asks for the delivery to be repeated.
#[derive(Debug)]
#[must_use = "a dropped answer means: deliver again"]
pub struct Ack {
    answer: oneshot::Sender<Answer>,
}

impl Ack {
    /// The entries are committed on the far side: the outbox may forget them.
    pub fn done(self) {
        // The sender may have stopped waiting; it will deliver again, and the repeat is known by its numbers.
        let _ = self.answer.send(Answer::Done);
    }

    /// The entries could not be taken now: deliver them again after a pause. `reason` goes to the log.
    pub fn retry(self, reason: String) {
        let _ = self.answer.send(Answer::Retry(reason));
    }
}

/// What became of a delivery.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Committed on the far side.
    Done,
    /// Not taken, with the reason.
    Retry(String),
}

/// The delivering side's end of an [`Ack`].
#[derive(Debug)]
pub struct Answered {
    answer: oneshot::Receiver<Answer>,
}

impl Answered {
    /// Waits for the answer; an `Ack` that was dropped is a retry.
    pub async fn wait(self) -> Answer {
        let dropped = "the delivery was dropped unanswered";
        self.answer.await.unwrap_or_else(|_| Answer::Retry(dropped.to_owned()))
    }
}

/// A fresh answer and the place where it arrives: for whoever makes deliveries.
pub fn ack() -> (Ack, Answered) {
    let (answer, answered) = oneshot::channel();
    (Ack { answer }, Answered { answer: answered })
}
