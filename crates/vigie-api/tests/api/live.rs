//! The live signal, over real sockets.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, GuildId, Record,
};

use crate::harness::{Server, api, each_engine, one_engine};
use crate::numbers::list;
use crate::seed::{ADA, GENERAL, GUILD, NOW, SILENT};

/// A message by Ada in the minute that runs.
fn message() -> Record {
    let counts = ActivityCounts { messages: 1, ..Default::default() };
    let cell = ActivityCell { channel: GENERAL, member: ADA, kind: AuthorKind::Human, counts };
    Record::ActivityWindow(ActivityWindow {
        guild: GUILD,
        unix_minute: NOW.unix_minute(),
        cells: vec![cell],
        emojis: Vec::new(),
    })
}

/// A commit is seen by the next answer, though answers are kept.
#[test]
fn a_commit_changes_the_next_answer() {
    each_engine(async |server| {
        let overview = "/stats/overview?range=today";
        let value = async |server: &Server| {
            server.ask(overview).await["cards"]["messages"]["value"].as_u64().unwrap()
        };
        let before = value(&server).await;
        let list_before = server.answer("/guilds").await;
        assert_eq!(value(&server).await, before);
        server.commit(1, message()).await;
        assert_eq!(value(&server).await, before + 1);
        let list_after = server.answer("/guilds").await;
        let messages = |answer: &serde_json::Value| {
            list(&answer["guilds"])[0]["messages_7d"].as_u64().unwrap()
        };
        assert_eq!(messages(&list_after), messages(&list_before) + 1);
    });
}

/// An open stream, and what it has told so far.
struct Stream {
    socket: TcpStream,
    told: String,
}

impl Stream {
    async fn open(address: std::net::SocketAddr, path: &str, more: &str) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{more}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self { socket, told: String::new() };
        stream.until(|told| told.contains("\r\n\r\n")).await;
        stream
    }

    /// Reads until enough was told; `false` when the stream ended first.
    async fn until(&mut self, enough: impl Fn(&str) -> bool) -> bool {
        let mut bytes = [0; 4_096];
        while !enough(&self.told) {
            let read = self.socket.read(&mut bytes);
            let read = tokio::time::timeout(Duration::from_secs(10), read).await;
            match read.expect("something is told within ten seconds").unwrap_or(0) {
                0 => return false,
                count => self.told.push_str(std::str::from_utf8(&bytes[..count]).unwrap()),
            }
        }
        true
    }

    fn signals(told: &str) -> usize {
        told.matches("event: changed").count()
    }
}

#[test]
fn changes_are_signalled_once_a_second_until_the_end() {
    one_engine(async |server| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let api = api(server.store.clone(), server.committed.clone(), "http://127.0.0.1:9");
        let serving = tokio::spawn(api.serve(listener, stop.clone()));
        let mut stream = Stream::open(address, "/api/v1/guilds/100/live", "").await;
        assert!(stream.told.contains("text/event-stream"), "{}", stream.told);
        assert!(stream.told.contains("nosniff"), "{}", stream.told);
        server.committed.send(GUILD).unwrap();
        assert!(stream.until(|told| Stream::signals(told) == 1).await);
        assert!(
            stream
                .told
                .contains(r#"data: {"families":["activity","voice","coverage","members","moderation","invites","guilds"],"version":1}"#),
            "{}",
            stream.told
        );
        let first = Instant::now();
        for _ in 0..20 {
            server.committed.send(SILENT).unwrap();
            server.committed.send(GUILD).unwrap();
        }
        assert!(stream.until(|told| Stream::signals(told) == 2).await);
        assert!(first.elapsed() > Duration::from_millis(900), "{:?}", first.elapsed());
        assert!(stream.told.contains(r#""version":21}"#), "all of them at once: {}", stream.told);
        let missed = Stream::open(address, "/api/v1/guilds/100/live", "Last-Event-ID: 3\r\n").await;
        let mut missed = missed;
        assert!(missed.until(|told| Stream::signals(told) == 1).await, "told what it missed");
        let unknown = Stream::open(address, "/api/v1/guilds/7/live", "").await;
        assert!(unknown.told.starts_with("HTTP/1.1 404"), "{}", unknown.told);
        stop.cancel();
        assert!(!stream.until(|told| Stream::signals(told) == 99).await, "the stream ends");
        let ended = tokio::time::timeout(Duration::from_secs(5), serving).await;
        ended.expect("open streams do not hold the server up").unwrap().unwrap();
    });
}

/// Signals that come too fast to be counted make everything old rather than nothing.
#[test]
fn a_flood_of_commits_loses_no_change() {
    one_engine(async |server| {
        let tag = async |uri: &str| server.get(uri).await.header("etag").to_owned();
        let uri = "/api/v1/guilds/100/stats/overview?range=today";
        let before = tag(uri).await;
        let number: u64 = 1;
        server.commit(number, message()).await;
        for guild in 0..1_000 {
            server.committed.send(GuildId(10_000 + guild)).unwrap();
        }
        assert_ne!(tag(uri).await, before);
    });
}
