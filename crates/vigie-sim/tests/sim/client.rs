//! A gateway client that says exactly what a test tells it to, and shows exactly what comes back.

use std::time::Duration;

use flate2::{Decompress, FlushDecompress};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use vigie_sim::Simulator;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// GUILDS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS.
pub const BASE: u64 = 1 | 1 << 9 | 1 << 10;
/// [`BASE`] and MESSAGE_CONTENT.
pub const WITH_CONTENT: u64 = BASE | 1 << 15;

pub struct Client {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    inflate: Inflate,
}

enum Inflate {
    None,
    Zlib(Decompress),
    Zstd(Decoder<'static>),
}

/// What came.
#[derive(Debug)]
pub enum Got {
    Payload(Value),
    Closed(Option<u16>),
}

/// What a session needs to be resumed.
#[derive(Clone, Debug)]
pub struct Resumable {
    pub token: String,
    pub session_id: String,
    pub url: String,
    pub sequence: u64,
}

impl Client {
    /// Connects and takes HELLO.
    pub async fn connect(simulator: &Simulator) -> Self {
        Self::connect_to(&simulator.gateway_url(), "").await
    }

    pub async fn connect_to(gateway_url: &str, compress: &str) -> Self {
        let mut client =
            Self::open(&format!("{gateway_url}/?v=10&encoding=json&compress={compress}")).await;
        let hello = client.payload().await;
        assert_eq!(
            (&hello["op"], &hello["t"], &hello["s"]),
            (&json!(10), &Value::Null, &Value::Null)
        );
        assert!(hello["d"]["heartbeat_interval"].as_u64().unwrap() > 0);
        client
    }

    /// Connects to exactly this address and takes nothing.
    pub async fn open(url: &str) -> Self {
        let (stream, _) = connect_async(url).await.unwrap();
        let inflate = match url {
            _ if url.ends_with("zlib-stream") => Inflate::Zlib(Decompress::new(true)),
            _ if url.ends_with("zstd-stream") => Inflate::Zstd(Decoder::new().unwrap()),
            _ => Inflate::None,
        };
        Self { stream, inflate }
    }

    pub async fn send(&mut self, op: u64, d: Value) {
        self.send_text(&json!({ "op": op, "d": d }).to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub async fn identify(&mut self, intents: u64) {
        self.identify_as("any", intents, [0, 1]).await;
    }

    pub async fn identify_as(&mut self, token: &str, intents: u64, shard: [u32; 2]) {
        self.send(2, identify(token, intents, shard)).await;
    }

    pub async fn resume(&mut self, session: &Resumable) {
        let Resumable { token, session_id, sequence, .. } = session;
        self.send(6, json!({ "token": token, "session_id": session_id, "seq": sequence })).await;
    }

    /// What comes next, control payloads included.
    pub async fn next(&mut self) -> Got {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("silence");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Got::Payload(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Binary(bytes))) => {
                    return Got::Payload(self.inflate.payload(&bytes));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Got::Closed(frame.map(|CloseFrame { code, .. }| code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Got::Closed(None),
            }
        }
    }

    /// The bytes of the next message, as they came.
    pub async fn raw(&mut self) -> Vec<u8> {
        let message = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("silence");
        message.unwrap().unwrap().into_data().to_vec()
    }

    pub async fn payload(&mut self) -> Value {
        match self.next().await {
            Got::Payload(payload) => payload,
            Got::Closed(code) => panic!("closed with {code:?}"),
        }
    }

    /// Everything up to and including the dispatch of this name.
    pub async fn until(&mut self, name: &str) -> Vec<Value> {
        let mut payloads = Vec::new();
        loop {
            let payload = self.payload().await;
            let found = payload["t"] == name;
            payloads.push(payload);
            if found {
                return payloads;
            }
        }
    }

    /// The close code; payloads before it are passed over.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Got::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// Closes with a code, as a client does.
    pub async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.stream.close(Some(frame)).await.unwrap();
    }

    /// READY and every GUILD_CREATE.
    pub async fn log_in(&mut self, intents: u64) -> (Resumable, Vec<Value>) {
        self.identify(intents).await;
        let mut ready = self.payload().await;
        assert_eq!((&ready["t"], &ready["s"]), (&json!("READY"), &json!(1)));
        let mut guilds = Vec::new();
        for _ in ready["d"]["guilds"].as_array().unwrap() {
            let guild = self.payload().await;
            assert_eq!(guild["t"], "GUILD_CREATE");
            guilds.push(guild);
        }
        let session = Resumable {
            token: "any".to_owned(),
            session_id: ready["d"]["session_id"].as_str().unwrap().to_owned(),
            url: ready["d"]["resume_gateway_url"].as_str().unwrap().to_owned(),
            sequence: 1 + guilds.len() as u64,
        };
        guilds.insert(0, ready.take());
        (session, guilds)
    }
}

impl Inflate {
    /// Every WebSocket message is one gateway message.
    fn payload(&mut self, bytes: &[u8]) -> Value {
        let mut text = vec![0; bytes.len() * 200 + 65_536];
        let written = match self {
            Self::None => panic!("binary without compression"),
            Self::Zlib(inflate) => {
                assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]));
                let before = inflate.total_out();
                inflate.decompress(bytes, &mut text, FlushDecompress::Sync).unwrap();
                (inflate.total_out() - before) as usize
            }
            Self::Zstd(decoder) => {
                let mut source = InBuffer::around(bytes);
                let mut target = OutBuffer::around(&mut text[..]);
                while source.pos() < bytes.len() {
                    decoder.run(&mut source, &mut target).unwrap();
                }
                target.pos()
            }
        };
        serde_json::from_slice(&text[..written]).unwrap()
    }
}

pub fn identify(token: &str, intents: u64, shard: [u32; 2]) -> Value {
    json!({
        "token": token,
        "properties": { "os": "linux", "browser": "test", "device": "test" },
        "intents": intents,
        "shard": shard,
    })
}

/// The numbers of dispatches, in the order in which they came.
pub fn numbers(payloads: &[Value]) -> Vec<u64> {
    payloads.iter().filter(|p| p["op"] == 0).map(|p| p["s"].as_u64().unwrap()).collect()
}
