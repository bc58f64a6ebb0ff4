//! Switching events off and on, and who may not.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use vigie_core::vocabulary::{GuildId, SWITCHABLE_EVENTS};

use crate::harness::{Reply, Server, each_engine, one_engine};
use crate::numbers::list;

const HERE: &str = "/api/v1/guilds/100/switches";
const EVERYWHERE: &str = "/api/v1/switches";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn put(server: &Server, uri: &str, body: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(Method::PUT).uri(uri);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "127.0.0.1:7600");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.request(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn of(answer: &Value, event: &str) -> Value {
    let row = list(&answer["switches"]).iter().find(|row| row["event"] == event);
    let row = row.unwrap();
    json!([row["on"], row["on_everywhere"], row["on_here"]])
}

#[test]
fn events_are_switched_here_and_everywhere() {
    each_engine(async |server| {
        let all = server.get(HERE).await.json();
        assert_eq!(list(&all["switches"]).len(), SWITCHABLE_EVENTS.len());
        assert_eq!(of(&all, "GUILD_BAN_ADD"), json!([true, true, true]));
        let off = |uri: &str| format!("{uri}/GUILD_BAN_ADD");
        let reply = put(&server, &off(HERE), r#"{"on":false}"#, &[JSON]).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(of(&reply.json(), "GUILD_BAN_ADD"), json!([false, true, false]));
        assert_eq!(of(&reply.json(), "GUILD_BAN_REMOVE"), json!([true, true, true]));
        let other = server.get("/api/v1/guilds/200/switches").await.json();
        assert_eq!(of(&other, "GUILD_BAN_ADD"), json!([true, true, true]));
        // Twice is once.
        put(&server, &off(EVERYWHERE), r#"{"on":false}"#, &[JSON]).await;
        let reply = put(&server, &off(EVERYWHERE), r#"{"on":false}"#, &[JSON]).await;
        assert_eq!(of(&reply.json(), "GUILD_BAN_ADD"), json!([false, false, null]));
        let mut kept = server.store.switches().await.unwrap();
        kept.sort();
        let event = "GUILD_BAN_ADD".to_owned();
        assert_eq!(kept, [(GuildId(0), event.clone()), (GuildId(100), event)]);
        // What is off everywhere stays off here, whatever is said here.
        let reply = put(&server, &off(HERE), r#"{ "on" : true }"#, &[JSON]).await;
        assert_eq!(of(&reply.json(), "GUILD_BAN_ADD"), json!([false, false, true]));
        put(&server, &off(EVERYWHERE), r#"{"on":true}"#, &[JSON]).await;
        assert_eq!(of(&server.get(HERE).await.json(), "GUILD_BAN_ADD"), json!([true, true, true]));
        assert!(server.store.switches().await.unwrap().is_empty());
    });
}

#[test]
fn pages_of_other_addresses_change_nothing() {
    one_engine(async |server| {
        let uri = format!("{HERE}/MESSAGE_CREATE");
        let off = r#"{"on":false}"#;
        for headers in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:7601")],
            &[("origin", "http://localhost:7600")],
            &[("origin", "http://127.0.0.1:7600.evil.example")],
            &[("origin", "127.0.0.1:7600")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://127.0.0.1:7600"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://127.0.0.1:7600"), ("origin", "http://evil.example")],
            &[("host", "evil.example"), ("origin", "http://evil.example")],
        ] {
            let headers = [headers, &[JSON]].concat();
            let reply = put(&server, &uri, off, &headers).await;
            assert_eq!(reply.status, 403, "{headers:?}");
            assert_eq!(reply.header("content-type"), "application/problem+json", "{headers:?}");
        }
        for kind in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/json",
            "application/jsonp",
        ] {
            let reply = put(&server, &uri, off, &[("content-type", kind)]).await;
            assert_eq!(reply.status, 415, "{kind}");
        }
        assert_eq!(put(&server, &uri, off, &[]).await.status, 415);
        assert!(server.store.switches().await.unwrap().is_empty());
        for headers in [
            &[JSON][..],
            &[("content-type", "application/json; charset=utf-8")],
            &[JSON, ("origin", "http://127.0.0.1:7600"), ("sec-fetch-site", "same-origin")],
            &[JSON, ("host", "localhost"), ("origin", "http://localhost")],
        ] {
            assert_eq!(put(&server, &uri, off, headers).await.status, 200, "{headers:?}");
        }
    });
}

#[test]
fn what_cannot_be_switched_is_refused() {
    one_engine(async |server| {
        for body in [
            "",
            "{}",
            "null",
            "[]",
            "true",
            r#"{"on":1}"#,
            r#"{"on":"false"}"#,
            r#"{"on":true,"off":1}"#,
            "{\"on\":true",
            "\u{1}",
        ] {
            let reply = put(&server, &format!("{HERE}/MESSAGE_CREATE"), body, &[JSON]).await;
            assert_eq!(reply.status, 400, "{body}");
        }
        for event in ["READY", "GUILD_CREATE", "message_create", "NOTHING", "%00", "%ff", "'--"] {
            for root in [HERE, EVERYWHERE] {
                let reply =
                    put(&server, &format!("{root}/{event}"), r#"{"on":false}"#, &[JSON]).await;
                assert_eq!(reply.status, 422, "{event}");
                assert_eq!(reply.json()["parameter"], "event", "{event}");
            }
        }
        let unknown = "/api/v1/guilds/7/switches/MESSAGE_CREATE";
        assert_eq!(put(&server, unknown, r#"{"on":false}"#, &[JSON]).await.status, 404);
        let asked = format!("{HERE}/MESSAGE_CREATE?on=false");
        assert_eq!(put(&server, &asked, r#"{"on":false}"#, &[JSON]).await.status, 422);
        let reply = server.get(&format!("{HERE}/MESSAGE_CREATE")).await;
        assert_eq!(reply.status, 405, "a switch is read in the list");
        assert!(server.store.switches().await.unwrap().is_empty());
    });
}
