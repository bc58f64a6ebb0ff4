//! Who brought whom.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{InviteTreeQuestion, TreeNode};

use crate::export;
use crate::limits;
use crate::measure::members::ms;
use crate::names;
use crate::params::Ask;
use crate::params::invites::TreeParams;
use crate::params::path::GuildPath;
use crate::people;
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::invites::{InviteTree, InviteTreeRow};
use crate::types::vocabulary::Snowflake;

/// Who brought whom, as a tree.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/invites/tree",
    operation_id = "invite_tree",
    tag = "invites",
    params(GuildPath, Ask::<TreeParams>),
    responses(
        (status = 200, body = InviteTree),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<TreeParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = Scene::open(&app, path.guild, &params.stats).await?;
    let key = scene.key("invite tree", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(TreeParams),
    tag = "invites",
    csv = "/guilds/{guild_id}/invites/tree.csv",
    "invite_tree_csv",
    "Who brought whom, as CSV.",
    ndjson = "/guilds/{guild_id}/invites/tree.ndjson",
    "invite_tree_ndjson",
    "Who brought whom, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &TreeParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = Scene::open(app, path.guild, &params.stats).await?;
    Ok(export::invite_tree(&answer(app, &scene, params).await?, format))
}

async fn answer(app: &App, scene: &Scene, params: &TreeParams) -> Result<InviteTree, Problem> {
    let span = scene.resolved.span;
    let question = InviteTreeQuestion {
        guild: scene.guild,
        from_ms: ms(span.from),
        to_ms: ms(span.to),
        root: params.root,
        depth: params.depth,
        limit: limits::TREE_NODES_MAX,
    };
    let (tree, coverage) = tokio::try_join!(
        async { Ok(app.store.invite_tree(&question).await?) },
        scene.coverage(app, &[Family::Members]),
    )?;
    Ok(InviteTree {
        period: scene.resolved.period(),
        rows: tree.nodes.iter().map(row).collect(),
        truncated: tree.is_cut,
        coverage,
    })
}

fn row(node: &TreeNode) -> InviteTreeRow {
    InviteTreeRow {
        member: names::member(&node.member),
        parent_id: node.parent.map(|id| Snowflake(id.0)),
        depth: node.depth,
        joined_at: people::instant(node.joined_at_ms),
        is_member: node.is_member,
        brought: node.brought,
        below: node.below,
    }
}
