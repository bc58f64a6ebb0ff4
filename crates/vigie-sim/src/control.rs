//! The control door, for loopback peers only: true totals, any payload, faults, state, traffic.
//!
//! | call | does |
//! |---|---|
//! | `GET truth[?guild=ID][&at=MS][&heard=true]` | the true totals of what was played live, voice up to now or to another instant; with `heard` voice only, within the stretches that reached the first bot |
//! | `GET society[?guild=ID]` | the truth of members, moderation and invites: every stay, act and invite, of history too |
//! | `POST deed {guild_id, kind, …}` | something happens now: a join, a ban, a raid; see `deed.rs` |
//! | `POST dispatch {guild_id, t, d}` | sends any `d`, as it is, to the sessions of that guild's shard, or to all when null |
//! | `POST fault {kind, …, shard?}` | makes something go wrong; see `fault.rs` |
//! | `GET state` | sessions, counters, clock; `unheard`, `rest`, `messages_made` |
//! | `POST traffic {events_per_second, events?}` | how much happens from now on; 0 for silence. With `events`: silence again after so many (a few more, those of the same 100 ms) |
//!
//! `unheard` lists `{bot, guild, from_ms, to_ms, reason}`: what happened after `from_ms`, up to and including `to_ms`, reached
//! no session of the bot (bots count from 0, by their first session). Reasons: `no_session` (before its first GUILD_CREATE),
//! `session_lost` (from the last dispatch really sent, or received where the client said so, to the next GUILD_CREATE),
//! `awaiting_resume` (the same while the client may still go on with its session), `outage`, `lost` (one dispatch, by fault), `permission` (with `channel`: what happens there is told to nobody; with `permission`: what needs it is). `rest`
//! counts the requests served, `{"GET /channels/{id}/messages": {"<channel>": n}}`; `messages_made` the messages of the
//! present by channel, deleted ones included.
//!
//! Bodies must be sent as `application/json`, which keeps pages of other origins out (a browser asks first).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use vigie_core::vocabulary::{GuildId, UnixMs};

use crate::deed;
use crate::fault;
use crate::gateway::frame::Dispatch;
use crate::gateway::session::Session;
use crate::hub::Hub;
use crate::json::{self as text, Id};
use crate::limits::CONTROL_BODY_BYTES_MAX;
use crate::rest;
use crate::society;
use crate::sync::read;

pub(crate) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/truth", get(truth))
        .route("/state", get(state))
        .route("/society", get(true_society))
        .route("/deed", post(act_out))
        .route("/dispatch", post(dispatch))
        .route("/fault", post(cause_fault))
        .route("/traffic", post(traffic))
        .layer(DefaultBodyLimit::max(CONTROL_BODY_BYTES_MAX))
        .layer(middleware::from_fn(loopback_only))
}

async fn loopback_only(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match peer.ip().to_canonical().is_loopback() {
        true => next.run(request).await,
        false => refuse(StatusCode::FORBIDDEN, "the control door answers loopback peers only"),
    }
}

#[derive(Deserialize)]
struct TruthQuery {
    guild: Option<Id>,
    at: Option<i64>,
    #[serde(default)]
    heard: bool,
}

async fn truth(State(hub): State<Arc<Hub>>, Query(query): Query<TruthQuery>) -> Response {
    let whole = {
        let world = read(&hub.world);
        match query.heard {
            true => hub.voice_heard(&world),
            false => world.truth_at(query.at.map_or(world.clock(), UnixMs)),
        }
    };
    let truth = match query.guild {
        Some(guild) => whole.of_guild(GuildId(guild.0)),
        None => whole,
    };
    rest::json_text(StatusCode::OK, truth.to_json())
}

#[derive(Deserialize)]
struct SocietyQuery {
    guild: Option<Id>,
}

async fn true_society(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<SocietyQuery>,
) -> Json<Value> {
    let guild = query.guild.map(|id| GuildId(id.0));
    let work = move || society::truth(&read(&hub.world), guild);
    Json(tokio::task::spawn_blocking(work).await.unwrap_or_default())
}

async fn act_out(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    match read_body::<deed::Request>(&headers, &body) {
        Ok(request) => {
            let (done, events) = deed::act_out(&hub, &request);
            Json(json!({ "done": done, "events": events })).into_response()
        }
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
struct DispatchBody<'a> {
    #[serde(default)]
    guild_id: Option<Id>,
    t: String,
    #[serde(borrow)]
    d: &'a RawValue,
}

async fn dispatch(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refuse_other_types(&headers) {
        return refusal;
    }
    let body: DispatchBody<'_> = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let quoted = text::string(&body.t);
    let name = quoted[1..quoted.len() - 1].to_owned();
    let dispatch = Dispatch::text(name, body.d.get());
    let sessions = hub.dispatch(body.guild_id.map(|id| GuildId(id.0)), &dispatch);
    Json(json!({ "sessions": sessions })).into_response()
}

async fn cause_fault(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    match read_body::<fault::Request>(&headers, &body) {
        Ok(request) => Json(json!({ "sessions": fault::cause(&hub, &request) })).into_response(),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrafficBody {
    events_per_second: f64,
    #[serde(default)]
    events: Option<u64>,
}

async fn traffic(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    let wanted = match read_body::<TrafficBody>(&headers, &body) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let rate = hub.set_traffic(wanted.events_per_second, wanted.events);
    Json(json!({ "events_per_second": rate })).into_response()
}

async fn state(State(hub): State<Arc<Hub>>) -> Json<Value> {
    let world = read(&hub.world);
    let (rate, world_clock, guilds) =
        (world.events_per_second(), world.clock(), world.guilds().len());
    let (unheard, messages_made) = (hub.unheard(&world), hub.messages_made(&world));
    let members: Map<String, Value> = world
        .guilds()
        .iter()
        .map(|guild| (guild.id.0.to_string(), json!(guild.member_count)))
        .collect();
    let forgotten = world.forgotten_messages();
    drop(world);
    let counters = &hub.counters;
    let sessions: Vec<Value> = hub.sessions().iter().map(|session| describe(session)).collect();
    Json(json!({
        "traffic_begun": hub.traffic_begun.load(Ordering::Acquire),
        "events_per_second": rate,
        "speed": hub.clock.speed(),
        "clock_unix_ms": hub.clock.now().0,
        "played_to_unix_ms": world_clock.0,
        "guilds": guilds,
        "events_played": counters.events_played.get(),
        "sessions": sessions,
        "members": members,
        "unheard": unheard,
        "rest": hub.ledger.rest(),
        "messages_made": messages_made,
        "messages_forgotten": forgotten,
        "counters": {
            "connections": counters.connections.get(),
            "identifies": counters.identifies.get(),
            "resumes": counters.resumes.get(),
            "sessions_invalidated": counters.sessions_invalidated.get(),
            "events_withheld": counters.events_withheld.get(),
            "events_dispatched": counters.events_dispatched.get(),
            "members_requests": counters.members_requests.get(),
            "presences_ignored": counters.presences_ignored.get(),
            "rest_requests": counters.rest_requests.get(),
            "rest_limited": counters.rest_limited.get(),
        },
    }))
}

fn describe(session: &Session) -> Value {
    let snapshot = session.snapshot();
    json!({
        "id": session.id,
        "shard": [session.shard.id, session.shard.count],
        "intents": session.intents.0,
        "connected": snapshot.compression.is_some(),
        "compression": snapshot.compression,
        "sequence": snapshot.sequence,
        "sent": snapshot.sent,
        "kept": snapshot.kept,
        "guilds_told": snapshot.guilds_told,
        "guilds_untold": snapshot.guilds_untold,
        "loaded": snapshot.loaded,
        "resumes": snapshot.resumes,
    })
}

fn read_body<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Box<Response>> {
    if let Some(refusal) = refuse_other_types(headers) {
        return Err(Box::new(refusal));
    }
    serde_json::from_slice(body)
        .map_err(|error| Box::new(refuse(StatusCode::BAD_REQUEST, &error.to_string())))
}

fn refuse_other_types(headers: &HeaderMap) -> Option<Response> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|value| value.starts_with("application/json"));
    (!is_json).then(|| {
        refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the body as content-type: application/json",
        )
    })
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
