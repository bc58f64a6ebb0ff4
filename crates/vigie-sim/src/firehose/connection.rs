//! One connection of the firehose.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::Reservoir;
use super::append;
use super::hoard::Conversation;
use crate::gateway::close_code::CloseCode;
use crate::gateway::compress::Compression;
use crate::gateway::frame::{self, opcode};
use crate::limits::{CLOSE_WAIT_MS, CONTROL_QUEUE_MAX};

/// Bytes gathered before they are given to the socket.
pub(crate) const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// What the reader tells the writer.
enum Order {
    /// Send everything to this shard.
    Stream(u32),
    /// Answer a heartbeat, once the stream has ended.
    Acknowledge,
    /// Op 9 `false`: there is nothing to resume here.
    Invalidate,
    Close(CloseCode),
}

/// Serves one connection until the client leaves.
pub(crate) async fn serve(
    socket: WebSocket,
    compression: Compression,
    conversations: Arc<Vec<Conversation>>,
    reservoir: Arc<Reservoir>,
) {
    let (orders, queue) = mpsc::channel(CONTROL_QUEUE_MAX);
    let (sink, stream) = socket.split();
    let mut writer = Writer { sink, queue, compression, conversations };
    tokio::select! {
        _ = writer.run(&reservoir) => {}
        () = listen(stream, orders, reservoir.config.shards) => {}
        () = reservoir.stop.cancelled() => {}
    }
}

#[derive(Deserialize)]
struct Command {
    op: u8,
    #[serde(default)]
    d: serde_json::Value,
}

/// Reads until the client is gone. A client that sends more than the queue holds is not read on.
async fn listen(mut stream: SplitStream<WebSocket>, orders: mpsc::Sender<Order>, shards: u32) {
    while let Some(Ok(message)) = stream.next().await {
        let Ok(text) = message.to_text() else { continue };
        let Ok(command) = serde_json::from_str::<Command>(text) else { continue };
        let order = match command.op {
            opcode::HEARTBEAT => Order::Acknowledge,
            opcode::IDENTIFY => read_shard(&command.d, shards),
            opcode::RESUME => Order::Invalidate,
            _ => continue,
        };
        if orders.send(order).await.is_err() {
            return;
        }
    }
}

fn read_shard(identify: &serde_json::Value, shards: u32) -> Order {
    let (id, count) = match &identify["shard"] {
        serde_json::Value::Null => (Some(0), Some(1)),
        shard => (shard[0].as_u64(), shard[1].as_u64()),
    };
    match id {
        Some(id) if count == Some(u64::from(shards)) && id < u64::from(shards) => {
            Order::Stream(id as u32)
        }
        _ => Order::Close(CloseCode::INVALID_SHARD),
    }
}

struct Writer {
    sink: SplitSink<WebSocket, Message>,
    queue: mpsc::Receiver<Order>,
    compression: Compression,
    conversations: Arc<Vec<Conversation>>,
}

impl Writer {
    async fn run(&mut self, reservoir: &Reservoir) -> Result<(), axum::Error> {
        let conversations = Arc::clone(&self.conversations);
        let Some(first) = conversations.first() else {
            return self.close(CloseCode::UNKNOWN_ERROR).await;
        };
        // HELLO is the same for every shard.
        self.feed(first, 0).await?;
        self.sink.flush().await?;
        // Before the stream nothing may stand between HELLO and it: heartbeats wait.
        let (mut owed, mut appended) = (0, false);
        let shard = loop {
            match self.queue.recv().await {
                Some(Order::Stream(_)) if appended => {
                    return self.close(CloseCode::UNKNOWN_ERROR).await;
                }
                Some(Order::Stream(shard)) => break shard,
                Some(Order::Acknowledge) => owed += 1,
                Some(Order::Invalidate) => {
                    appended = self.compression != Compression::Plain;
                    self.append(opcode::INVALID_SESSION, "false").await?;
                }
                Some(Order::Close(code)) => return self.close(code).await,
                None => return Ok(()),
            }
        };
        let conversation = &conversations[shard as usize];
        for index in 1..conversation.len() {
            self.feed(conversation, index).await?;
        }
        self.sink.flush().await?;
        reservoir.streamed.send_modify(|count| *count += 1);
        for _ in 0..owed {
            self.append(opcode::HEARTBEAT_ACK, "null").await?;
        }
        self.after_the_stream().await
    }

    async fn after_the_stream(&mut self) -> Result<(), axum::Error> {
        while let Some(order) = self.queue.recv().await {
            match order {
                Order::Acknowledge => self.append(opcode::HEARTBEAT_ACK, "null").await?,
                Order::Invalidate => self.append(opcode::INVALID_SESSION, "false").await?,
                Order::Stream(_) => return self.close(CloseCode::ALREADY_AUTHENTICATED).await,
                Order::Close(code) => return self.close(code).await,
            }
        }
        Ok(())
    }

    async fn feed(&mut self, conversation: &Conversation, index: usize) -> Result<(), axum::Error> {
        let bytes = conversation.message(index);
        let message = match self.compression {
            Compression::Plain => {
                Message::Text(Utf8Bytes::try_from(bytes).map_err(axum::Error::new)?)
            }
            Compression::Zlib | Compression::Zstd => Message::Binary(bytes),
        };
        self.sink.feed(message).await
    }

    async fn append(&mut self, op: u8, d: &str) -> Result<(), axum::Error> {
        self.sink.send(append::message(self.compression, &frame::control(op, d))).await
    }

    async fn close(&mut self, code: CloseCode) -> Result<(), axum::Error> {
        let frame = CloseFrame { code: code.0, reason: code.reason().into() };
        self.sink.send(Message::Close(Some(frame))).await?;
        tokio::time::sleep(Duration::from_millis(CLOSE_WAIT_MS)).await;
        Ok(())
    }
}
