//! Routes of pictures.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::media::Address;
use crate::params::query::Query;
use crate::params::{Parameter, Shape};
use crate::problem::Problem;
use crate::state::App;

const PICTURE: &[Parameter] = &[Parameter {
    name: "size",
    about: "Side in pixels: 16, 32, 64, 128, 256 or 512.",
    shape: Shape::Number(16, 512),
}];

type TwoParts = Result<Path<(String, String)>, axum::extract::rejection::PathRejection>;
type OnePart = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// A member's picture.
pub async fn avatar(
    State(app): State<App>,
    path: TwoParts,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[PICTURE])?;
    let Path((id, file)) = path.map_err(|_| unreadable())?;
    app.media.respond(Address::avatar(&id, &file, &query)?, &headers).await
}

/// A server's icon.
pub async fn icon(
    State(app): State<App>,
    path: TwoParts,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[PICTURE])?;
    let Path((id, file)) = path.map_err(|_| unreadable())?;
    app.media.respond(Address::icon(&id, &file, &query)?, &headers).await
}

/// A server's own emoji.
pub async fn emoji(
    State(app): State<App>,
    path: OnePart,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[PICTURE])?;
    let Path(file) = path.map_err(|_| unreadable())?;
    app.media.respond(Address::emoji(&file, &query)?, &headers).await
}

fn unreadable() -> Problem {
    Problem::bad_parameter("file", "a part of the path is not percent-encoded UTF-8")
}
