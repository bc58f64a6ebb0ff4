//! `/applications/@me`. Source: Discord, "Application Resource".

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use vigie_world::{World, payload};

use super::JsonText;
use crate::gateway::intents::Intents;
use crate::gateway::ready::APPLICATION_FLAGS;
use crate::hub::Hub;
use crate::json;
use crate::sync::read;

/// Where the flags say that a privileged intent is granted to an application in few guilds.
const LIMITED_FLAGS: [(Intents, u64); 3] = [
    (Intents::GUILD_PRESENCES, 1 << 13),
    (Intents::GUILD_MEMBERS, 1 << 15),
    (Intents::MESSAGE_CONTENT, 1 << 19),
];

/// Our application, with its bot and its owner (the owner of the first guild).
pub(crate) async fn me(State(hub): State<Arc<Hub>>) -> JsonText {
    let mut out = String::new();
    write(&read(&hub.world), hub.privileged(), &mut out);
    JsonText(out)
}

/// Writes the application; its flags say which privileged intents are `granted`.
pub(crate) fn write(world: &World, granted: Intents, out: &mut String) {
    let application = world.application();
    let limited = LIMITED_FLAGS.iter().fold(0, |flags, (_, bit)| flags | bit);
    let flags = LIMITED_FLAGS
        .iter()
        .filter(|(intent, _)| granted.contains(*intent))
        .fold(APPLICATION_FLAGS & !limited, |flags, (_, bit)| flags | bit);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        concat!(
            r#"{{"id":"{id}","name":{name},"icon":null,"description":"","summary":"","type":null,"hook":true,"#,
            r#""verify_key":"{key:064x}","flags":{flags},"bot_public":false,"bot_require_code_grant":false,"#,
            r#""integration_types_config":{{"0":{{}}}},"redirect_uris":[],"interactions_endpoint_url":null,"#,
            r#""role_connections_verification_url":null,"tags":[],"team":null,"approximate_guild_count":{guilds},"#,
            r#""approximate_user_install_count":0,"rpc_origins":[],"bot":"#,
        ),
        id = application.id.0,
        name = json::string(application.name),
        key = application.id.0,
        flags = flags,
        guilds = world.guilds().len(),
    );
    payload::user(&application.user, out);
    if let Some(guild) = world.guilds().first() {
        out.push_str(r#","owner":"#);
        payload::user(&world.member(guild, 0).user, out);
    }
    out.push('}');
}
