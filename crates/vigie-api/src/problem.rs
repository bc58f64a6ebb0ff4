//! Errors as the client sees them: `application/problem+json` (RFC 9457), each with a cause and, where there is one,
//! a remedy and the parameter it is about.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: `/problems/…`, stable.
    pub r#type: &'static str,
    /// The kind of problem in words, the same for all of its kind.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What went wrong this time.
    pub detail: String,
    /// The parameter that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Problem {
    /// 422: a parameter cannot be read or does not fit the others.
    pub fn bad_parameter(parameter: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "/problems/bad-parameter",
            "A parameter is not acceptable",
            detail,
        );
        problem.parameter = Some(parameter.to_owned());
        problem
    }

    /// 404: no such server.
    pub fn unknown_guild() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-guild",
            "No such server",
            "no server with this id is known here",
        )
        .remedy("ask /api/v1/guilds for the servers that are")
    }

    /// 404: no such member in this server.
    pub fn unknown_member() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-member",
            "No such member",
            "nothing was ever counted for a member with this id in this server",
        )
    }

    /// 404: no such channel in this server.
    pub fn unknown_channel() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-channel",
            "No such channel",
            "no channel with this id is known in this server",
        )
        .remedy("ask /api/v1/guilds/{guild_id}/channels for the channels that are")
    }

    /// 404: no such act of moderation in this server.
    pub fn unknown_case() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-case",
            "No such act",
            "no act of moderation with this id is known in this server",
        )
        .remedy(
            "an act and its audit entry become one row: ask moderation/recent for the ids that are",
        )
    }

    /// 403: a request that would write comes from a page of another site.
    pub fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "/problems/foreign-origin",
            "Not from a page of this address",
            "the request would change something, and a page of another address is behind it",
        )
        .remedy("change it on the page that is served here")
    }

    /// 415: a body that does not say that it is JSON.
    pub fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "/problems/not-json",
            "The body is not JSON",
            "the header Content-Type is not `application/json`",
        )
        .remedy("send JSON, and say so")
    }

    /// 400: a body that cannot be read.
    pub fn bad_body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "/problems/bad-body", "The body cannot be read", detail)
            .remedy("/api/docs shows what the route takes")
    }

    /// 404: no such route.
    pub fn unknown_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-route",
            "No such route",
            "nothing is served under this path",
        )
        .remedy("/api/docs lists every route")
    }

    /// 404: the picture does not exist at Discord.
    pub fn unknown_picture() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "/problems/unknown-picture",
            "No such picture",
            "there is no picture under this path",
        )
    }

    /// 405: the route exists, the method does not.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "/problems/method-not-allowed",
            "Method not allowed",
            "this route does not know this method",
        )
        .remedy("/api/docs lists the methods of every route")
    }

    /// 403: the request was addressed to a name that is not this machine's own.
    pub fn foreign_host() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "/problems/foreign-host",
            "Not addressed to this machine",
            "the Host header names no loopback address; a page of another site may be behind this request",
        )
        .remedy("open the address by localhost, 127.0.0.1 or [::1]")
    }

    /// 414: the address is too long.
    pub fn address_too_long() -> Self {
        Self::new(
            StatusCode::URI_TOO_LONG,
            "/problems/address-too-long",
            "The address is too long",
            format!("an address may be {} bytes long at most", crate::limits::URI_BYTES_MAX),
        )
    }

    /// 413: the body is too large.
    pub fn body_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "/problems/body-too-large",
            "The body is too large",
            format!("a body may be {} bytes long at most", crate::limits::BODY_BYTES_MAX),
        )
    }

    /// 503: too much at once, or too slow.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/busy", "Not now", detail)
            .remedy("try again in a moment, or ask for a shorter period")
    }

    /// 503: the database does not answer as it should.
    pub fn store_unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "/problems/store-unavailable",
            "The database does not answer",
            "the question could not be put to the database; the log says why",
        )
        .remedy("see /api/v1/status, and the log of the server")
    }

    /// 502: the picture's source does not answer as it should.
    pub fn media_unavailable() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "/problems/media-unavailable",
            "The picture cannot be fetched",
            "the place pictures come from did not answer with a picture",
        )
    }

    /// 500: a defect of this program.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "/problems/internal",
            "A defect of this program",
            "answering this question failed; the log says where",
        )
        .remedy("report it with the address that was asked and the lines of the log")
    }

    /// The same with a remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            r#type: kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
            remedy: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).expect("strings and numbers always serialise");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<vigie_store::StoreError> for Problem {
    fn from(error: vigie_store::StoreError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "A question to the database failed"
        );
        match error {
            vigie_store::StoreError::InvalidQuestion { .. } => Self::internal(),
            _ => Self::store_unavailable(),
        }
    }
}
