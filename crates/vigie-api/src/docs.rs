//! The browsable page of the API: one page, one script, one style, all from here.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::openapi;
use crate::problem::Problem;

const PAGE: &str = include_str!("../assets/docs.html");
const SCRIPT: &str = include_str!("../assets/docs.js");
const STYLE: &str = include_str!("../assets/docs.css");

/// `GET /api/v1/openapi.json`
pub async fn document() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(openapi::document).as_str();
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], document)
        .into_response()
}

/// `GET /api/docs`
pub async fn page() -> Response {
    text("text/html; charset=utf-8", PAGE)
}

/// `GET /api/docs/{file}`
pub async fn file(Path(file): Path<String>) -> Result<Response, Problem> {
    match file.as_str() {
        "docs.js" => Ok(text("text/javascript; charset=utf-8", SCRIPT)),
        "docs.css" => Ok(text("text/css; charset=utf-8", STYLE)),
        _ => Err(Problem::unknown_route()),
    }
}

fn text(kind: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}
