//! `cargo xtask codegen`: the OpenAPI snapshot from the routes, and the web app's client from the snapshot.

use crate::prepare;
use crate::shell::{cargo, output, root};
use anyhow::Result;

/// Writes both; a later difference between code, snapshot and client fails the tests.
pub fn run_openapi() -> Result<()> {
    let document =
        output(&mut cargo(&["run", "--quiet", "--package", "vigie-api", "--example", "openapi"]))?;
    std::fs::write(root().join("crates/vigie-api/openapi.json"), document)?;
    Ok(())
}

/// Snapshot, then client.
pub fn run() -> Result<()> {
    run_openapi()?;
    prepare::npm_packages("web")?;
    crate::shell::run(&mut prepare::npm("web", &["run", "api"]))
}
