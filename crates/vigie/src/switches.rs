//! What is switched off, from the database to the bot: asked for again and again, for the page may be another process.

use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use vigie_bot::Switches;
use vigie_store::Store;

/// How often it is asked for: a switch has its effect within this time, and the time of a question.
const INTERVAL: Duration = Duration::from_secs(2);

/// Reads the switches and keeps them current until `stop` is cancelled.
///
/// # Errors
/// The database does not answer now; that it does not later is only logged, and what was read last stays in force.
pub async fn follow(
    store: Store,
    stop: CancellationToken,
) -> Result<(watch::Receiver<Arc<Switches>>, JoinHandle<()>)> {
    let switches = read(&store).await.context("cannot read what is switched off")?;
    let (sender, receiver) = watch::channel(Arc::new(switches));
    Ok((receiver, tokio::spawn(keep_current(store, sender, stop))))
}

async fn keep_current(store: Store, sender: watch::Sender<Arc<Switches>>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match read(&store).await {
            Ok(switches) => {
                is_failing = false;
                sender.send_if_modified(|current| {
                    let is_new = **current != switches;
                    if is_new {
                        *current = Arc::new(switches);
                    }
                    is_new
                });
            }
            Err(error) => {
                // Once for each time that it begins to fail.
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(error = %format!("{error:#}"), "cannot read what is switched off: what was read last holds");
                }
            }
        }
    }
}

async fn read(store: &Store) -> Result<Switches> {
    let rows = store.switches().await?;
    Ok(Switches::off(rows.iter().map(|(guild, event)| (*guild, event.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use vigie_core::vocabulary::GuildId;
    use vigie_store::StoreConfig;

    #[tokio::test]
    async fn a_switch_is_obeyed_within_five_seconds_and_again_when_it_is_back_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("vigie.db").display());
        let store = Store::open(&StoreConfig { url, connections_max: 2 }).await.expect("opens");
        store.set_switch(GuildId(0), "INVITE_CREATE", false).await.expect("switched off");
        let stop = CancellationToken::new();
        let (mut switches, task) = follow(store.clone(), stop.clone()).await.expect("reads");
        assert!(switches.borrow_and_update().is_off(GuildId(7), "INVITE_CREATE"));

        for (is_on, guild) in [(false, 7), (true, 7), (true, 0)] {
            let event = if guild == 0 { "INVITE_CREATE" } else { "GUILD_BAN_ADD" };
            let begun = Instant::now();
            store.set_switch(GuildId(guild), event, is_on).await.expect("switched");
            switches.changed().await.expect("the task runs");
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
            assert_eq!(switches.borrow_and_update().is_off(GuildId(7), event), !is_on);
        }
        assert!(switches.borrow().is_empty());
        stop.cancel();
        task.await.expect("ends");
    }
}
