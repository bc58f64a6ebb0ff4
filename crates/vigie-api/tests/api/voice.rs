//! Stays in voice, the records that tell them, and the voice routes against the judge.

use std::collections::BTreeMap;

use serde_json::Value;
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, CoverageFamily, Record, UnixMs, UserId, VoiceCell, VoiceMinute,
    VoicePeak, VoiceSegment, VoiceSession, VoiceState, VoiceTime, VoiceWindow,
};

use crate::coverage::{self, covered, is_blind};
use crate::harness::{Server, each_engine};
use crate::judge::{Filter, Judge, seconds, sum, told, weekday_and_hour};
use crate::numbers::list;
use crate::seed::{BOT, Deed, Dice, GUILD, NAMELESS, NOW, TALK, TOWN, day_number};

/// One member in one channel, and how.
#[derive(Clone, Debug)]
pub struct Stay {
    pub member: UserId,
    pub kind: AuthorKind,
    pub channel: ChannelId,
    pub from: i64,
    pub start_heard: bool,
    pub segments: Vec<VoiceSegment>,
}

impl Stay {
    fn to(&self) -> i64 {
        self.from + self.segments.iter().map(|segment| segment.duration_ms as i64).sum::<i64>()
    }
}

/// Stays of a month: three a day, to the millisecond, none where voice could not be heard, none of one member at once.
pub fn stays() -> Vec<Stay> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut stays: Vec<Stay> = Vec::new();
    for day in day_number(2026, 10, 20)..=day_number(2026, 11, 20) {
        for _ in 0..3 {
            let from = i64::from(day) * 86_400_000 + i64::from(dice.below(86_400_000));
            let (member, kind) = match dice.below(6) {
                0 => (BOT, AuthorKind::Bot),
                _ => (UserId(1_001 + u64::from(dice.below(5))), AuthorKind::Human),
            };
            let channel = if dice.below(3) == 0 { NAMELESS } else { TALK };
            let start_heard = dice.below(8) != 0;
            let segment = |_| VoiceSegment {
                state: VoiceState(
                    dice.below(128) as u8 & dice.below(128) as u8 & dice.below(128) as u8,
                ),
                duration_ms: u64::from(1 + dice.below(900_000)),
            };
            let segments = (0..3).map(segment).collect();
            let stay = Stay { member, kind, channel, from, start_heard, segments };
            let minutes = (from / 60_000) as u32..=(stay.to() / 60_000) as u32;
            let blind = minutes.into_iter().any(|minute| is_blind(CoverageFamily::Voice, minute));
            let busy = stays.iter().any(|other| {
                other.member == stay.member && other.from < stay.to() && stay.from < other.to()
            });
            if !blind && !busy && stay.to() < NOW.0 {
                stays.push(stay);
            }
        }
    }
    stays
}

/// A stay cut at every minute.
pub fn deeds(stay: &Stay) -> Vec<Deed> {
    let mut minutes = BTreeMap::<u32, VoiceTime>::new();
    let mut at = stay.from;
    for segment in &stay.segments {
        let end = at + segment.duration_ms as i64;
        while at < end {
            let next = (at.div_euclid(60_000) + 1) * 60_000;
            let minute = minutes.entry((at / 60_000) as u32).or_default();
            minute.add(segment.state, (next.min(end) - at) as u64);
            at = next.min(end);
        }
    }
    let first = (stay.from / 60_000) as u32;
    let deed = |(minute, voice): (u32, VoiceTime)| Deed {
        minute,
        channel: stay.channel,
        member: stay.member,
        kind: stay.kind,
        counts: Default::default(),
        voice,
        sessions: u64::from(minute == first && stay.start_heard),
    };
    minutes.into_iter().map(deed).collect()
}

fn plus(a: &VoiceTime, b: &VoiceTime) -> VoiceTime {
    let (a, b) = (a.figures(), b.figures());
    VoiceTime::from_figures(std::array::from_fn(|at| a[at] + b[at]))
}

/// Most people at once within a stretch of milliseconds: looked for at every join.
fn peak(stays: &[Stay], channel: Option<ChannelId>, from: i64, to: i64) -> u32 {
    let people = stays.iter().filter(|stay| stay.kind == AuthorKind::Human);
    let people: Vec<&Stay> =
        people.filter(|stay| channel.is_none_or(|channel| stay.channel == channel)).collect();
    let instants =
        people.iter().map(|stay| stay.from.max(from)).filter(|at| (from..to).contains(at));
    let at_once = |at: i64| people.iter().filter(|stay| stay.from <= at && at < stay.to()).count();
    instants.map(|at| at_once(at) as u32).max().unwrap_or(0)
}

/// The records that tell these stays: one window for each hour, and the sessions.
pub fn records(stays: &[Stay]) -> Vec<Record> {
    let mut hours = BTreeMap::<u32, Vec<Deed>>::new();
    for deed in stays.iter().flat_map(deeds) {
        hours.entry(deed.minute / 60).or_default().push(deed);
    }
    let mut records: Vec<Record> = Vec::new();
    for (unix_hour, deeds) in hours {
        let mut cells = BTreeMap::<(ChannelId, UserId), VoiceCell>::new();
        let mut minutes = BTreeMap::<u8, VoiceMinute>::new();
        for Deed { minute, channel, member, kind, voice, sessions, .. } in deeds {
            let cell = cells.entry((channel, member)).or_default();
            (cell.channel, cell.member, cell.kind) = (channel, member, kind);
            cell.time = plus(&cell.time, &voice);
            cell.sessions += sessions as u32;
            if kind == AuthorKind::Human {
                let start = i64::from(minute) * 60_000;
                let of_minute = minutes.entry((minute % 60) as u8).or_default();
                of_minute.minute = (minute % 60) as u8;
                of_minute.total_ms += voice.total_ms;
                of_minute.active_ms += voice.active_ms;
                of_minute.peak = peak(stays, None, start, start + 60_000);
            }
        }
        let start = i64::from(unix_hour) * 3_600_000;
        let of_hour = |channel| peak(stays, Some(channel), start, start + 3_600_000);
        let peaks = [TALK, NAMELESS].map(|channel| VoicePeak { channel, peak: of_hour(channel) });
        records.push(Record::VoiceWindow(VoiceWindow {
            guild: GUILD,
            unix_hour,
            cells: cells.into_values().collect(),
            minutes: minutes.into_values().collect(),
            peaks: peaks.into_iter().filter(|peak| peak.peak > 0).collect(),
        }));
    }
    records.push(Record::VoiceSessions(GUILD, stays.iter().map(session).collect()));
    records
}

fn session(stay: &Stay) -> VoiceSession {
    let mut time = VoiceTime::default();
    stay.segments.iter().for_each(|segment| time.add(segment.state, segment.duration_ms));
    VoiceSession {
        channel: stay.channel,
        member: stay.member,
        kind: stay.kind,
        started_at: UnixMs(stay.from),
        ended_at: UnixMs(stay.to()),
        start_heard: stay.start_heard,
        end_heard: true,
        time,
        segments: stay.segments.clone(),
    }
}

fn whole(deeds: &[Deed]) -> (VoiceTime, u64) {
    let time = deeds.iter().fold(VoiceTime::default(), |sum, deed| plus(&sum, &deed.voice));
    (time, deeds.iter().map(|deed| deed.sessions).sum())
}

fn check_minutes(minutes: &Value, time: &VoiceTime, uri: &str) {
    let names = [
        "total",
        "active",
        "muted",
        "deafened",
        "streaming",
        "video",
        "suppressed",
        "alone",
        "afk",
    ];
    for (name, ms) in names.into_iter().zip(time.figures()) {
        assert_eq!(minutes[name], told("voice", ms), "{name} {uri}");
    }
}

#[test]
fn the_voice_page_agrees_with_the_judge() {
    each_engine(async |server| {
        for zone in ["UTC", "Europe/Paris"] {
            for period in [
                "range=today",
                "range=7d",
                "range=30d",
                "range=all",
                "from=2026-11-13&to=2026-11-16",
            ] {
                for (query, filter) in [
                    ("audience=humans", Filter::default()),
                    ("audience=all", Filter { audience: "all", channel: None }),
                    ("channel=14", Filter { audience: "humans", channel: Some(TALK) }),
                    ("channel=10&audience=bots", Filter { audience: "bots", channel: Some(TOWN) }),
                ] {
                    let uri = format!("/stats/voice?{period}&tz={zone}&{query}");
                    check_page(&server, &uri, zone, filter).await;
                }
            }
        }
    });
}

async fn check_page(server: &Server, uri: &str, zone: &str, filter: Filter) {
    let page = server.ask(uri).await;
    let (from, to) = (seconds(&page["period"]["from"]), seconds(&page["period"]["to"]));
    let deeds = server.judge.hourly(from, to, filter);
    let (time, sessions) = whole(&deeds);
    check_minutes(&page["minutes"], &time, uri);
    assert_eq!(page["voice_minutes"]["value"], told("voice", time.total_ms), "{uri}");
    assert_eq!(page["active_voice_minutes"]["value"], told("voice", time.active_ms), "{uri}");
    assert_eq!(page["sessions"]["value"], sessions, "{uri}");
    let average = (sessions > 0).then(|| time.total_ms as f64 / sessions as f64);
    let average = average.map(|ms| told("voice", ms.round() as u64).as_f64().unwrap());
    match (page["average_session_minutes"].as_f64(), average) {
        (Some(found), Some(average)) => assert!((found - average).abs() < 0.011, "{uri}"),
        (found, average) => assert_eq!(found, average, "{uri}"),
    }
    let mut by_channel = BTreeMap::<u64, Vec<Deed>>::new();
    for deed in deeds.iter().filter(|deed| deed.voice.total_ms > 0) {
        by_channel.entry(deed.channel.0).or_default().push(*deed);
    }
    assert_eq!(list(&page["channels"]).len(), by_channel.len(), "{uri}");
    for channel in list(&page["channels"]) {
        let id: u64 = channel["channel"]["id"].as_str().unwrap().parse().unwrap();
        let (of_channel, sessions) = whole(&by_channel[&id]);
        check_minutes(&channel["minutes"], &of_channel, uri);
        assert_eq!(channel["sessions"], sessions, "{uri}");
        let share = of_channel.total_ms as f64 / time.total_ms as f64;
        assert!((channel["share"].as_f64().unwrap() - share).abs() < 1e-9, "{uri}");
    }
    let members: std::collections::BTreeSet<UserId> =
        deeds.iter().filter(|deed| deed.voice.total_ms > 0).map(|deed| deed.member).collect();
    assert_eq!(page["members"], members.len(), "{uri}");
    check_concurrency(server, &page, zone, &deeds, filter, uri);
    let told: f64 = list(&page["series"]["total"]).iter().filter_map(Value::as_f64).sum();
    let error = told - page["voice_minutes"]["value"].as_f64().unwrap();
    assert!(error.abs() < 0.006 * list(&page["series"]["total"]).len() as f64, "{uri}");
}

fn check_concurrency(
    server: &Server,
    page: &Value,
    zone: &str,
    deeds: &[Deed],
    filter: Filter,
    uri: &str,
) {
    let (from, to) = (seconds(&page["period"]["from"]), seconds(&page["period"]["to"]));
    let (mut spent, mut heard) = (vec![[0_u64; 24]; 7], vec![[0_i64; 24]; 7]);
    let mut highest = vec![[0_u32; 24]; 7];
    for deed in deeds {
        let (day, hour) = weekday_and_hour(i64::from(deed.minute / 60) * 3_600, zone);
        spent[day][hour] += deed.voice.total_ms;
    }
    let stays = &server.judge.past.stays;
    for at in (from..to).step_by(3_600) {
        let (day, hour) = weekday_and_hour(at, zone);
        heard[day][hour] += covered(coverage::families("voice_minutes"), at, at + 3_600).0;
        let most = peak(stays, filter.channel, at * 1_000, (at + 3_600) * 1_000);
        highest[day][hour] = highest[day][hour].max(most);
    }
    let concurrency = &page["concurrency"];
    for day in 0..7 {
        for hour in 0..24 {
            let cell = &concurrency["average"][day][hour];
            if heard[day][hour] == 0 {
                assert!(cell.is_null(), "{uri}");
                continue;
            }
            let average = spent[day][hour] as f64 / (heard[day][hour] * 60_000) as f64;
            assert!((cell.as_f64().unwrap() - average).abs() < 0.0051, "{day} {hour} {uri}");
        }
    }
    if filter.audience == "bots" || filter.audience == "all" {
        assert!(page["peak"].is_null() && list(&concurrency["peak"]).is_empty(), "{uri}");
        return;
    }
    assert_eq!(concurrency["peak"], serde_json::json!(highest), "{uri}");
    let most = *highest.iter().flatten().max().unwrap();
    assert_eq!(page["peak"]["people"].as_u64().unwrap_or(0), u64::from(most), "{uri}");
}

#[test]
fn sessions_are_listed_newest_first_and_filtered() {
    each_engine(async |server| {
        for (query, filter) in [
            ("range=30d", Filter::default()),
            ("range=30d&audience=all", Filter { audience: "all", channel: None }),
            ("range=7d&audience=all&channel=14", Filter { audience: "all", channel: Some(TALK) }),
            ("range=30d&audience=all&channel=10", Filter { audience: "all", channel: Some(TOWN) }),
            ("range=30d&member=1002", Filter::default()),
        ] {
            for limit in [1, 7, 500] {
                let uri = format!("/voice/sessions?{query}&limit={limit}");
                let (mut rows, mut page) = (Vec::new(), server.ask(&uri).await);
                let (from, to) = (seconds(&page["period"]["from"]), seconds(&page["period"]["to"]));
                loop {
                    rows.extend_from_slice(list(&page["rows"]));
                    let Some(cursor) = page["next_cursor"].as_str() else { break };
                    page = server.ask(&format!("{uri}&cursor={cursor}")).await;
                }
                let mut stays: Vec<&Stay> = stays_of(&server.judge, filter)
                    .filter(|stay| (from * 1_000..to * 1_000).contains(&stay.from))
                    .filter(|stay| !query.contains("member") || stay.member == UserId(1_002))
                    .collect();
                stays.sort_by_key(|stay| -stay.from);
                assert_eq!(rows.len(), stays.len(), "{uri}");
                for (row, stay) in rows.iter().zip(stays) {
                    check_session(row, stay, &uri);
                }
            }
            let uri = format!("/api/v1/guilds/100/voice/sessions.ndjson?{query}&limit=2");
            let file = server.get(&uri).await.text();
            let whole = server.ask(&format!("/voice/sessions?{query}&limit=500")).await;
            let lines: Vec<Value> =
                file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(Value::from(lines), whole["rows"], "{uri}");
            let csv = server.get(&uri.replace(".ndjson", ".csv")).await.text();
            assert_eq!(csv.lines().count(), list(&whole["rows"]).len() + 1, "{uri}");
        }
    });
}

fn stays_of(judge: &Judge, filter: Filter) -> impl Iterator<Item = &Stay> {
    judge.past.stays.iter().filter(move |stay| {
        let who = filter.audience == "all" || stay.kind == AuthorKind::Human;
        who && filter.channel.is_none_or(|asked| crate::judge::under(stay.channel, asked))
    })
}

fn check_session(row: &Value, stay: &Stay, uri: &str) {
    let shown = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    assert_eq!(row["from"], shown(stay.from), "{uri}");
    assert_eq!(row["to"], shown(stay.to()), "{uri}");
    assert_eq!(row["member"]["id"], stay.member.0.to_string(), "{uri}");
    assert_eq!(row["channel"]["id"], stay.channel.0.to_string(), "{uri}");
    assert_eq!(row["start_heard"], stay.start_heard, "{uri}");
    check_minutes(&row["minutes"], &session(stay).time, uri);
    assert_eq!(list(&row["segments"]).len(), stay.segments.len(), "{uri}");
    for (told, segment) in list(&row["segments"]).iter().zip(&stay.segments) {
        assert_eq!(told["duration_ms"], segment.duration_ms, "{uri}");
        assert_eq!(list(&told["states"]).len(), segment.state.0.count_ones() as usize, "{uri}");
    }
}

#[test]
fn states_of_a_series_are_those_of_the_page() {
    each_engine(async |server| {
        let page = server.ask("/stats/voice?range=30d").await;
        let series = server.ask("/stats/series?range=30d&metric=voice_minutes&split=state").await;
        assert!(list(&series["series"]).len() >= 5);
        for line in list(&series["series"]) {
            let word = line["key"].as_str().unwrap();
            assert_eq!(line["total"], page["minutes"][word], "{word}");
        }
    });
}

/// The people of the whole server are known by the minute: a zone off the hour is answered exactly.
#[test]
fn minutes_in_voice_are_exact_off_the_hour() {
    each_engine(async |server| {
        for query in ["step=day&tz=Asia/Kolkata", "step=hour&tz=Asia/Kathmandu", "step=minute"] {
            let range = if query.contains("minute") { "24h" } else { "7d" };
            let uri = format!("/stats/series?range={range}&metric=voice_minutes&{query}");
            let answer = server.ask(&uri).await;
            let mut bounds: Vec<i64> =
                list(&answer["t"]).iter().map(|t| t.as_i64().unwrap()).collect();
            bounds.push(seconds(&answer["period"]["to"]));
            for (pair, value) in bounds.windows(2).zip(list(&answer["series"][0]["values"])) {
                let deeds = server.judge.exact(pair[0], pair[1], Filter::default());
                let ms = sum(&deeds).voice_ms;
                let share = coverage::share("voice_minutes", pair[0], pair[1]);
                let expected = if share == 0.0 { Value::Null } else { told("voice", ms) };
                assert_eq!(*value, expected, "{pair:?} {uri}");
            }
            assert_eq!(answer["note"], Value::Null, "{uri}");
        }
    });
}
