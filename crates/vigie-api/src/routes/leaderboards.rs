//! Routes of the leaderboards family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::collections::HashMap;
use vigie_core::vocabulary::UserId;
use vigie_store::question::{Board as StoreBoard, LeaderCursor, LeaderboardQuestion, ScoreWeights};

use crate::export;
use crate::ledger::ACTIVITY;
use crate::limits;
use crate::measure::share;
use crate::names;
use crate::params::path::BoardPath;
use crate::params::stats::Cursor;
use crate::params::stats::LeaderboardParams;
use crate::period::Span;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::leaderboards::{self, Board, Leaderboard, LeaderboardRow};
use crate::types::vocabulary::Figure;

/// A ranking of members.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/leaderboards/{board}",
    operation_id = "leaderboard",
    tag = "members",
    params(BoardPath, LeaderboardParams),
    responses(
        (status = 200, body = Leaderboard),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: BoardPath,
    params: LeaderboardParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut scene = Scene::open(&app, path.guild, &params.stats).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    if let Some(format) = path.format.or_else(|| export::accepted(&headers)) {
        let board = whole(&app, &scene, path.board, &params).await?;
        return Ok(export::leaderboard(&board, format));
    }
    let key = scene.key(&format!("leaderboard {:?}", path.board), &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, path.board, &params)).await?.respond(&headers))
}

/// All pages from the cursor on, up to the bound of an export.
async fn whole(
    app: &App,
    scene: &Scene,
    board: Board,
    params: &LeaderboardParams,
) -> Result<Leaderboard, Problem> {
    let mut params =
        LeaderboardParams { limit: Some(limits::LEADERBOARD_ROWS_MAX), ..params.clone() };
    let mut all = answer(app, scene, board, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, scene, board, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(all)
}

async fn answer(
    app: &App,
    scene: &Scene,
    board: Board,
    params: &LeaderboardParams,
) -> Result<Leaderboard, Problem> {
    let weights = ScoreWeights::default();
    let span = scene.resolved.span;
    let limit = params.limit.unwrap_or(limits::LEADERBOARD_ROWS_DEFAULT);
    let question = |span: Span| LeaderboardQuestion {
        audience: scene.audience,
        scope: scene.scope,
        ..LeaderboardQuestion::new(scene.guild, span.hours(), store_board(board, weights), limit)
    };
    // One row more than asked for says whether there is a next page.
    let page = LeaderboardQuestion {
        limit: limit + 1,
        search: params.search.clone(),
        after: params
            .cursor
            .map(|cursor| LeaderCursor { value: cursor.value, member: cursor.member }),
        ..question(span)
    };
    let mut found = app.store.leaderboard(&page).await?;
    let more = found.rows.len() > limit as usize;
    found.rows.truncate(limit as usize);
    let members: Vec<UserId> = found.rows.iter().map(|row| row.member.id).collect();
    let ledger = scene.ledger(app).await?;
    let families = families(board);
    let compared = scene
        .previous(families)
        .filter(|span| ledger.share(families, *span) >= limits::COMPARED_SHARE_MIN);
    let before: HashMap<UserId, u64> = match compared {
        Some(previous) => {
            let standings = app.store.standings(&question(previous), &members).await?;
            standings.iter().map(|row| (row.member, row.rank)).collect()
        }
        None => HashMap::new(),
    };
    let last = found.rows.last().filter(|_| more);
    let next_cursor =
        last.map(|row| Cursor { value: row.value, member: row.member.id, span }.to_string());
    let rows = found.rows.iter().map(|row| LeaderboardRow {
        rank: row.rank,
        member: names::member(&row.member),
        value: Figure::rounded(row.value),
        share: share(row.value, found.total_value),
        previous_rank: before.get(&row.member.id).copied(),
        messages: row.counts.messages,
        reactions: row.counts.reactions_added,
        commands: row.counts.commands,
        voice_minutes: Figure::minutes(row.voice.total_ms),
        active_voice_minutes: Figure::minutes(row.voice.active_ms),
    });
    Ok(Leaderboard {
        period: scene.resolved.period(),
        board,
        rows: rows.collect(),
        total_rows: found.total_rows,
        total_value: Figure::rounded(found.total_value),
        next_cursor,
        weights: (board == Board::Activity).then_some(leaderboards::ScoreWeights {
            message: weights.messages,
            voice_minute: weights.voice_minutes,
            reaction: weights.reactions,
        }),
        coverage: ledger.coverage(families, span),
    })
}

/// The families that a ranking rests on.
fn families(board: Board) -> &'static [Family] {
    match board {
        Board::Messages => &[Family::Messages],
        Board::Voice => &[Family::Voice],
        Board::Reactions => &[Family::Reactions],
        Board::Activity => &ACTIVITY,
    }
}

fn store_board(board: Board, weights: ScoreWeights) -> StoreBoard {
    match board {
        Board::Messages => StoreBoard::Messages,
        Board::Voice => StoreBoard::Voice,
        Board::Reactions => StoreBoard::Reactions,
        Board::Activity => StoreBoard::Activity { weights },
    }
}
