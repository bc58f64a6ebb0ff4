//! What is switched off is dropped at once, in its guild or everywhere; what is switched on is listened to, with a new log-in if the
//! session lacks it.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use vigie_bot::{Collect, Switches};
use vigie_core::vocabulary::GuildId;

use crate::fake::Fake;
use crate::{Stage, id_now, message, messages_in, within};

fn off(rows: &[(u64, &'static str)]) -> Arc<Switches> {
    Arc::new(Switches::off(rows.iter().map(|(guild, name)| (GuildId(*guild), *name))))
}

#[tokio::test]
async fn a_switch_holds_at_once_without_a_restart() {
    let (sender, switches) = watch::channel(off(&[]));
    let mut stage =
        Stage::start_with(Fake::start().await, |config| config.switches = switches).await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    stage.settle(&mut connection).await;
    sender.send(off(&[(77, "MESSAGE_CREATE")])).expect("the bot listens");
    // The same loop takes the switch before it reads another frame.
    within(async {
        let mut n = 2;
        while !stage.status().set_aside.contains_key("off.MESSAGE_CREATE") {
            connection.dispatch("MESSAGE_CREATE", &message(id_now(n)));
            stage.settle(&mut connection).await;
            n += 1;
        }
    })
    .await;
    let dropped = stage.status().set_aside["off.MESSAGE_CREATE"];
    sender.send(off(&[])).expect("the bot listens");
    connection.dispatch("GUILD_CREATE", &crate::guild(77));
    stage.settle(&mut connection).await;
    assert_eq!(stage.status().set_aside["off.MESSAGE_CREATE"], dropped);
    assert!(messages_in(&stage.end().await) >= 1);
}

#[tokio::test]
async fn intents_follow_the_switches_at_the_next_log_in() {
    let (sender, switches) = watch::channel(off(&[(0, "GUILD_EMOJIS_UPDATE")]));
    let mut stage = Stage::start_with(Fake::start().await, |config| {
        config.collect = Collect { messages: true, ..Collect::NOTHING };
        config.switches = switches;
    })
    .await;
    let (mut connection, identify) = within(stage.fake.logged_in()).await;
    assert_eq!(identify["intents"], 1 | 1 << 9);
    stage.settle(&mut connection).await;
    // Off: the session goes on.
    sender.send(off(&[(0, "GUILD_EMOJIS_UPDATE"), (0, "MESSAGE_CREATE")])).expect("heard");
    stage.settle(&mut connection).await;
    // It ends for another reason: the next one asks for less.
    connection.say(&json!({"t": null, "s": null, "op": 9, "d": false}));
    let (mut connection, identify) = within(stage.fake.logged_in()).await;
    assert_eq!(identify["intents"], 1);
    stage.settle(&mut connection).await;
    // On: the session lacks it and is replaced.
    sender.send(off(&[])).expect("heard");
    let (mut connection, identify) = within(stage.fake.logged_in()).await;
    assert_eq!(identify["intents"], 1 | 1 << 3 | 1 << 9);
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    stage.settle(&mut connection).await;
    assert_eq!(messages_in(&stage.end().await), 1);
}
