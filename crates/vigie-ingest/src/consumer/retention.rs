//! What is kept for a while only: looked through once an hour, beside the work on deliveries.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use vigie_store::Store;

use super::apply::unix_ms;
use crate::limits::RETENTION_INTERVAL_S;

/// Deletes what has outlived its time, at once and then once an hour, for ever. A failure is told to the log, and made good an hour later.
pub(super) async fn run(store: Store) -> Infallible {
    let mut hours = tokio::time::interval(Duration::from_secs(RETENTION_INTERVAL_S));
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        match store.purge_voice_sessions(unix_ms()).await {
            Ok(0) => {}
            Ok(sessions) => {
                tracing::info!(sessions, "Voice sessions older than 30 days were deleted");
            }
            Err(error) => {
                tracing::warn!(%error, "Old voice sessions were not deleted, it will be tried again in an hour");
            }
        }
        match store.purge_removed_guilds(unix_ms()).await {
            Ok(0) => {}
            Ok(guilds) => {
                tracing::info!(guilds, "Guilds that removed the bot 30 days ago were deleted");
            }
            Err(error) => {
                tracing::warn!(%error, "Removed guilds were not deleted, it will be tried again in an hour");
            }
        }
    }
}
