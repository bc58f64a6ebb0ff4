//! Op 8, REQUEST_GUILD_MEMBERS, and its answers.
//!
//! Source: Discord, "Gateway Events", Request Guild Members, Guild Members Chunk, Rate Limited.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use vigie_core::vocabulary::{GuildId, UserId};
use vigie_world::{Guild, Member, World, payload};

use super::frame::{Body, Dispatch, MembersChunk, opcode};
use super::intents::Intents;
use super::session::Session;
use crate::hub::Hub;
use crate::json::{self, Id};
use crate::limits::{MEMBERS_PER_CHUNK, MEMBERS_REQUEST_MAX, NONCE_BYTES_MAX};
use crate::members;
use crate::sync;

/// What the client asks.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    guild_id: Id,
    query: Option<String>,
    #[serde(default)]
    limit: u64,
    user_ids: Option<OneOrMany>,
    nonce: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Id),
    Many(Vec<Id>),
}

/// Reads a request; `None` when it is none (close 4002).
pub(crate) fn read(d: &str) -> Option<Request> {
    let request: Request = serde_json::from_str(d).ok()?;
    (request.query.is_some() || request.user_ids.is_some()).then_some(request)
}

/// Answers on the session. Requests about guilds that the bot is not in are ignored.
pub(crate) fn answer(hub: &Hub, session: &Session, request: &Request) {
    hub.counters.members_requests.add(1);
    let guild_id = GuildId(request.guild_id.0);
    let nonce = request
        .nonce
        .as_ref()
        .filter(|nonce| nonce.len() <= NONCE_BYTES_MAX)
        .map(|nonce| json::string(nonce));
    let asks_all = request.user_ids.is_none() && request.query.as_deref() == Some("");
    if asks_all && request.limit == 0 {
        return answer_all(hub, session, guild_id, nonce);
    }
    let world = sync::read(&hub.world);
    let Some(guild) = world.guild(guild_id) else { return };
    let (found, missing) = match &request.user_ids {
        Some(OneOrMany::One(id)) => by_ids(&world, guild, &[*id]),
        Some(OneOrMany::Many(ids)) => by_ids(&world, guild, ids),
        None => {
            let prefix = request.query.as_deref().unwrap_or_default();
            let limit = (request.limit as usize).clamp(1, MEMBERS_REQUEST_MAX);
            (members::search(&world, guild, prefix, limit), Vec::new())
        }
    };
    let mut d = String::new();
    open_chunk(&mut d, guild_id, 0, 1, nonce.as_deref());
    if !missing.is_empty() {
        d.push_str(r#","not_found":"#);
        json::array(&mut d, missing, |id, out| {
            let _ = write!(out, r#""{}""#, id.0);
        });
    }
    d.push_str(r#","members":"#);
    json::array(&mut d, found, |member, out| payload::member(&member, out));
    d.push('}');
    drop(world);
    session.push(Dispatch::text("GUILD_MEMBERS_CHUNK", d), Instant::now());
}

/// All members, in chunks of 1,000; without the intent only our bot itself (choice).
fn answer_all(hub: &Hub, session: &Session, guild_id: GuildId, nonce: Option<String>) {
    if sync::read(&hub.world).guild(guild_id).is_none() {
        return;
    }
    if let Err(wait) = hub.may_ask_all_members(&session.token, guild_id) {
        let nonce = nonce.map_or_else(String::new, |nonce| format!(r#","nonce":{nonce}"#));
        let d = format!(
            r#"{{"opcode":{},"retry_after":{:.3},"meta":{{"guild_id":"{}"{nonce}}}}}"#,
            opcode::REQUEST_GUILD_MEMBERS,
            wait.as_secs_f64(),
            guild_id.0,
        );
        return session.push(Dispatch::text("RATE_LIMITED", d), Instant::now());
    }
    // The world stays as it is until the chunks have their place among the dispatches: who comes or goes is told after them.
    let world = sync::read(&hub.world);
    let Some(guild) = world.guild(guild_id) else { return };
    let members: Vec<u32> = match session.intents.contains(Intents::GUILD_MEMBERS) {
        true => guild.members().collect(),
        false => vec![guild.own_index()],
    };
    let chunks = members.chunks(MEMBERS_PER_CHUNK);
    let count = chunks.len() as u32;
    for (index, members) in chunks.enumerate() {
        let (members, nonce) = (members.into(), nonce.clone());
        let chunk = MembersChunk { guild: guild_id, members, index: index as u32, count, nonce };
        let body = Body::Members(Arc::new(chunk));
        let dispatch = Dispatch { name: "GUILD_MEMBERS_CHUNK".into(), body, at: None };
        session.push(dispatch, Instant::now());
    }
}

/// Writes the `d` of one chunk of all members.
pub(crate) fn write_chunk(world: &World, chunk: &MembersChunk, out: &mut String) {
    open_chunk(out, chunk.guild, chunk.index, chunk.count, chunk.nonce.as_deref());
    out.push_str(r#","members":"#);
    match world.guild(chunk.guild) {
        Some(guild) => json::array(out, &chunk.members, |index, out| {
            payload::member(&world.member(guild, *index), out);
        }),
        None => out.push_str("[]"),
    }
    out.push('}');
}

fn open_chunk(out: &mut String, guild: GuildId, index: u32, count: u32, nonce: Option<&str>) {
    let _ =
        write!(out, r#"{{"guild_id":"{}","chunk_index":{index},"chunk_count":{count}"#, guild.0);
    if let Some(nonce) = nonce {
        let _ = write!(out, r#","nonce":{nonce}"#);
    }
}

fn by_ids(world: &World, guild: &Guild, ids: &[Id]) -> (Vec<Member>, Vec<Id>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids.iter().take(MEMBERS_REQUEST_MAX) {
        match world.member_index(guild, UserId(id.0)) {
            Some(index) => found.push(world.member(guild, index)),
            None => missing.push(*id),
        }
    }
    (found, missing)
}
