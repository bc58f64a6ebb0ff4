//! Answers of the leaderboards.

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::Coverage;
use super::vocabulary::{Figure, MemberRef, Period};

/// Which ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Board {
    /// By messages written.
    Messages,
    /// By minutes in voice.
    Voice,
    /// By reactions given.
    Reactions,
    /// By activity score (see `weights`).
    Activity,
}

/// One page of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Leaderboard {
    /// What it is about.
    pub period: Period,
    /// Which ranking.
    pub board: Board,
    /// Members, best first.
    pub rows: Vec<LeaderboardRow>,
    /// Members on the board (those who match, when searched).
    pub total_rows: u64,
    /// Sum of all values of the board, search or not.
    pub total_value: Figure,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How the activity score is made; only on that board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<ScoreWeights>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One member of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LeaderboardRow {
    /// Place, from 1; a search keeps the places of the whole board.
    pub rank: u64,
    /// The member.
    pub member: MemberRef,
    /// What the board ranks by, rounded to 0.01.
    pub value: Figure,
    /// Part of the board's sum, 0 to 1.
    pub share: f64,
    /// Place in the period compared with; `null` when absent there, unknown, or when less than half of it was covered.
    #[schema(required)]
    pub previous_rank: Option<u64>,
    /// Messages written.
    pub messages: u64,
    /// Reactions given.
    pub reactions: u64,
    /// Commands given.
    pub commands: u64,
    /// Minutes in voice.
    pub voice_minutes: Figure,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Figure,
}

/// Weights of the activity score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScoreWeights {
    /// Of one message.
    pub message: f64,
    /// Of one minute in voice.
    pub voice_minute: f64,
    /// Of one reaction given.
    pub reaction: f64,
}
