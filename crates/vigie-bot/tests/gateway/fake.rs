//! A Discord of a few lines: `GET /gateway/bot`, and a gateway whose every word the test speaks itself.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// The token it accepts.
pub const TOKEN: &str = "a-token.for.tests";

/// A listening server.
pub struct Fake {
    pub address: SocketAddr,
    /// What `GET /gateway/bot` answers.
    pub info: Arc<Mutex<Value>>,
    /// The `Date` header of its answers, where it is not the true one.
    pub date: Arc<Mutex<Option<String>>>,
    /// What its HTTP API knows of channels, and what it was asked.
    pub history: Arc<Mutex<HistoryBook>>,
    /// What its HTTP API answers about guilds, and what it was asked.
    pub guilds: Arc<Mutex<GuildBook>>,
    connections: mpsc::UnboundedReceiver<Connection>,
}

/// The messages that `GET /channels/{id}/messages` gives.
#[derive(Default)]
pub struct HistoryBook {
    /// By channel, oldest first.
    pub messages: BTreeMap<u64, Vec<(u64, Value)>>,
    /// Answers given instead of the next ones: status and body.
    pub instead: VecDeque<(u16, Value)>,
    /// Every request: channel and query.
    pub asked: Vec<(u64, String)>,
}

/// The answers to `GET /guilds/{guild}/…`.
#[derive(Default)]
pub struct GuildBook {
    /// By path, as far as the question mark: status and body. 404 where there is none.
    pub answers: BTreeMap<String, (u16, Value)>,
    /// Every request: path and query.
    pub asked: Vec<String>,
}

/// One gateway connection, in the hands of the test. Dropping it cuts the line without a close frame.
pub struct Connection {
    /// What the client asked for: path and query.
    pub uri: String,
    to_client: mpsc::UnboundedSender<Message>,
    from_client: mpsc::UnboundedReceiver<Value>,
    sequence: u64,
    /// How many sessions the server has begun.
    sessions: Arc<AtomicU64>,
}

/// A word between a connection and its task, never sent.
const STALL: &[u8] = b"stall";

struct Stalled(#[expect(dead_code, reason = "held until dropped")] Connection);

impl Drop for Stalled {
    fn drop(&mut self) {}
}

#[derive(Clone)]
struct Shared {
    info: Arc<Mutex<Value>>,
    date: Arc<Mutex<Option<String>>>,
    history: Arc<Mutex<HistoryBook>>,
    guilds: Arc<Mutex<GuildBook>>,
    sessions: Arc<AtomicU64>,
    connections: mpsc::UnboundedSender<Connection>,
}

impl Fake {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let info = Arc::new(Mutex::new(json!({
            "url": format!("ws://{address}"),
            "shards": 1,
            "session_start_limit": {
                "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 16,
            },
        })));
        let (sender, connections) = mpsc::unbounded_channel();
        let history = Arc::new(Mutex::new(HistoryBook::default()));
        let date = Arc::default();
        let guilds = Arc::default();
        let shared = Shared {
            info: Arc::clone(&info),
            date: Arc::clone(&date),
            history: Arc::clone(&history),
            guilds: Arc::clone(&guilds),
            sessions: Arc::default(),
            connections: sender,
        };
        let router = Router::new()
            .route("/api/v10/gateway/bot", get(gateway_bot))
            .route("/api/v10/channels/{channel}/messages", get(messages))
            .route("/api/v10/guilds/{guild}/{what}", get(guild))
            .route("/", any(gateway))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, info, date, history, guilds, connections }
    }

    /// The base address of its HTTP API.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of its gateway.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The next gateway connection.
    pub async fn connection(&mut self) -> Connection {
        self.connections.recv().await.expect("the server runs")
    }

    /// The next gateway connection, greeted and logged in, with what it sent to log in.
    pub async fn logged_in(&mut self) -> (Connection, Value) {
        let mut connection = self.connection().await;
        connection.hello(45_000);
        let identify = connection.heard(2).await;
        connection.ready(&self.gateway_url());
        (connection, identify)
    }
}

impl Connection {
    /// HELLO.
    pub fn hello(&self, heartbeat_interval_ms: u32) {
        self.say(&json!({"t": null, "s": null, "op": 10, "d": {"heartbeat_interval": heartbeat_interval_ms}}));
    }

    /// READY without guilds: a session of its own, "session-1" for the first.
    pub fn ready(&mut self, resume_url: &str) {
        self.ready_with(resume_url, &[]);
    }

    /// READY that names these guilds.
    pub fn ready_with(&mut self, resume_url: &str, guilds: &[u64]) {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        let guilds = guilds.iter().map(|id| json!({"id": id.to_string(), "unavailable": true}));
        let guilds: Vec<Value> = guilds.collect();
        self.dispatch(
            "READY",
            &json!({
                "v": 10, "session_id": format!("session-{number}"), "resume_gateway_url": resume_url,
                "guilds": guilds,
            }),
        );
    }

    /// The next event.
    pub fn dispatch(&mut self, name: &str, data: &Value) {
        self.sequence += 1;
        self.dispatch_as(self.sequence, name, data);
    }

    /// An event under a sequence number of choice.
    pub fn dispatch_as(&mut self, sequence: u64, name: &str, data: &Value) {
        self.sequence = sequence;
        // As Discord writes it: the names first, no spaces.
        self.text(format!(r#"{{"t":"{name}","s":{sequence},"op":0,"d":{data}}}"#));
    }

    /// A message; the client may be gone, which the test then sees elsewhere.
    pub fn say(&self, frame: &Value) {
        self.text(format!(
            r#"{{"t":{},"s":{},"op":{},"d":{}}}"#,
            frame["t"], frame["s"], frame["op"], frame["d"]
        ));
    }

    pub fn text(&self, text: String) {
        let _ = self.to_client.send(Message::Text(text.into()));
    }

    pub fn close(&self, code: u16) {
        let _ = self.to_client.send(Message::Close(Some(CloseFrame { code, reason: "".into() })));
    }

    /// Keeps the line open while nothing more is read or answered; until what is given back is dropped.
    pub fn stall(self) -> impl Drop {
        let _ = self.to_client.send(Message::Binary(STALL.into()));
        Stalled(self)
    }

    /// The next message of this operation; heartbeats are passed over.
    pub async fn heard(&mut self, op: u64) -> Value {
        loop {
            let frame = self.from_client.recv().await.expect("the client is connected");
            if frame["op"] == op {
                return frame["d"].clone();
            }
            assert_eq!(frame["op"], 1, "unexpected: {frame}");
        }
    }

    /// The code with which the client closes; `None` when it just goes.
    pub async fn closed(&mut self) -> Option<u64> {
        while let Some(frame) = self.from_client.recv().await {
            if let Some(code) = frame["close"].as_u64() {
                return Some(code);
            }
        }
        None
    }
}

async fn gateway_bot(State(shared): State<Shared>, request: Request) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    if authorization.and_then(|value| value.to_str().ok()) != Some(&format!("Bot {TOKEN}")) {
        let body = json!({"message": "401: Unauthorized", "code": 0});
        return (StatusCode::UNAUTHORIZED, axum::Json(body)).into_response();
    }
    let info = shared.info.lock().expect("no test panics while it holds this").clone();
    let date = shared.date.lock().expect("no test panics while it holds this").clone();
    match date {
        Some(date) => ([(header::DATE, date)], axum::Json(info)).into_response(),
        None => axum::Json(info).into_response(),
    }
}

/// As Discord answers: newest first, at most `limit`, those after `after` if it is given.
async fn messages(
    State(shared): State<Shared>,
    Path(channel): Path<u64>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameter = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse::<u64>().ok())
    };
    let mut book = shared.history.lock().expect("no test panics while it holds this");
    book.asked.push((channel, query.clone()));
    if let Some((status, body)) = book.instead.pop_front() {
        return (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response();
    }
    let limit = parameter("limit").unwrap_or(50) as usize;
    let all = book.messages.get(&channel).map_or(&[][..], Vec::as_slice);
    let page: Vec<Value> = match parameter("after") {
        Some(after) => {
            let later = all.iter().filter(|(id, _)| *id > after).take(limit);
            let later: Vec<_> = later.collect();
            later.into_iter().rev().map(|(_, message)| message.clone()).collect()
        }
        None => all.iter().rev().take(limit).map(|(_, message)| message.clone()).collect(),
    };
    axum::Json(page).into_response()
}

async fn guild(
    State(shared): State<Shared>,
    Path((guild, what)): Path<(u64, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let path = format!("{guild}/{what}");
    let mut book = shared.guilds.lock().expect("no test panics while it holds this");
    book.asked.push(match query {
        Some(query) => format!("{path}?{query}"),
        None => path.clone(),
    });
    let unknown = (404, json!({"message": "Unknown Guild", "code": 10004}));
    let (status, body) = book.answers.get(&path).cloned().unwrap_or(unknown);
    (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
}

async fn gateway(
    State(shared): State<Shared>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Response {
    let uri = request.uri().to_string();
    upgrade.on_upgrade(move |socket| async move {
        let (to_client, outgoing) = mpsc::unbounded_channel();
        let (incoming, from_client) = mpsc::unbounded_channel();
        let sessions = Arc::clone(&shared.sessions);
        let connection = Connection { uri, to_client, from_client, sequence: 0, sessions };
        if shared.connections.send(connection).is_ok() {
            carry(socket, outgoing, &incoming).await;
        }
    })
}

/// Carries messages both ways until either side goes.
async fn carry(
    mut socket: WebSocket,
    mut outgoing: mpsc::UnboundedReceiver<Message>,
    incoming: &mpsc::UnboundedSender<Value>,
) {
    loop {
        tokio::select! {
            message = outgoing.recv() => match message {
                Some(Message::Binary(bytes)) if bytes == STALL => std::future::pending().await,
                Some(message) => if socket.send(message).await.is_err() { return },
                None => return,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let _ = incoming.send(serde_json::from_str(&text).expect("clients send JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    let _ = incoming.send(json!({"close": frame.map_or(1005, |frame| frame.code)}));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}
