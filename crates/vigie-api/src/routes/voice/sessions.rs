//! Voice sessions that have ended, the newest first, page by page.

use vigie_core::vocabulary::GuildId;
use vigie_store::question::{VoiceSessionCursor, VoiceSessionRow, VoiceSessionsQuestion};

use crate::limits;
use crate::measure::voice;
use crate::names;
use crate::params::lists::{Cursor, SessionsParams};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::vocabulary::Instant;
use crate::types::voice::{VoiceSegment, VoiceSession, VoiceSessions};

/// Resolves the question; later pages keep the period of the first.
pub async fn scene(app: &App, guild: GuildId, params: &SessionsParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, guild, &params.stats).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    Ok(scene)
}

/// One page.
pub async fn answer(
    app: &App,
    scene: &Scene,
    params: &SessionsParams,
) -> Result<VoiceSessions, Problem> {
    let span = scene.resolved.span;
    let question = VoiceSessionsQuestion {
        guild: scene.guild,
        from_ms: i64::from(span.from) * 60_000,
        to_ms: i64::from(span.to) * 60_000,
        audience: scene.audience,
        member: params.member,
        scope: voice::place(scene),
        after: params.cursor.map(|cursor| cursor.after),
        limit: params.limit.unwrap_or(limits::ROWS_DEFAULT),
    };
    let page = app.store.voice_sessions(&question).await?;
    Ok(VoiceSessions {
        period: scene.resolved.period(),
        rows: page.rows.iter().map(|row| session(scene, row)).collect(),
        next_cursor: page.next.map(|after| Cursor { after, span }.to_string()),
        coverage: scene.coverage(app, &[Family::Voice]).await?,
    })
}

/// All pages from the cursor on, up to the bound of an export.
pub async fn whole(
    app: &App,
    scene: &Scene,
    params: &SessionsParams,
) -> Result<VoiceSessions, Problem> {
    let mut params = SessionsParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = answer(app, scene, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::<VoiceSessionCursor>::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, scene, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(all)
}

fn session(scene: &Scene, row: &VoiceSessionRow) -> VoiceSession {
    let session = &row.session;
    let segments = session.segments.iter().map(|segment| VoiceSegment {
        states: voice::states(segment.state),
        duration_ms: segment.duration_ms,
    });
    VoiceSession {
        member: names::member(&row.member),
        channel: scene.known.channels.named(session.channel),
        from: Instant(session.started_at),
        to: Instant(session.ended_at),
        start_heard: session.start_heard,
        end_heard: session.end_heard,
        minutes: voice::minutes(&session.time),
        segments: segments.collect(),
    }
}
