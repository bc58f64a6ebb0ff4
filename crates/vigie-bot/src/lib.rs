//! The only crate that knows the gateway: shard loop, payload lenses, intents.
