//! What the journal costs for each message: nanoseconds and bytes, by how many people speak in a frame.
//!
//! `cargo run --release -p vigie-wire --example journal_bench`

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildId, MessageFact, MessageId, MessageKind, Person, UnixMs,
    UserId,
};
use vigie_wire::journal::{self, JournalWriter};

/// Messages in a round, in frames of some number of them; the least of several rounds counts.
const MESSAGES: u64 = 50_000;
const ROUNDS: usize = 30;
/// Messages that take turns.
const FACTS: u64 = 10_000;

fn main() {
    println!("messages/frame  people  ns/message  bytes/message  ns/message read");
    for (frame, people) in
        [(1, 1_000), (10, 1_000), (100, 1_000), (1_000, 300), (10_000, 1_000), (10_000, 20_000)]
    {
        measure(frame, people);
    }
}

fn measure(frame: u64, people: u64) {
    let facts: Vec<Fact<'static>> = (0..FACTS).map(|at| message(at, people)).collect();
    let mut writer = JournalWriter::new();
    let (mut write_ns, mut read_ns, mut each) = (f64::INFINITY, f64::INFINITY, 0.0);
    for _ in 0..ROUNDS {
        let mut frames = Vec::new();
        let started = Instant::now();
        for at in 0..MESSAGES {
            let fact = &facts[(at % FACTS) as usize];
            writer.push_fact(UnixMs(1_795_176_007_250 + at as i64 / 3), at, black_box(fact));
            if (at + 1) % frame == 0 {
                frames.push(writer.take());
            }
        }
        write_ns = write_ns.min(started.elapsed().as_nanos() as f64 / MESSAGES as f64);
        let started = Instant::now();
        let read: usize =
            frames.iter().map(|frame| journal::read(frame).map(black_box).count()).sum();
        read_ns = read_ns.min(started.elapsed().as_nanos() as f64 / read as f64);
        each = frames.iter().map(Vec::len).sum::<usize>() as f64 / MESSAGES as f64;
    }
    println!("{frame:>14}  {people:>6}  {write_ns:>10.1}  {each:>13.1}  {read_ns:>15.1}");
}

/// A message of one of `people`, the busy ones more often, in one of 40 channels of 4 guilds.
fn message(at: u64, people: u64) -> Fact<'static> {
    let dice = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let member = (dice % people) * (dice / 7 % people) / people;
    let guild = dice % 4;
    Fact::Message(MessageFact {
        guild: GuildId(613_425_648_685_547_541 + (guild << 32)),
        channel: ChannelId(613_425_648_685_547_600 + (guild << 32) + dice / 4 % 10),
        message: MessageId(((375_105_607_250 + at / 3 - dice % 50) << 22) + dice % (1 << 22)),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(80_351_110_224_678_912 + member * 7_919_000_000),
            kind: AuthorKind::Human,
            username: format!("member{member}").into(),
            display_name: (!member.is_multiple_of(3)).then(|| format!("Member {member}").into()),
            avatar: (!member.is_multiple_of(4))
                .then(|| format!("{:032x}", u128::from(member) << 64 | 0xabcdef).into()),
        },
    })
}
