//! CSV and NDJSON against the JSON of the same question.

use axum::http::Method;
use serde_json::Value;

use crate::harness::one_engine;
use crate::numbers::list;

/// Rows of a CSV text (RFC 4180), read by a reader of our own.
fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = chars.next() {
        match (quoted, character) {
            (true, '"') if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            (_, '"') => quoted = !quoted,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\r') => {}
            (false, '\n') => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (_, other) => cell.push(other),
        }
    }
    assert!(cell.is_empty() && row.is_empty(), "the last line ends like the others");
    rows
}

fn shown(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

#[test]
fn series_files_hold_what_the_json_holds() {
    one_engine(async |server| {
        for query in [
            "range=30d&split=channel",
            "range=7d&step=hour&split=member&audience=all",
            "range=all&step=month",
            "range=30d&metric=voice_minutes&split=state",
        ] {
            let json = server.ask(&format!("/stats/series?{query}")).await;
            let csv = server.get(&format!("/api/v1/guilds/100/stats/series.csv?{query}")).await;
            assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
            assert!(csv.header("content-disposition").starts_with("attachment"));
            let rows = rows(&csv.text());
            assert_eq!(rows.len(), list(&json["t"]).len() + 1, "{query}");
            for (index, row) in rows[1..].iter().enumerate() {
                let start: jiff::Timestamp = row[0].parse().unwrap();
                assert_eq!(json["t"][index], start.as_second(), "{query}");
                let values: Vec<String> = list(&json["series"])
                    .iter()
                    .map(|line| shown(&line["values"][index]))
                    .collect();
                assert_eq!(row[1..], values, "{query}");
            }
            let ndjson =
                server.get(&format!("/api/v1/guilds/100/stats/series.ndjson?{query}")).await;
            assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
            for (index, line) in ndjson.text().lines().enumerate() {
                let line: Value = serde_json::from_str(line).unwrap();
                for one in list(&json["series"]) {
                    assert_eq!(line["values"][one["key"].as_str().unwrap()], one["values"][index]);
                }
            }
            for (kind, file) in [("text/csv", &csv), ("application/x-ndjson", &ndjson)] {
                let uri = format!("/api/v1/guilds/100/stats/series?{query}");
                let asked = server.send(Method::GET, &uri, &[("accept", kind)]).await;
                assert_eq!(asked.body, file.body, "{kind} {query}");
                assert!(asked.header("vary").contains("accept"), "{kind} {query}");
            }
        }
    });
}

#[test]
fn leaderboard_files_hold_all_pages() {
    one_engine(async |server| {
        for board in ["messages", "voice", "reactions", "activity"] {
            let query = "range=all&audience=all&limit=500";
            let json = server.ask(&format!("/leaderboards/{board}?{query}")).await;
            let uri = format!(
                "/api/v1/guilds/100/leaderboards/{board}.csv?range=all&audience=all&limit=2"
            );
            let csv = rows(&server.get(&uri).await.text());
            assert_eq!(csv.len(), list(&json["rows"]).len() + 1, "{board}");
            for (row, cells) in list(&json["rows"]).iter().zip(&csv[1..]) {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let name = text(&row["member"]["name"]);
                let safe = if name.starts_with('=') { format!("'{name}") } else { name };
                assert_eq!(cells[0], row["rank"].to_string());
                assert_eq!(cells[1], text(&row["member"]["id"]));
                assert_eq!(cells[2], safe);
                assert_eq!(cells[4], text(&row["member"]["kind"]));
                assert_eq!(cells[5].parse::<f64>().unwrap(), row["value"].as_f64().unwrap());
                assert_eq!(cells[7], row["messages"].to_string());
            }
            let ndjson = server.get(&uri.replace(".csv", ".ndjson")).await;
            let lines: Vec<Value> =
                ndjson.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(Value::from(lines), json["rows"], "{board}");
        }
    });
}
