//! Routes of the status family.

use axum::response::Response;

use crate::problem::Problem;
use crate::types::status::Status;

/// How the pipeline is doing.
#[utoipa::path(
    get,
    path = "/status",
    operation_id = "status",
    tag = "status",
    responses(
        (status = 200, body = Status),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn status() -> Result<Response, Problem> {
    Err(Problem::internal())
}
