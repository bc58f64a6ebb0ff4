//! Records as text: every field that holds something, one line each.

mod society;

use std::fmt::Write as _;

use vigie_core::vocabulary::{
    ActivityCell, ActivityWindow, AuthorKind, ChannelRecord, CoverageSpan, Emoji, EmojiCount,
    GuildRecord, MemberRecord, Record, UnixMs, VoiceCell, VoiceMinute, VoiceSession, VoiceState,
    VoiceTime, VoiceWindow,
};
use vigie_core::{CatchUpStats, CoreStats, PageRequest};

use crate::script::DAY_MS;

/// All records, in their order.
pub fn records(records: &[Record]) -> String {
    records.iter().map(record).collect()
}

pub fn deadline(deadline: Option<UnixMs>) -> String {
    match deadline {
        Some(at) => format!("deadline {}\n", clock(at)),
        None => "no deadline\n".to_owned(),
    }
}

pub fn page(request: Option<PageRequest>) -> String {
    let Some(PageRequest { guild, channel, after }) = request else {
        return "no page\n".to_owned();
    };
    let number = match after.0 & 0x3f_ffff {
        0 => String::new(),
        number => format!("#{number}"),
    };
    format!("page g={} c={} after {}{number}\n", guild.0, channel.0, clock(after.time()))
}

pub fn catch_up(stats: &CatchUpStats) -> String {
    let oldest = stats.oldest_from.map_or("none".to_owned(), clock);
    format!(
        "guilds={} channels={} recovered={} pages={} refused={} oldest={oldest}\n",
        stats.guilds, stats.channels, stats.recovered, stats.pages, stats.refused
    )
}

/// What is the same on every machine, no bytes; of the younger figures those that are not 0.
pub fn stats(stats: &CoreStats) -> String {
    let younger = [
        ("repeats", stats.repeats),
        ("left_to_history", stats.left_to_history),
        ("voice", stats.open_voice_sessions),
        ("voice_not_followed", stats.voice_not_followed),
    ];
    let younger = younger.into_iter().filter(|(_, count)| *count > 0);
    let younger = younger.map(|(name, count)| format!(" {name}={count}")).collect::<String>();
    format!(
        "cells={} windows={} names={} placed_by_arrival={} early_flushes={}{younger}\n",
        stats.open_cells,
        stats.open_windows,
        stats.names_remembered,
        stats.messages_placed_by_arrival,
        stats.early_flushes
    )
}

fn record(record: &Record) -> String {
    match record {
        Record::ActivityWindow(activity) => window(activity),
        Record::ActivityHour(_) => unreachable!("hours are merged on the way, not by the core"),
        Record::Guild(record) => guild(record),
        Record::GuildRemoved(guild, at) => format!("guild removed g={} {}\n", guild.0, clock(*at)),
        Record::Channels(guild, records) => {
            let lines = records.iter().map(channel).collect::<String>();
            format!("channels g={}\n{lines}", guild.0)
        }
        Record::Members(guild, records) => {
            let lines = shortened(&records.iter().map(member).collect::<Vec<_>>());
            format!("members g={}\n{lines}", guild.0)
        }
        Record::VoiceWindow(window) => voice_window(window),
        Record::VoiceSessions(guild, sessions) => {
            let lines = shortened(&sessions.iter().map(voice_session).collect::<Vec<_>>());
            format!("sessions g={}\n{lines}", guild.0)
        }
        Record::Coverage(guild, spans) => {
            let lines = spans.iter().map(coverage_span).collect::<String>();
            format!("coverage g={}\n{lines}", guild.0)
        }
        Record::HeardUntil(at) => format!("heard until {}\n", clock(*at)),
        later => society::record(later).unwrap_or_else(|| format!("{later:?}\n")),
    }
}

fn voice_window(window: &VoiceWindow) -> String {
    let at = UnixMs(i64::from(window.unix_hour) * 3_600_000);
    let cells = shortened(&window.cells.iter().map(voice_cell).collect::<Vec<_>>());
    let minutes = shortened(&window.minutes.iter().map(voice_minute).collect::<Vec<_>>());
    let peaks = window.peaks.iter().map(|peak| format!(" c={}:{}", peak.channel.0, peak.peak));
    let peaks = peaks.collect::<String>();
    let peaks = if peaks.is_empty() { peaks } else { format!("  peaks{peaks}\n") };
    format!("voice g={} {}\n{cells}{minutes}{peaks}", window.guild.0, clock(at))
}

fn voice_cell(cell: &VoiceCell) -> String {
    let sessions =
        if cell.sessions == 0 { String::new() } else { format!(" sessions={}", cell.sessions) };
    let (channel, member) = (cell.channel.0, cell.member.0);
    format!("  c={channel} m={member}{}{sessions}{}\n", kind(cell.kind), voice_time(&cell.time))
}

fn voice_minute(minute: &VoiceMinute) -> String {
    let (total, active) = (seconds(minute.total_ms), seconds(minute.active_ms));
    format!("  :{:02} total={total} active={active} peak={}\n", minute.minute, minute.peak)
}

fn voice_session(session: &VoiceSession) -> String {
    let mut line = format!("  m={}{}", session.member.0, kind(session.kind));
    let heard = |heard| if heard { "" } else { "~" };
    let start = format!("{}{}", heard(session.start_heard), clock(session.started_at));
    let end = format!("{}{}", heard(session.end_heard), clock(session.ended_at));
    write!(line, " c={} {start}..{end}", session.channel.0).expect("a string takes all");
    line += &voice_time(&session.time);
    let segment = |segment: &vigie_core::vocabulary::VoiceSegment| {
        format!("{}{}", seconds(segment.duration_ms), voice_state(segment.state))
    };
    let segments = session.segments.iter().map(segment).collect::<Vec<_>>().join(" ");
    format!("{line} [{segments}]\n")
}

/// All figures of a time that hold something.
fn voice_time(time: &VoiceTime) -> String {
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
    let named = names.into_iter().zip(time.figures()).filter(|(_, ms)| *ms > 0);
    named.map(|(name, ms)| format!(" {name}={}", seconds(ms))).collect()
}

fn voice_state(state: VoiceState) -> String {
    let names = [
        (VoiceState::MUTED, "muted"),
        (VoiceState::DEAFENED, "deafened"),
        (VoiceState::STREAMING, "streaming"),
        (VoiceState::VIDEO, "video"),
        (VoiceState::SUPPRESSED, "suppressed"),
        (VoiceState::ALONE, "alone"),
        (VoiceState::AFK, "afk"),
    ];
    let names = names.into_iter().filter(|(bit, _)| state.contains(*bit));
    names.map(|(_, name)| format!("+{name}")).collect()
}

fn seconds(ms: u64) -> String {
    format!("{}s", ms as f64 / 1_000.0)
}

fn coverage_span(span: &CoverageSpan) -> String {
    let family = format!("{:?}", span.family).to_lowercase();
    let until = span.until.map_or("..".to_owned(), |until| format!("..{}", clock(until)));
    let state = format!("{:?}", span.state).to_lowercase();
    let reason = match span.reason {
        vigie_core::vocabulary::CoverageReason::None => String::new(),
        reason => format!(" {reason:?}"),
    };
    format!("  {family} {state} {}{until}{reason}\n", clock(span.from))
}

fn window(window: &ActivityWindow) -> String {
    let at = UnixMs(i64::from(window.unix_minute) * 60_000);
    let cells = shortened(&window.cells.iter().map(cell).collect::<Vec<_>>());
    let emojis = shortened(&window.emojis.iter().map(emoji).collect::<Vec<_>>());
    format!("window g={} {}\n{cells}{emojis}", window.guild.0, clock(at))
}

fn cell(cell: &ActivityCell) -> String {
    let mut line = format!("  c={} m={}{}", cell.channel.0, cell.member.0, kind(cell.kind));
    let counts = &cell.counts;
    let named = [
        ("messages", counts.messages),
        ("commands", counts.commands),
        ("added", counts.reactions_added),
        ("removed", counts.reactions_removed),
        ("received", counts.reactions_received),
    ];
    for (name, count) in named.into_iter().filter(|(_, count)| *count > 0) {
        write!(line, " {name}={count}").expect("a string takes all");
    }
    line + "\n"
}

fn emoji(count: &EmojiCount) -> String {
    let text = match &count.emoji {
        Emoji::Unicode(text) if text.len() > 40 => format!("{} bytes", text.len()),
        Emoji::Unicode(text) => text.to_string(),
        Emoji::Custom { id, name } => format!("{}:{}", name.as_deref().unwrap_or(""), id.0),
    };
    format!("  {text} added={} removed={}\n", count.added, count.removed)
}

fn member(member: &MemberRecord) -> String {
    let mut line = format!("  m={}{} {}", member.id.0, kind(member.kind), text(&member.username));
    if let Some(name) = &member.display_name {
        write!(line, " nick={}", text(name)).expect("a string takes all");
    }
    if let Some(avatar) = &member.avatar {
        write!(line, " avatar={}", text(avatar)).expect("a string takes all");
    }
    line + "\n"
}

fn guild(guild: &GuildRecord) -> String {
    let mut line = format!("guild g={} {} {}", guild.id.0, clock(guild.at), text(&guild.name));
    write!(line, " owner={}", guild.owner.0).expect("a string takes all");
    if let Some(icon) = &guild.icon {
        write!(line, " icon={}", text(icon)).expect("a string takes all");
    }
    if let Some(count) = guild.member_count {
        write!(line, " members={count}").expect("a string takes all");
    }
    if let Some(at) = guild.bot_joined_at {
        write!(line, " joined={}", clock(at)).expect("a string takes all");
    }
    if (guild.premium_tier, guild.boost_count) != (0, 0) {
        let (tier, boosts) = (guild.premium_tier, guild.boost_count);
        write!(line, " tier={tier} boosts={boosts}").expect("a string takes all");
    }
    let channels = guild.channels.iter().map(channel).collect::<String>();
    format!("{line}\n{channels}")
}

fn channel(channel: &ChannelRecord) -> String {
    let mut line = format!("  c={}", channel.id.0);
    if channel.deleted {
        return line + " deleted\n";
    }
    let name = channel.name.as_deref().map_or("(hidden)".to_owned(), text);
    write!(line, " kind={} {name}", channel.kind.0).expect("a string takes all");
    if let Some(parent) = channel.parent {
        write!(line, " parent={}", parent.0).expect("a string takes all");
    }
    if channel.position != 0 {
        write!(line, " position={}", channel.position).expect("a string takes all");
    }
    line + "\n"
}

/// First and last lines of a long list, and how many there are.
fn shortened(lines: &[String]) -> String {
    match lines {
        [first, .., last] if lines.len() > 12 => {
            format!("{first}  … {} in all …\n{last}", lines.len())
        }
        _ => lines.concat(),
    }
}

fn kind(kind: AuthorKind) -> &'static str {
    match kind {
        AuthorKind::Human => "",
        AuthorKind::Bot => " bot",
        AuthorKind::Webhook => " webhook",
    }
}

/// A text in quotes, or its length if it is long.
fn text(text: &str) -> String {
    if text.len() > 40 { format!("{} bytes", text.len()) } else { format!("{text:?}") }
}

/// Time of day, with the day's number unless it is the first; no fraction when it is whole.
fn clock(at: UnixMs) -> String {
    let ms = at.0 - DAY_MS;
    let (day, ms) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let day = if day == 0 { String::new() } else { format!("{day:+} ") };
    let rest = match (seconds, ms % 1_000) {
        (0, 0) => String::new(),
        (seconds, 0) => format!(":{seconds:02}"),
        (seconds, ms) => format!(":{seconds:02}.{ms:03}"),
    };
    format!("{day}{hours:02}:{minutes:02}{rest}")
}
