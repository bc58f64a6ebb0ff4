//! What every request passes and every response carries, and who may ask what.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::harness::{block_on, empty_api, one_engine};

/// Every documented route, with who may ask it. A route that is missing here fails the test: whoever adds one says who it is for.
const PERMISSIONS: &[(&str, &str, &str)] = &[
    ("get", "/api/v1/guilds", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/access", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/changes", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/changes.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/changes.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/channels", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/channels/{channel_id}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/coverage", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/coverage.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/coverage.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/growth", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/growth.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/growth.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invite-stats", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invite-stats.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invite-stats.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/joins", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/joins.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/joins.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/tree", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/tree.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/invites/tree.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/leaderboards/{board}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/lifecycle", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/lifecycle.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/lifecycle.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/live", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/members/quiet", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/members/quiet.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/members/quiet.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/members/{user_id}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/cases/{case_id}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/recent", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/recent.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/recent.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/summary", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/summary.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/moderation/summary.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/retention", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/retention.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/retention.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/roles", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/roles.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/roles.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/heatmap", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/overview", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/series", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/series.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/series.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/voice", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/voice.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/stats/voice.ndjson", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/switches", "this machine only"),
    ("put", "/api/v1/guilds/{guild_id}/switches/{event}", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/voice/sessions", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/voice/sessions.csv", "this machine only"),
    ("get", "/api/v1/guilds/{guild_id}/voice/sessions.ndjson", "this machine only"),
    ("get", "/api/v1/status", "this machine only"),
    ("get", "/api/v1/switches", "this machine only"),
    ("put", "/api/v1/switches/{event}", "this machine only"),
];

/// Routes outside the document, one address of each.
const OTHERS: &[&str] = &[
    "/api/v1/openapi.json",
    "/api/docs",
    "/api/docs/page.js",
    "/api/docs/page.css",
    "/media/avatars/1/0123456789abcdef0123456789abcdef.png",
    "/media/icons/1/0123456789abcdef0123456789abcdef.png",
    "/media/emojis/1.png",
    "/health",
    "/",
    "/g/100",
    "/no/such.file",
];

fn address(path: &str) -> String {
    path.replace("{guild_id}", "100")
        .replace("{channel_id}", "11")
        .replace("{board}", "messages")
        .replace("{user_id}", "1001")
        .replace("{case_id}", "1")
        .replace("{event}", "GUILD_BAN_ADD")
}

/// The documented routes that read, one address of each.
fn read() -> impl Iterator<Item = String> {
    let read = PERMISSIONS.iter().filter(|(method, ..)| *method == "get");
    read.map(|(_, path, _)| address(path))
}

#[test]
fn every_documented_route_has_its_permission() {
    let document: Value = serde_json::from_str(&vigie_api::openapi_document()).unwrap();
    let mut documented = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.push((method.clone(), path.clone()));
        }
    }
    documented.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    let listed: Vec<(String, String)> = PERMISSIONS
        .iter()
        .map(|(method, path, who)| {
            assert_eq!(*who, "this machine only");
            ((*method).to_owned(), (*path).to_owned())
        })
        .collect();
    assert_eq!(listed, documented);
}

#[test]
fn only_requests_to_this_machine_are_answered() {
    one_engine(async |server| {
        let documented = PERMISSIONS.iter().map(|(_, path, _)| address(path));
        for uri in documented.chain(OTHERS.iter().map(|uri| (*uri).to_owned())) {
            for host in
                ["evil.example", "10.0.0.1:7600", "", "localhost.evil.example", "\"", "[::2]"]
            {
                let reply = server.send(Method::GET, &uri, &[("host", host)]).await;
                assert_eq!(reply.status, 403, "{uri} {host}");
                assert_eq!(reply.header("content-type"), "application/problem+json");
                assert!(reply.json()["remedy"].is_string());
                assert_eq!(reply.header("x-content-type-options"), "nosniff");
            }
        }
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(server.send(Method::GET, "/health", &twice).await.status, 403);
        let absolute = "http://evil.example/health";
        assert_eq!(server.get(absolute).await.status, 403);
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:7600", "[::1]:7600"] {
            let reply = server.send(Method::GET, "/api/v1/status", &[("host", host)]).await;
            assert_eq!(reply.status, 200, "{host}");
        }
    });
}

#[test]
fn every_kind_of_response_carries_the_headers() {
    one_engine(async |server| {
        let etag = server.get("/api/v1/guilds").await.header("etag").to_owned();
        let mut replies = vec![
            server.get("/api/v1/guilds/100/stats/overview?range=never").await,
            server.get("/api/v1/guilds/7").await,
            server.get("/api/v1/nothing").await,
            server.get("/media/nothing").await,
            server.get("/api/v1/guilds/100/stats/series.csv").await,
            server.get("/api/v1/guilds/100/leaderboards/messages.ndjson").await,
            server.send(Method::POST, "/api/v1/guilds", &[]).await,
            server.send(Method::DELETE, "/", &[]).await,
            server.send(Method::GET, "/health", &[("host", "evil.example")]).await,
            server.send(Method::GET, "/api/v1/guilds", &[("if-none-match", &etag)]).await,
            server.get(&format!("/health?{}", "a".repeat(9_000))).await,
        ];
        let documented = read();
        let documented = documented.filter(|uri| !uri.ends_with("/live"));
        for uri in documented.chain(OTHERS.iter().map(|uri| (*uri).to_owned())) {
            replies.push(server.get(&uri).await);
        }
        for reply in replies {
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(reply.header(name), value, "{reply:?}");
            }
            let policy = reply.header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("script-src 'self' 'unsafe") && !policy.contains("eval"));
            assert!(!reply.header("cache-control").is_empty(), "{reply:?}");
        }
    });
}

#[test]
fn methods_and_paths_that_are_not_there() {
    one_engine(async |server| {
        let documented = read();
        for uri in documented.chain(OTHERS.iter().map(|uri| (*uri).to_owned())) {
            for method in
                [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS]
            {
                let reply = server.send(method.clone(), &uri, &[]).await;
                assert_eq!(reply.status, 405, "{method} {uri}");
                assert_eq!(reply.header("content-type"), "application/problem+json");
            }
        }
        for uri in [
            "/api",
            "/api/",
            "/api/v1",
            "/api/v2/guilds",
            "/api/v1/guilds/",
            "/api/v1/guilds/100/",
            "/api/v1/guilds/100/stats",
            "/api/v1/guilds/100/stats/overview/",
            "/api/v1//guilds",
            "/api/docs/../docs",
            "/media",
            "/media/avatars/1",
        ] {
            let reply = server.get(uri).await;
            assert_eq!(reply.status, 404, "{uri}");
            assert_eq!(reply.json()["type"], "/problems/unknown-route", "{uri}");
        }
        let head = server.send(Method::HEAD, "/api/v1/guilds", &[]).await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    });
}

#[test]
fn long_addresses_and_bodies_are_refused() {
    one_engine(async |server| {
        let long = format!("/api/v1/guilds/100/stats/overview?from={}", "1".repeat(10_000));
        assert_eq!(server.get(&long).await.status, 414);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/guilds")
            .header("host", "localhost")
            .header("content-length", "70000")
            .body(Body::from(vec![0; 70_000]))
            .unwrap();
        assert_eq!(server.request(request).await.status, 413);
    });
}

#[test]
fn answers_that_did_not_change_are_not_sent_again() {
    one_engine(async |server| {
        let documented = read();
        for uri in documented.filter(|uri| !uri.ends_with("/live")) {
            let first = server.get(&format!("{uri}?")).await;
            let etag = first.header("etag").to_owned();
            let files = uri.ends_with(".csv") || uri.ends_with(".ndjson");
            if files || uri.ends_with("/status") {
                assert!(etag.is_empty(), "{uri}");
                continue;
            }
            assert!(etag.starts_with("W/\""), "{uri}: {etag}");
            assert_eq!(first.header("cache-control"), "private, no-cache", "{uri}");
            for tags in [etag.as_str(), "*", &format!("\"x\", {etag}"), &etag[2..]] {
                let again = server.send(Method::GET, &uri, &[("if-none-match", tags)]).await;
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{uri} {tags}");
                assert_eq!(again.header("etag"), etag, "{uri}");
            }
            let other = server.send(Method::GET, &uri, &[("if-none-match", "\"x\"")]).await;
            assert_eq!(other.status, 200, "{uri}");
        }
    });
}

#[test]
fn only_loopback_is_served() {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let api = empty_api(directory.path(), "http://127.0.0.1:9").await;
        let error = api.serve(listener, CancellationToken::new()).await.unwrap_err().to_string();
        assert!(error.contains("0.0.0.0") && error.contains("listen on 127.0.0.1"), "{error}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stop = CancellationToken::new();
        let api = empty_api(directory.path(), "http://127.0.0.1:9").await;
        let serving = tokio::spawn(api.serve(listener, stop.clone()));
        stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(5), serving).await;
        ended.expect("it ends when told to").unwrap().unwrap();
    });
}
