//! The transport within one process: two bounded queues, one for the urgent lane and one for all others.

use tokio::sync::mpsc;

use super::Delivery;
use crate::limits::URGENT_RUN_MAX;
use crate::{RelayError, URGENT_LANE};

/// A transport within this process. At most `capacity` deliveries wait on the urgent lane and as many on the others
/// together (at least one each); a full queue makes the publisher wait.
pub fn in_process(capacity: usize) -> (Publisher, Subscriber) {
    let (urgent, urgent_out) = mpsc::channel(capacity.max(1));
    let (other, other_out) = mpsc::channel(capacity.max(1));
    let subscriber = Subscriber { urgent: urgent_out, other: other_out, urgent_run: 0 };
    (Publisher { urgent, other }, subscriber)
}

/// The end that the [`Sender`](crate::Sender) publishes into.
#[derive(Clone, Debug)]
pub struct Publisher {
    urgent: mpsc::Sender<Delivery>,
    other: mpsc::Sender<Delivery>,
}

impl Publisher {
    /// Hands a delivery over, waiting while its queue is full.
    ///
    /// # Errors
    /// `TransportClosed` when nobody receives any more.
    pub async fn publish(&self, delivery: Delivery) -> Result<(), RelayError> {
        let queue = if delivery.lane == URGENT_LANE { &self.urgent } else { &self.other };
        queue.send(delivery).await.map_err(|_| RelayError::TransportClosed)
    }
}

/// The end that the consumer takes deliveries from.
#[derive(Debug)]
pub struct Subscriber {
    urgent: mpsc::Receiver<Delivery>,
    other: mpsc::Receiver<Delivery>,
    /// Urgent deliveries handed out since the last of another lane.
    urgent_run: u32,
}

impl Subscriber {
    /// The next delivery, urgent ones first; `None` once every publisher is gone and nothing is left. Safe to drop
    /// while waiting: no delivery is lost.
    pub async fn next(&mut self) -> Option<Delivery> {
        if let Some(delivery) = self.try_next() {
            return Some(delivery);
        }
        let taken = tokio::select! {
            biased;
            Some(delivery) = self.urgent.recv() => Some(delivery),
            Some(delivery) = self.other.recv() => Some(delivery),
            else => None,
        };
        taken.inspect(|delivery| self.count_run(delivery.lane))
    }

    /// A delivery that is already waiting, urgent ones first; `None` when there is none.
    pub fn try_next(&mut self) -> Option<Delivery> {
        let others_turn = self.urgent_run >= URGENT_RUN_MAX;
        let taken = if others_turn {
            self.other.try_recv().or_else(|_| self.urgent.try_recv())
        } else {
            self.urgent.try_recv().or_else(|_| self.other.try_recv())
        };
        taken.ok().inspect(|delivery| self.count_run(delivery.lane))
    }

    fn count_run(&mut self, lane: u8) {
        self.urgent_run = if lane == URGENT_LANE { self.urgent_run.saturating_add(1) } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Answer, ack};

    fn delivery(lane: u8, number: u64) -> Delivery {
        let (ack, _) = ack();
        Delivery { producer: "bot/0".into(), lane, entries: vec![(number, "x".into())], ack }
    }

    #[tokio::test]
    async fn urgent_first_but_others_get_their_turn() {
        let (publisher, mut subscriber) = in_process(100);
        publisher.publish(delivery(1, 1)).await.unwrap();
        for number in 1..=40 {
            publisher.publish(delivery(0, number)).await.unwrap();
        }
        let mut before_other = 0;
        while subscriber.next().await.unwrap().lane == URGENT_LANE {
            before_other += 1;
        }
        assert_eq!(before_other, URGENT_RUN_MAX);
    }

    #[tokio::test]
    async fn ends_when_the_publishers_are_gone_and_all_is_taken() {
        let (publisher, mut subscriber) = in_process(4);
        publisher.publish(delivery(1, 1)).await.unwrap();
        drop(publisher);
        assert!(subscriber.next().await.is_some());
        assert!(subscriber.next().await.is_none());
    }

    #[tokio::test]
    async fn a_dropped_answer_is_a_retry() {
        let (ack, answered) = ack();
        drop(ack);
        assert!(matches!(answered.wait().await, Answer::Retry(_)));
    }

    #[tokio::test]
    async fn publishing_to_nobody_says_so() {
        let (publisher, subscriber) = in_process(4);
        drop(subscriber);
        let refused = publisher.publish(delivery(0, 1)).await;
        assert!(matches!(refused, Err(RelayError::TransportClosed)));
    }
}
