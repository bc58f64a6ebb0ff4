//! The HTTP door: routes by family, live signal, media, embedded web app, OpenAPI.

mod assets;
mod cache;
mod cases;
mod export;
mod ledger;
pub mod limits;
mod live;
mod measure;
mod media;
mod names;
mod openapi;
mod params;
mod people;
mod period;
mod pipeline;
pub mod problem;
mod routes;
mod scene;
mod server;
mod state;
pub mod types;

pub use openapi::document as openapi_document;
pub use pipeline::{
    CatchUp, Events, Ingest, Journal, Outbox, PipelineStatus, Readings, Restart, RestartOutcome,
    Shard,
};
pub use server::{Api, ApiError};
pub use state::{Clock, StatusProbe};

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
