//! Nanoseconds per frame: our lens beside a borrowed partial parse with serde_json, in the same run.
//!
//! ```text
//! cargo run -p vigie-bot --profile fast --example lens_bench
//! ```
//!
//! The least of several rounds counts: what disturbs a round only ever makes it slower. Frames of different ids and
//! names take turns, so that no branch predictor learns one text by heart.
#![allow(clippy::print_stdout)]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use serde::Deserialize;
use vigie_bot::lens;

/// Frames of a kind that take turns: some 300 KB of messages, more than a first-level cache holds.
const FRAMES: usize = 256;
const ROUNDS: usize = 40;

fn main() {
    let frames: Vec<String> = (0..FRAMES).map(message).collect();
    row("MESSAGE_CREATE", &frames, 50);
    row("MESSAGE_REACTION_ADD", &(0..FRAMES).map(reaction).collect::<Vec<_>>(), 50);
    row("TYPING_START", &(0..FRAMES).map(typing).collect::<Vec<_>>(), 50);
    row("GUILD_CREATE", &[guild(2_000)], 4);
}

/// Measures one kind of frame both ways and prints a line.
fn row(name: &str, frames: &[String], turns: usize) {
    let bytes = frames.iter().map(String::len).sum::<usize>() / frames.len();
    let ours = least_ns(frames, turns, |frame| lens::read(frame).is_ok());
    let theirs = least_ns(frames, turns, |frame| serde_json::from_str::<Frame<'_>>(frame).is_ok());
    println!(
        "{name:<22} {bytes:>8} bytes   lens {ours:>10.1} ns   serde_json {theirs:>10.1} ns   ratio {:>5.1}   {:>5.2} GB/s",
        theirs / ours,
        bytes as f64 / ours,
    );
}

fn least_ns(frames: &[String], turns: usize, read: impl Fn(&str) -> bool) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..turns {
            for frame in frames {
                assert!(black_box(read(black_box(frame))), "every frame is readable");
            }
        }
        let ns = start.elapsed().as_nanos() as f64 / (turns * frames.len()) as f64;
        least = least.min(ns);
    }
    least
}

/// The usual way: the fields that are used, borrowed where nothing is escaped; serde steps over the rest.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Frame<'a> {
    op: u8,
    s: Option<u64>,
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    d: Data<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Data<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    guild_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    channel_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    webhook_id: Option<Cow<'a, str>>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    #[serde(borrow)]
    author: Option<Author<'a>>,
    #[serde(borrow)]
    member: Option<Member<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Author<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    username: Cow<'a, str>,
    #[serde(borrow)]
    global_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    avatar: Option<Cow<'a, str>>,
    #[serde(default)]
    bot: bool,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Member<'a> {
    #[serde(borrow)]
    nick: Option<Cow<'a, str>>,
}

/// Ids as they come: 19 digits, all different.
fn id(n: usize) -> u64 {
    1_290_000_000_000_000_000 + (n as u64) * 7_919_317
}

const WORDS: &str = "so I looked at the pull request again and \\\"maybe\\\" we should merge it before the release, what do you think? ";

fn user(n: usize) -> String {
    let (id, avatar) = (id(n), (n as u128) * 0x9e37_79b9_7f4a_7c15_f39c);
    format!(
        r#"{{"username":"member_{n}","public_flags":0,"primary_guild":null,"id":"{id}","global_name":"Member Nr {n}","discriminator":"0","collectibles":null,"clan":null,"avatar_decoration_data":null,"avatar":"{avatar:032x}"}}"#
    )
}

const MEMBER: &str = r#""roles":["1049489484179312691","1049489484179312777"],"premium_since":null,"pending":false,"nick":null,"mute":false,"joined_at":"2026-03-01T10:00:00.123000+00:00","flags":0,"deaf":false,"communication_disabled_until":null,"banner":null,"avatar":null"#;

/// A message as today's gateway sends it, about 1.3 KB; every fourth mentions somebody.
fn message(n: usize) -> String {
    let mention = if n.is_multiple_of(4) { user(n + 9_000) } else { String::new() };
    let text = &WORDS.repeat(if n.is_multiple_of(4) { 1 } else { 4 })
        [..if n.is_multiple_of(4) { 40 } else { 330 } + n % 30 * 2];
    let text = text.trim_end_matches('\\');
    format!(
        r#"{{"t":"MESSAGE_CREATE","s":{n},"op":0,"d":{{"type":0,"tts":false,"timestamp":"2026-03-02T09:15:00.000000+00:00","pinned":false,"nonce":"{nonce}","mentions":[{mention}],"mention_roles":[],"mention_everyone":false,"member":{{{MEMBER}}},"id":"{id}","flags":0,"embeds":[],"edited_timestamp":null,"content":"{text}","components":[],"channel_type":0,"channel_id":"{channel}","author":{author},"attachments":[],"guild_id":"{guild}"}}}}"#,
        nonce = id(n + 1),
        id = id(n),
        channel = id(n % 50),
        guild = id(n % 7),
        author = user(n),
    )
}

fn reaction(n: usize) -> String {
    format!(
        r#"{{"t":"MESSAGE_REACTION_ADD","s":{n},"op":0,"d":{{"user_id":"{user_id}","type":0,"message_id":"{message}","message_author_id":"{author}","member":{{"user":{user},{MEMBER}}},"emoji":{{"name":"🔥","id":null}},"channel_id":"{channel}","burst":false,"guild_id":"{guild}"}}}}"#,
        user_id = id(n),
        message = id(n + 5_000),
        author = id(n + 77),
        user = user(n),
        channel = id(n % 50),
        guild = id(n % 7),
    )
}

fn typing(n: usize) -> String {
    format!(
        r#"{{"t":"TYPING_START","s":{n},"op":0,"d":{{"user_id":"{}","timestamp":1772443000,"member":{{"user":{},{MEMBER}}},"channel_id":"{}","guild_id":"{}"}}}}"#,
        id(n),
        user(n),
        id(n % 50),
        id(n % 7),
    )
}

/// A large guild: what is not read outweighs what is by far.
fn guild(members: usize) -> String {
    let members: Vec<String> =
        (0..members).map(|n| format!(r#"{{"user":{},{MEMBER}}}"#, user(n))).collect();
    let channels: Vec<String> = (0..200)
        .map(|n| {
            format!(
                r#"{{"id":"{}","type":0,"position":{n},"name":"channel-{n}","parent_id":null,"permission_overwrites":[{{"id":"1046920999469330512","type":0,"allow":"0","deny":"1024"}}],"topic":null,"nsfw":false,"flags":0}}"#,
                id(n)
            )
        })
        .collect();
    format!(
        r#"{{"t":"GUILD_CREATE","s":1,"op":0,"d":{{"id":"1046920999469330512","name":"Bench","icon":null,"owner_id":"{}","member_count":2000,"joined_at":"2026-03-01T10:00:00.123000+00:00","premium_tier":0,"members":[{}],"channels":[{}],"threads":[]}}}}"#,
        id(1),
        members.join(","),
        channels.join(","),
    )
}
