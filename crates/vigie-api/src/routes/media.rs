//! Routes of pictures.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::media::{Address, Hash, PictureKind, SIZES};
use crate::params::query::{Query, snowflake};
use crate::problem::Problem;
use crate::state::App;

/// `GET /media/avatars/{user_id}/{hash}.png?size=`
pub async fn avatar(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.media.respond(address(PictureKind::Avatar, &id, &file, &query)?, &headers).await
}

/// `GET /media/icons/{guild_id}/{hash}.png?size=`
pub async fn icon(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.media.respond(address(PictureKind::Icon, &id, &file, &query)?, &headers).await
}

fn address(kind: PictureKind, id: &str, file: &str, query: &Query) -> Result<Address, Problem> {
    let id = snowflake("id", id).map_err(|_| Problem::unknown_picture())?;
    let hash = Hash::of_file(file).ok_or_else(Problem::unknown_picture)?;
    let size = match query.text("size") {
        None => 64,
        Some(text) => {
            let size = text.parse().ok().filter(|size| SIZES.contains(size));
            size.ok_or_else(|| {
                let sizes = SIZES.map(|size| size.to_string()).join(", ");
                Problem::bad_parameter("size", "there is no picture of this size")
                    .remedy(format!("give one of {sizes}"))
            })?
        }
    };
    Ok(Address { kind, id, hash, size })
}
