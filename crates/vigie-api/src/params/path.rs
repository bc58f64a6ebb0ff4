//! Parameters that are parts of the path.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter as OpenApiParameter, ParameterIn};
use vigie_core::vocabulary::{ChannelId, GuildId, SWITCHABLE_EVENTS, UserId};

use super::query::{short, snowflake};
use super::{Parameter, Shape, Word, words};
use crate::export::Format;
use crate::problem::Problem;
use crate::types::leaderboards::Board;

const GUILD: Parameter =
    Parameter { name: "guild_id", about: "The server.", shape: Shape::Snowflake };
const MEMBER: Parameter =
    Parameter { name: "user_id", about: "The member.", shape: Shape::Snowflake };
const CHANNEL: Parameter =
    Parameter { name: "channel_id", about: "The channel.", shape: Shape::Snowflake };
const BOARD: Parameter = Parameter {
    name: "board",
    about: "The ranking. `.csv` or `.ndjson` behind it gives a file.",
    shape: Shape::Words(words::<Board>),
};

const EVENT: Parameter =
    Parameter { name: "event", about: "Discord's name of the event.", shape: Shape::Words(events) };
const CASE: Parameter = Parameter {
    name: "case_id",
    about: "The `id` of an act of moderation.",
    shape: Shape::Snowflake,
};

fn events() -> Vec<&'static str> {
    SWITCHABLE_EVENTS.to_vec()
}

/// `/guilds/{guild_id}`.
#[derive(Clone, Copy, Debug)]
pub struct GuildPath {
    /// The server.
    pub guild: GuildId,
}

/// `/guilds/{guild_id}/members/{user_id}`.
#[derive(Clone, Copy, Debug)]
pub struct MemberPath {
    /// The server.
    pub guild: GuildId,
    /// The member.
    pub member: UserId,
}

/// `/guilds/{guild_id}/channels/{channel_id}`.
#[derive(Clone, Copy, Debug)]
pub struct ChannelPath {
    /// The server.
    pub guild: GuildId,
    /// The channel.
    pub channel: ChannelId,
}

/// `/guilds/{guild_id}/leaderboards/{board}`.
#[derive(Clone, Copy, Debug)]
pub struct BoardPath {
    /// The server.
    pub guild: GuildId,
    /// The ranking.
    pub board: Board,
    /// The file asked for by the end of the name.
    pub format: Option<Format>,
}

/// `/guilds/{guild_id}/moderation/cases/{case_id}`.
#[derive(Clone, Copy, Debug)]
pub struct CasePath {
    /// The server.
    pub guild: GuildId,
    /// The act.
    pub case: i64,
}

/// `/switches/{event}`.
#[derive(Clone, Copy, Debug)]
pub struct EventPath {
    /// The event.
    pub event: &'static str,
}

/// `/guilds/{guild_id}/switches/{event}`.
#[derive(Clone, Copy, Debug)]
pub struct GuildEventPath {
    /// The server.
    pub guild: GuildId,
    /// The event.
    pub event: &'static str,
}

impl<S: Send + Sync> FromRequestParts<S> for GuildPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guild = GuildId(id(parts, state, GUILD.name).await?);
        Ok(Self { guild })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MemberPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guild = GuildId(id(parts, state, GUILD.name).await?);
        let member = UserId(id(parts, state, MEMBER.name).await?);
        Ok(Self { guild, member })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ChannelPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guild = GuildId(id(parts, state, GUILD.name).await?);
        let channel = ChannelId(id(parts, state, CHANNEL.name).await?);
        Ok(Self { guild, channel })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BoardPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guild = GuildId(id(parts, state, GUILD.name).await?);
        let text = part(parts, state, BOARD.name).await?;
        let (word, format) = Format::split(&text);
        let board = Board::of(word).ok_or_else(|| {
            let detail = format!("`{}` is not a ranking it knows", short(word));
            Problem::bad_parameter(BOARD.name, detail)
                .remedy(format!("give one of {}", words::<Board>().join(", ")))
        })?;
        Ok(Self { guild, board, format })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CasePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guild = GuildId(id(parts, state, GUILD.name).await?);
        let text = part(parts, state, CASE.name).await?;
        let digits = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        let case = if digits { text.parse::<i64>().ok() } else { None };
        let case = case.filter(|case| *case > 0).ok_or_else(|| {
            let detail = format!("`{}` is not the id of an act", short(&text));
            Problem::bad_parameter(CASE.name, detail)
                .remedy("give the `id` of a row of moderation/recent")
        })?;
        Ok(Self { guild, case })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EventPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = part(parts, state, EVENT.name).await?;
        let event =
            SWITCHABLE_EVENTS.into_iter().find(|event| *event == text).ok_or_else(|| {
                let detail = format!("`{}` is not an event that can be switched off", short(&text));
                Problem::bad_parameter(EVENT.name, detail)
                    .remedy("ask /api/v1/switches for those that can")
            })?;
        Ok(Self { event })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GuildEventPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let GuildPath { guild } = GuildPath::from_request_parts(parts, state).await?;
        let EventPath { event } = EventPath::from_request_parts(parts, state).await?;
        Ok(Self { guild, event })
    }
}

impl IntoParams for CasePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD, CASE])
    }
}

impl IntoParams for EventPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[EVENT])
    }
}

impl IntoParams for GuildEventPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD, EVENT])
    }
}

impl IntoParams for GuildPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD])
    }
}

impl IntoParams for MemberPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD, MEMBER])
    }
}

impl IntoParams for ChannelPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD, CHANNEL])
    }
}

impl IntoParams for BoardPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[GUILD, BOARD])
    }
}

fn document(parameters: &[Parameter]) -> Vec<OpenApiParameter> {
    parameters.iter().map(|parameter| parameter.document(ParameterIn::Path)).collect()
}

async fn id<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<u64, Problem> {
    let text = part(parts, state, name).await?;
    snowflake(name, &text)
}

/// One part of the path, decoded.
async fn part<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, Problem> {
    let all = RawPathParams::from_request_parts(parts, state).await.map_err(|rejection| {
        // The rejection names the part in its text only.
        let text = rejection.body_text();
        let broken = [GUILD, MEMBER, CHANNEL, BOARD, EVENT, CASE]
            .into_iter()
            .find(|p| text.contains(p.name));
        let broken = broken.map_or(name, |parameter| parameter.name);
        Problem::bad_parameter(broken, "this part of the path is not percent-encoded UTF-8")
    })?;
    let value = all.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    value.ok_or_else(|| Problem::bad_parameter(name, "this part of the path is missing"))
}
