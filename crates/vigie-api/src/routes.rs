//! Every route, in one table.

pub mod activity;
pub mod assets;
pub mod channels;
pub mod coverage;
pub mod docs;
mod files;
pub mod guilds;
pub mod invites;
pub mod leaderboards;
pub mod live;
pub mod media;
pub mod members;
pub mod moderation;
pub mod status;
pub mod switches;
pub mod voice;

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::App;

/// Path under which the documented routes stand.
pub const BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vigie",
        description = "Statistics of Discord servers. Ids are strings, instants are RFC 3339 in UTC, time axes are arrays of \
                       unix seconds. Errors are `application/problem+json` (RFC 9457) and name the parameter to blame.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "guilds", description = "Servers, their channels and roles, what changed, and what is listened to."),
        (name = "activity", description = "Messages, commands and reactions over time."),
        (name = "voice", description = "Time in voice, how many at once, and sessions. Minutes are rounded to 0.01."),
        (name = "coverage", description = "What could be heard, what was read again later, and what could not be had."),
        (name = "members", description = "Rankings, single members, and who came, went and stayed."),
        (name = "invites", description = "Who brought whom, with the evidence: Discord does not say it."),
        (name = "moderation", description = "Who did what to whom, and why, as far as Discord tells."),
        (name = "status", description = "How the pipeline is doing, and the live signal.")
    )
)]
struct Document;

/// The documented routes, under [`BASE`].
#[rustfmt::skip]
pub fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, OpenApiRouter::new()
        .routes(routes!(guilds::list))                 // GET /guilds
        .routes(routes!(guilds::one))                  // GET /guilds/{guild_id}
        .routes(routes!(guilds::channels))             // GET /guilds/{guild_id}/channels
        .routes(routes!(activity::overview))           // GET /guilds/{guild_id}/stats/overview
        .routes(routes!(activity::series))             // GET /guilds/{guild_id}/stats/series
        .routes(routes!(activity::series_csv))         // GET /guilds/{guild_id}/stats/series.csv
        .routes(routes!(activity::series_ndjson))      // GET /guilds/{guild_id}/stats/series.ndjson
        .routes(routes!(activity::heatmap))            // GET /guilds/{guild_id}/stats/heatmap
        .routes(routes!(voice::stats))                 // GET /guilds/{guild_id}/stats/voice
        .routes(routes!(voice::stats_csv))             // GET /guilds/{guild_id}/stats/voice.csv
        .routes(routes!(voice::stats_ndjson))          // GET /guilds/{guild_id}/stats/voice.ndjson
        .routes(routes!(voice::sessions))              // GET /guilds/{guild_id}/voice/sessions
        .routes(routes!(voice::sessions_csv))          // GET /guilds/{guild_id}/voice/sessions.csv
        .routes(routes!(voice::sessions_ndjson))       // GET /guilds/{guild_id}/voice/sessions.ndjson
        .routes(routes!(coverage::ledger))             // GET /guilds/{guild_id}/coverage
        .routes(routes!(coverage::ledger_csv))         // GET /guilds/{guild_id}/coverage.csv
        .routes(routes!(coverage::ledger_ndjson))      // GET /guilds/{guild_id}/coverage.ndjson
        .routes(routes!(leaderboards::page))           // GET /guilds/{guild_id}/leaderboards/{board}
        .routes(routes!(members::page))                // GET /guilds/{guild_id}/members/{user_id}
        .routes(routes!(channels::page))               // GET /guilds/{guild_id}/channels/{channel_id}
        .routes(routes!(members::growth::page))        // GET /guilds/{guild_id}/growth
        .routes(routes!(members::growth::csv))         // GET /guilds/{guild_id}/growth.csv
        .routes(routes!(members::growth::ndjson))      // GET /guilds/{guild_id}/growth.ndjson
        .routes(routes!(members::retention::page))     // GET /guilds/{guild_id}/retention
        .routes(routes!(members::retention::csv))      // GET /guilds/{guild_id}/retention.csv
        .routes(routes!(members::retention::ndjson))   // GET /guilds/{guild_id}/retention.ndjson
        .routes(routes!(members::lifecycle::page))     // GET /guilds/{guild_id}/lifecycle
        .routes(routes!(members::lifecycle::csv))      // GET /guilds/{guild_id}/lifecycle.csv
        .routes(routes!(members::lifecycle::ndjson))   // GET /guilds/{guild_id}/lifecycle.ndjson
        .routes(routes!(members::quiet::page))         // GET /guilds/{guild_id}/members/quiet
        .routes(routes!(members::quiet::csv))          // GET /guilds/{guild_id}/members/quiet.csv
        .routes(routes!(members::quiet::ndjson))       // GET /guilds/{guild_id}/members/quiet.ndjson
        .routes(routes!(invites::stats))               // GET /guilds/{guild_id}/invite-stats
        .routes(routes!(invites::stats_csv))           // GET /guilds/{guild_id}/invite-stats.csv
        .routes(routes!(invites::stats_ndjson))        // GET /guilds/{guild_id}/invite-stats.ndjson
        .routes(routes!(invites::book::page))          // GET /guilds/{guild_id}/invites
        .routes(routes!(invites::book::csv))           // GET /guilds/{guild_id}/invites.csv
        .routes(routes!(invites::book::ndjson))        // GET /guilds/{guild_id}/invites.ndjson
        .routes(routes!(invites::joins::page))         // GET /guilds/{guild_id}/invites/joins
        .routes(routes!(invites::joins::csv))          // GET /guilds/{guild_id}/invites/joins.csv
        .routes(routes!(invites::joins::ndjson))       // GET /guilds/{guild_id}/invites/joins.ndjson
        .routes(routes!(invites::tree::page))          // GET /guilds/{guild_id}/invites/tree
        .routes(routes!(invites::tree::csv))           // GET /guilds/{guild_id}/invites/tree.csv
        .routes(routes!(invites::tree::ndjson))        // GET /guilds/{guild_id}/invites/tree.ndjson
        .routes(routes!(moderation::cases::recent))    // GET /guilds/{guild_id}/moderation/recent
        .routes(routes!(moderation::cases::recent_csv)) // GET /guilds/{guild_id}/moderation/recent.csv
        .routes(routes!(moderation::cases::recent_ndjson)) // GET /guilds/{guild_id}/moderation/recent.ndjson
        .routes(routes!(moderation::cases::one))       // GET /guilds/{guild_id}/moderation/cases/{case_id}
        .routes(routes!(moderation::summary::page))    // GET /guilds/{guild_id}/moderation/summary
        .routes(routes!(moderation::summary::csv))     // GET /guilds/{guild_id}/moderation/summary.csv
        .routes(routes!(moderation::summary::ndjson))  // GET /guilds/{guild_id}/moderation/summary.ndjson
        .routes(routes!(guilds::changes::page))        // GET /guilds/{guild_id}/changes
        .routes(routes!(guilds::changes::csv))         // GET /guilds/{guild_id}/changes.csv
        .routes(routes!(guilds::changes::ndjson))      // GET /guilds/{guild_id}/changes.ndjson
        .routes(routes!(guilds::details::roles))       // GET /guilds/{guild_id}/roles
        .routes(routes!(guilds::details::roles_csv))   // GET /guilds/{guild_id}/roles.csv
        .routes(routes!(guilds::details::roles_ndjson)) // GET /guilds/{guild_id}/roles.ndjson
        .routes(routes!(guilds::details::access))      // GET /guilds/{guild_id}/access
        .routes(routes!(switches::here))               // GET /guilds/{guild_id}/switches
        .routes(routes!(switches::set_here))           // PUT /guilds/{guild_id}/switches/{event}
        .routes(routes!(switches::everywhere))         // GET /switches
        .routes(routes!(switches::set_everywhere))     // PUT /switches/{event}
        .routes(routes!(live::stream))                 // GET /guilds/{guild_id}/live
        .routes(routes!(status::status))               // GET /status
    )
}

/// The routes that are no part of the document.
#[rustfmt::skip]
pub fn others() -> Router<App> {
    Router::new()
        .route("/api/v1/openapi.json", get(docs::openapi))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/page.js", get(docs::script))
        .route("/api/docs/page.css", get(docs::style))
        .route("/media/avatars/{user_id}/{file}", get(media::avatar))
        .route("/media/icons/{guild_id}/{file}", get(media::icon))
        .route("/media/emojis/{file}", get(media::emoji))
        .route("/health", get(docs::health))
}
