//! Lists and series as files: CSV (RFC 4180) and NDJSON.

mod guilds;
mod invites;
mod members;
mod moderation;

pub use guilds::{changes, roles};
pub use invites::{invite_book, invite_joins, invite_tree, recruiters};
pub use members::{cohorts, growth, lifecycle, quiet};
pub use moderation::{cases, summary};

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::types::activity::Series;
use crate::types::coverage::LedgerRow;
use crate::types::leaderboards::{Leaderboard, LeaderboardRow};
use crate::types::vocabulary::{Instant, MemberKind, MemberRef};
use crate::types::voice::{VoiceChannel, VoiceMinutes, VoiceSession, VoiceSessions};
use vigie_core::vocabulary::UnixMs;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `text/csv`.
    Csv,
    /// `application/x-ndjson`: one JSON value a line.
    Ndjson,
}

impl Format {
    /// Splits `name.csv` into its name and kind.
    pub fn split(text: &str) -> (&str, Option<Self>) {
        if let Some(name) = text.strip_suffix(".csv") {
            return (name, Some(Self::Csv));
        }
        if let Some(name) = text.strip_suffix(".ndjson") {
            return (name, Some(Self::Ndjson));
        }
        (text, None)
    }
}

/// The kind of file that `Accept` asks for, where it does.
pub fn accepted(headers: &HeaderMap) -> Option<Format> {
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    let first = accept.split([',', ';']).next()?.trim();
    match first {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" => Some(Format::Ndjson),
        _ => None,
    }
}

/// One row per bucket, one column per line.
pub fn series(series: &Series, format: Format) -> Response {
    let start = |seconds: i64| Instant(UnixMs(seconds * 1_000)).to_string();
    let values = |index: usize| series.series.iter().map(move |line| line.values[index]);
    let body = match format {
        Format::Csv => {
            let header = std::iter::once("start".to_owned());
            let mut csv = Csv::default();
            csv.row(header.chain(series.series.iter().map(|line| line.label.clone())));
            for (index, seconds) in series.t.iter().enumerate() {
                let cells = values(index)
                    .map(|value| value.map_or(String::new(), |value| value.to_string()));
                csv.row(std::iter::once(start(*seconds)).chain(cells));
            }
            csv.text
        }
        Format::Ndjson => {
            let line = |(index, seconds): (usize, &i64)| {
                let values: serde_json::Map<_, _> = series
                    .series
                    .iter()
                    .map(|line| (line.key.clone(), json!(line.values[index])))
                    .collect();
                format!("{}\n", json!({ "start": start(*seconds), "values": values }))
            };
            series.t.iter().enumerate().map(line).collect()
        }
    };
    file(body, format, "series")
}

/// One row per member.
pub fn leaderboard(board: &Leaderboard, format: Format) -> Response {
    let header = [
        "rank",
        "member_id",
        "name",
        "display_name",
        "kind",
        "value",
        "share",
        "messages",
        "reactions",
        "commands",
        "voice_minutes",
        "active_voice_minutes",
    ];
    let row = |row: &LeaderboardRow| {
        let kind = match row.member.kind {
            MemberKind::Human => "human",
            MemberKind::Bot => "bot",
            MemberKind::Webhook => "webhook",
        };
        vec![
            row.rank.to_string(),
            row.member.id.0.to_string(),
            row.member.name.clone(),
            row.member.display_name.clone().unwrap_or_default(),
            kind.to_owned(),
            row.value.to_string(),
            format!("{:.6}", row.share),
            row.messages.to_string(),
            row.reactions.to_string(),
            row.commands.to_string(),
            row.voice_minutes.to_string(),
            row.active_voice_minutes.to_string(),
        ]
    };
    let body = table(&board.rows, &header, row, format);
    linked(file(body, format, "leaderboard"), board.next_cursor.as_deref())
}

/// One row per channel.
pub fn voice_channels(channels: &[VoiceChannel], format: Format) -> Response {
    let mut header = vec!["channel_id", "channel", "sessions", "share", "peak"];
    header.extend(MINUTES);
    let row = |row: &VoiceChannel| {
        let mut cells = vec![
            row.channel.id.0.to_string(),
            row.channel.name.clone().unwrap_or_default(),
            row.sessions.to_string(),
            format!("{:.6}", row.share),
            row.peak.map_or(String::new(), |peak| peak.to_string()),
        ];
        cells.extend(minutes(&row.minutes));
        cells
    };
    file(table(channels, &header, row, format), format, "voice")
}

/// One row per session.
pub fn voice_sessions(sessions: &VoiceSessions, format: Format) -> Response {
    let mut header = vec![
        "from",
        "to",
        "member_id",
        "name",
        "display_name",
        "channel_id",
        "channel",
        "start_heard",
        "end_heard",
    ];
    header.extend(MINUTES);
    let row = |row: &VoiceSession| {
        let mut cells = vec![
            row.from.to_string(),
            row.to.to_string(),
            row.member.id.0.to_string(),
            row.member.name.clone(),
            row.member.display_name.clone().unwrap_or_default(),
            row.channel.id.0.to_string(),
            row.channel.name.clone().unwrap_or_default(),
            row.start_heard.to_string(),
            row.end_heard.to_string(),
        ];
        cells.extend(minutes(&row.minutes));
        cells
    };
    let body = table(&sessions.rows, &header, row, format);
    linked(file(body, format, "voice-sessions"), sessions.next_cursor.as_deref())
}

/// One row per gap.
pub fn ledger(rows: &[LedgerRow], next: Option<&str>, format: Format) -> Response {
    let header = ["from", "to", "duration_ms", "family", "state", "reason", "recovering"];
    let row = |row: &LedgerRow| {
        vec![
            row.from.to_string(),
            row.to.map_or(String::new(), |to| to.to_string()),
            row.duration_ms.to_string(),
            word(row.family),
            word(row.state),
            word(row.reason),
            row.recovering.to_string(),
        ]
    };
    linked(file(table(rows, &header, row, format), format, "coverage"), next)
}

/// Columns of time in voice.
const MINUTES: [&str; 9] = [
    "minutes",
    "active_minutes",
    "muted_minutes",
    "deafened_minutes",
    "streaming_minutes",
    "video_minutes",
    "suppressed_minutes",
    "alone_minutes",
    "afk_minutes",
];

fn minutes(minutes: &VoiceMinutes) -> [String; 9] {
    [
        minutes.total,
        minutes.active,
        minutes.muted,
        minutes.deafened,
        minutes.streaming,
        minutes.video,
        minutes.suppressed,
        minutes.alone,
        minutes.afk,
    ]
    .map(|minutes| minutes.to_string())
}

/// Rows as a file: as cells below a header, or as the JSON has them.
fn table<T: Serialize>(
    rows: &[T],
    header: &[&str],
    cells: impl Fn(&T) -> Vec<String>,
    format: Format,
) -> String {
    match format {
        Format::Csv => {
            let mut csv = Csv::default();
            csv.row(header.iter().map(|name| (*name).to_owned()));
            rows.iter().for_each(|row| csv.row(cells(row).into_iter()));
            csv.text
        }
        Format::Ndjson => {
            let line = |row| serde_json::to_string(row).expect("a row is plain data") + "\n";
            rows.iter().map(line).collect()
        }
    }
}

/// A column: its name, and its cell of a row.
type Column<T> = (&'static str, fn(&T) -> String);

/// Rows by columns, with where to go on.
fn rows<T: Serialize>(
    rows: &[T],
    columns: &[Column<T>],
    (name, next): (&str, Option<&str>),
    format: Format,
) -> Response {
    let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let cells = |row: &T| columns.iter().map(|(_, cell)| cell(row)).collect();
    linked(file(table(rows, &header, cells, format), format, name), next)
}

/// What may be unknown: nothing then.
fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// A word as the JSON has it.
fn word<T: Serialize>(value: T) -> String {
    match json!(value) {
        serde_json::Value::String(word) => word,
        _ => String::new(),
    }
}

/// A member's id.
fn member_id(member: Option<&MemberRef>) -> String {
    maybe(member.map(|member| member.id.0))
}

/// A member's name.
fn member_name(member: Option<&MemberRef>) -> String {
    member.map_or(String::new(), |member| member.name.clone())
}

/// A file that ends before the list does says where to go on.
fn linked(mut response: Response, next: Option<&str>) -> Response {
    if let Some(cursor) = next
        && let Ok(link) = HeaderValue::from_str(&format!("<?cursor={cursor}>; rel=\"next\""))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn file(body: String, format: Format, name: &str) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let disposition = format!("attachment; filename=\"vigie-{name}.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::VARY, "accept, accept-encoding".to_owned()),
    ];
    (headers, body).into_response()
}

/// Rows of RFC 4180, after a byte order mark, without which spreadsheets misread accents.
struct Csv {
    text: String,
}

impl Default for Csv {
    fn default() -> Self {
        Self { text: "\u{feff}".to_owned() }
    }
}

impl Csv {
    fn row(&mut self, cells: impl Iterator<Item = String>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.cell(&cell);
        }
        self.text.push_str("\r\n");
    }

    /// A name that begins like a formula would be run by a spreadsheet: an apostrophe makes it text.
    fn cell(&mut self, cell: &str) {
        let risky =
            cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        let cell = if risky { format!("'{cell}") } else { cell.to_owned() };
        if cell.contains([',', '"', '\r', '\n']) {
            self.text.push_str(&format!("\"{}\"", cell.replace('"', "\"\"")));
        } else {
            self.text.push_str(&cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        let mut csv = Csv::default();
        csv.row(["a,b", "say \"hi\"", "=1+1", "-5", "@me", "plain"].map(str::to_owned).into_iter());
        assert_eq!(csv.text, "\u{feff}\"a,b\",\"say \"\"hi\"\"\",'=1+1,-5,'@me,plain\r\n");
    }
}
