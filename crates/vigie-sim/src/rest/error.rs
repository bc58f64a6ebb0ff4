//! Errors as Discord writes them: `{"message", "code", "errors"?}`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use vigie_world::payload::Refusal;

use super::json_text;
use crate::json;

/// An error of the REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RestError {
    status: StatusCode,
    code: u32,
    message: &'static str,
    /// For form errors: the field, the name of the fault and its words.
    field: Option<(String, &'static str, String)>,
}

impl RestError {
    pub(crate) const UNAUTHORIZED: Self =
        Self::new(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized");
    pub(crate) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, 0, "404: Not Found");
    pub(crate) const METHOD_NOT_ALLOWED: Self =
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed");
    pub(crate) const UNKNOWN_CHANNEL: Self =
        Self::new(StatusCode::NOT_FOUND, 10_003, "Unknown Channel");
    pub(crate) const UNKNOWN_GUILD: Self =
        Self::new(StatusCode::NOT_FOUND, 10_004, "Unknown Guild");
    pub(crate) const UNKNOWN_MEMBER: Self =
        Self::new(StatusCode::NOT_FOUND, 10_007, "Unknown Member");
    pub(crate) const UNKNOWN_MESSAGE: Self =
        Self::new(StatusCode::NOT_FOUND, 10_008, "Unknown Message");
    pub(crate) const UNKNOWN_USER: Self = Self::new(StatusCode::NOT_FOUND, 10_013, "Unknown User");
    pub(crate) const UNKNOWN_BAN: Self = Self::new(StatusCode::NOT_FOUND, 10_026, "Unknown Ban");
    pub(crate) const MISSING_ACCESS: Self =
        Self::new(StatusCode::FORBIDDEN, 50_001, "Missing Access");
    pub(crate) const MISSING_PERMISSIONS: Self =
        Self::new(StatusCode::FORBIDDEN, 50_013, "Missing Permissions");
    pub(crate) const WRONG_CHANNEL_TYPE: Self =
        Self::new(StatusCode::BAD_REQUEST, 50_024, "Cannot execute action on this channel type");
    pub(crate) const INTERNAL: Self =
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 0, "500: Internal Server Error");

    const fn new(status: StatusCode, code: u32, message: &'static str) -> Self {
        Self { status, code, message, field: None }
    }

    /// A form error (50035) of one field.
    pub(crate) fn form(field: &str, fault: &'static str, words: impl Into<String>) -> Self {
        Self {
            field: Some((field.to_owned(), fault, words.into())),
            ..Self::new(StatusCode::BAD_REQUEST, 50_035, "Invalid Form Body")
        }
    }
}

impl From<Refusal> for RestError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownChannel => Self::UNKNOWN_CHANNEL,
            Refusal::MissingAccess => Self::MISSING_ACCESS,
            Refusal::WrongChannelType => Self::WRONG_CHANNEL_TYPE,
        }
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let errors = self.field.map_or_else(String::new, |(field, fault, words)| {
            let (field, words) = (json::string(&field), json::string(&words));
            format!(
                r#","errors":{{{field}:{{"_errors":[{{"code":"{fault}","message":{words}}}]}}}}"#
            )
        });
        let text = format!(r#"{{"message":"{}","code":{}{errors}}}"#, self.message, self.code);
        json_text(self.status, text)
    }
}
