//! READY. Source: Discord, "Gateway Events", Ready.

use std::fmt::Write as _;

use vigie_core::vocabulary::GuildId;
use vigie_world::{World, payload};

use super::connection::Parameters;
use super::identify::Identify;
use crate::json;

/// The flags of our application: gateway intents for presence, members and content, limited and not, as Discord gives them to
/// applications in few guilds.
pub(crate) const APPLICATION_FLAGS: u64 = 565_248;

/// The `d` of READY.
pub(crate) fn write(
    world: &World,
    session_id: &str,
    identify: &Identify,
    parameters: &Parameters,
    guilds: impl Iterator<Item = GuildId>,
) -> String {
    let mut out = String::with_capacity(2_048);
    let _ = write!(out, r#"{{"v":{},"user":"#, parameters.version);
    payload::current_user(world, &mut out);
    out.push_str(r#","guilds":"#);
    json::array(&mut out, guilds.filter(|guild| identify.shard.holds(*guild)), |guild, out| {
        let _ = write!(out, r#"{{"id":"{}","unavailable":true}}"#, guild.0);
    });
    let _ = write!(
        out,
        r#","session_id":"{session_id}","resume_gateway_url":{url},"session_type":"normal","shard":[{id},{count}],"application":{{"id":"{application}","flags":{flags},"flags_new":"{flags}"}},"#,
        url = json::string(&parameters.gateway_url),
        id = identify.shard.id,
        count = identify.shard.count,
        application = world.application().id.0,
        flags = APPLICATION_FLAGS,
    );
    out.push_str(concat!(
        r#""private_channels":[],"presences":[],"relationships":[],"user_settings":{},"guild_join_requests":[],"#,
        r#""geo_ordered_rtc_regions":[],"game_relationships":[],"auth":{},"_trace":["[\"sim\",{\"micros\":1}]"]}"#,
    ));
    out
}
