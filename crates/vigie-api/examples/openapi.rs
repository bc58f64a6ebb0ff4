//! Prints the OpenAPI document: `cargo run -p vigie-api --example openapi > crates/vigie-api/openapi.json`.
#![allow(clippy::print_stdout)]

fn main() {
    print!("{}", vigie_api::openapi_document());
}
