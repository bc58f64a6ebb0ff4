//! Bodies of the routes that write: JSON, small, read strictly.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use crate::problem::Problem;
use crate::types::guilds::SwitchChange;

/// The body of a switch.
#[derive(Clone, Copy, Debug)]
pub struct SwitchBody(pub SwitchChange);

impl<S: Send + Sync> FromRequest<S> for SwitchBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::not_json());
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                Problem::body_too_large()
            } else {
                Problem::bad_body("the body did not arrive whole")
            }
        })?;
        let change = serde_json::from_slice(&body);
        change
            .map(Self)
            .map_err(|_| Problem::bad_body("the body is not `{\"on\": true}` or `{\"on\": false}`"))
    }
}

/// Whether the body says of itself that it is JSON. A page of another site cannot say so without asking first (CORS), and is not
/// answered then.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else { return false };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
