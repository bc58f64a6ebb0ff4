//! The HTTP door: routes by family, live signal, media, embedded web app, OpenAPI.

mod export;
pub mod limits;
mod openapi;
mod params;
mod pipeline;
pub mod problem;
mod routes;
mod state;
pub mod types;

pub use openapi::document as openapi_document;
pub use pipeline::{Events, Ingest, Outbox, PipelineStatus, Shard};

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Where pictures come from: `https://cdn.discordapp.com`, or a simulator's address.
    pub cdn_url: String,
    /// The data is imaginary; the page says so.
    pub demo: bool,
    /// Version of the program.
    pub version: String,
}
