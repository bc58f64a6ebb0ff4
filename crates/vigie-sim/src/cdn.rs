//! The CDN: pictures drawn from what names them.
//!
//! `/avatars/{user}/{hash}.png`, `/icons/{guild}/{hash}.png`, `/emojis/{id}.png`, `/embed/avatars/{n}.png`, with
//! `?size=` a power of two from 16 to 4096 (drawn up to 512). Whatever extension is asked for, the answer is a PNG and says
//! so. Source: Discord, "Reference", Image Formatting.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use vigie_world::{AssetHash, picture};

use crate::hub::Hub;

/// Extensions that are answered.
const EXTENSIONS: [&str; 5] = ["png", "webp", "jpg", "jpeg", "gif"];
/// The size without `?size=`.
const DEFAULT_SIZE: u32 = 128;
/// A picture never changes: its name is made from its content.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

pub(crate) fn router(_hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route("/avatars/{user}/{file}", get(avatar))
        .route("/icons/{guild}/{file}", get(icon))
        .route("/emojis/{file}", get(emoji))
        .route("/embed/avatars/{file}", get(default_avatar))
}

type SizeQuery = Query<HashMap<String, String>>;

async fn avatar(
    Path((_, file)): Path<(String, String)>,
    Query(query): SizeQuery,
    headers: HeaderMap,
) -> Response {
    let hash = name_of(&file).and_then(AssetHash::parse);
    serve(hash.map(|hash| move |size| picture::avatar_png(hash, size)), &file, &query, &headers)
        .await
}

async fn icon(
    Path((_, file)): Path<(String, String)>,
    Query(query): SizeQuery,
    headers: HeaderMap,
) -> Response {
    let hash = name_of(&file).and_then(AssetHash::parse);
    serve(hash.map(|hash| move |size| picture::icon_png(hash, size)), &file, &query, &headers).await
}

async fn emoji(Path(file): Path<String>, Query(query): SizeQuery, headers: HeaderMap) -> Response {
    let id = name_of(&file).and_then(|name| name.parse::<u64>().ok());
    serve(id.map(|id| move |size| picture::emoji_png(id, size)), &file, &query, &headers).await
}

async fn default_avatar(
    Path(file): Path<String>,
    Query(query): SizeQuery,
    headers: HeaderMap,
) -> Response {
    let index = name_of(&file).and_then(|name| name.parse::<u64>().ok()).filter(|n| *n < 6);
    let draw = index.map(|index| move |size| picture::default_avatar_png(index, size));
    serve(draw, &file, &query, &headers).await
}

/// The file name without an extension that is answered.
fn name_of(file: &str) -> Option<&str> {
    let (name, extension) = file.rsplit_once('.')?;
    EXTENSIONS.contains(&extension).then_some(name)
}

fn size_of(query: &HashMap<String, String>) -> Option<u32> {
    let Some(size) = query.get("size") else { return Some(DEFAULT_SIZE) };
    let size = size.parse::<u32>().ok()?;
    (size.is_power_of_two() && (16..=4_096).contains(&size)).then_some(size)
}

async fn serve<F>(
    draw: Option<F>,
    file: &str,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Response
where
    F: FnOnce(u32) -> Vec<u8> + Send + 'static,
{
    let Some(draw) = draw else { return StatusCode::NOT_FOUND.into_response() };
    let Some(size) = size_of(query) else {
        return (StatusCode::BAD_REQUEST, "size is a power of two from 16 to 4096").into_response();
    };
    let name = name_of(file).unwrap_or_default();
    let Ok(etag) = HeaderValue::from_str(&format!("\"{name}-{size}\"")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        return with_headers(StatusCode::NOT_MODIFIED, etag, Body::empty());
    }
    match tokio::task::spawn_blocking(move || draw(size)).await {
        Ok(png) => with_headers(StatusCode::OK, etag, png.into()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn with_headers(status: StatusCode, etag: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if status == StatusCode::OK {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    }
    response
}
