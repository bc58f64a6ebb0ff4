//! What happens at each bound of `limits`: nothing is lost, memory stays.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use vigie_core::vocabulary::{
    ActivityCounts, AuthorKind, ChannelId, Emoji, EmojiId, Fact, GuildId, MessageFact, MessageId,
    MessageKind, Person, ReactionFact, Record, UnixMs, UserId, snowflake_at,
};
use vigie_core::{Core, CoreConfig, limits};

const NOW: UnixMs = UnixMs(1_795_132_800_000);

/// A message that was not told before: one told twice is a repeat.
fn message(channel: u64, member: u64, kind: AuthorKind) -> Fact<'static> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    Fact::Message(MessageFact {
        guild: GuildId(1),
        channel: ChannelId(channel),
        message: MessageId(snowflake_at(NOW) + number),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(member),
            kind,
            username: format!("u{member}").into(),
            display_name: None,
            avatar: None,
        },
    })
}

/// A reaction taken back: it names nobody.
fn unreact(channel: u64, member: u64, emoji: Emoji<'_>) -> Fact<'_> {
    Fact::Reaction(ReactionFact {
        guild: GuildId(1),
        channel: ChannelId(channel),
        message: MessageId(0),
        giver: UserId(member),
        giver_person: None,
        message_author: None,
        emoji,
        added: false,
    })
}

fn thumb() -> Emoji<'static> {
    Emoji::Unicode("👍".into())
}

fn flush(core: &mut Core) -> Vec<Record> {
    let mut out = Vec::new();
    core.flush(NOW, &mut out);
    out
}

/// The kind under which the windows of `records` count a member.
fn kind_of(records: &[Record], member: u64) -> AuthorKind {
    let windows = records.iter().filter_map(|record| match record {
        Record::ActivityWindow(window) => Some(window),
        _ => None,
    });
    let mut cells = windows.flat_map(|window| &window.cells);
    cells.find(|cell| cell.member == UserId(member)).expect("the member was counted").kind
}

#[test]
fn at_the_bound_of_cells_everything_leaves_early_and_nothing_is_lost() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    let told = limits::CELLS_MAX as u64 + 1_000;
    for number in 0..told {
        core.handle(NOW, unreact(number % 50, number, thumb()), &mut out);
    }
    assert_eq!(core.stats().early_flushes, 1);
    assert_eq!(core.stats().open_cells, 1_000);
    assert_eq!(core.next_deadline(), Some(UnixMs(NOW.0 + 60_000 + limits::FLUSH_GRACE_MS)));
    core.flush(NOW, &mut out);
    let mut removed = 0;
    for record in &out {
        let Record::ActivityWindow(window) = record else { panic!("only windows: {record:?}") };
        assert!(window.cells.len() <= limits::WINDOW_CELLS_MAX);
        let once = ActivityCounts { reactions_removed: 1, ..ActivityCounts::default() };
        assert!(window.cells.iter().all(|cell| cell.counts == once));
        removed += window.cells.len() as u64;
    }
    assert_eq!(removed, told);
}

#[test]
fn at_the_bound_of_emojis_everything_leaves_early_and_nothing_is_lost() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    let told = limits::EMOJI_COUNTS_MAX + 10;
    for number in 0..told {
        let emoji = Emoji::Unicode(format!("e{number}").into());
        core.handle(NOW, unreact(10, 100, emoji), &mut out);
    }
    assert_eq!(core.stats().early_flushes, 1);
    out.extend(flush(&mut core));
    let mut counted = 0;
    for record in &out {
        let Record::ActivityWindow(window) = record else { panic!("only windows: {record:?}") };
        assert!(window.emojis.len() <= limits::WINDOW_EMOJIS_MAX);
        assert!(window.emojis.is_sorted_by(|a, b| a.emoji < b.emoji));
        counted += window.emojis.len();
    }
    assert_eq!(counted, told);
}

#[test]
fn an_emoji_renamed_with_each_reaction_does_not_fill_the_memory() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    for number in 0..10_000 {
        let name = Some(format!("{number:0500}").into());
        let emoji = Emoji::Custom { id: EmojiId(5), name };
        core.handle(NOW, unreact(10, 100, emoji), &mut out);
        assert!(core.stats().heap_bytes < 3 * limits::EMOJI_TEXT_BYTES_MAX as u64);
    }
    let renames = limits::EMOJI_TEXT_BYTES_MAX.div_ceil(500);
    assert_eq!(core.stats().early_flushes, (10_000 / renames) as u64);
}

#[test]
fn at_the_bound_of_bots_all_are_forgotten_but_open_cells_keep_what_they_heard() {
    let mut core = Core::new(CoreConfig::default());
    let bots = limits::AUTOMATED_MAX as u64 + 1;
    for bot in 0..bots {
        core.handle(NOW, message(10, bot, AuthorKind::Bot), &mut Vec::new());
    }
    let records = flush(&mut core);
    assert_eq!(kind_of(&records, 0), AuthorKind::Bot);
    assert_eq!(kind_of(&records, bots - 1), AuthorKind::Bot);
    core.handle(NOW, unreact(10, 0, thumb()), &mut Vec::new());
    core.handle(NOW, unreact(10, bots - 1, thumb()), &mut Vec::new());
    let records = flush(&mut core);
    assert_eq!(kind_of(&records, 0), AuthorKind::Human, "forgotten");
    assert_eq!(kind_of(&records, bots - 1), AuthorKind::Bot, "learnt since");
}

#[test]
fn at_the_bound_of_names_all_are_forgotten_and_told_again() {
    let mut core = Core::new(CoreConfig::default());
    let members = limits::NAMES_TOLD_MAX as u64;
    assert_eq!(names_told(&mut core, 0..members), members);
    let remembered = core.stats().names_remembered;
    // Two members of one key are remembered as one, so that the table fills a little later.
    assert!((members - 300..=members).contains(&remembered), "{remembered}");
    assert_eq!(names_told(&mut core, members - 10..members), 0, "remembered");
    assert_eq!(names_told(&mut core, members..members + 300), 300);
    assert!(core.stats().names_remembered < 1_000, "forgotten");
    assert_eq!(names_told(&mut core, members - 10..members), 10, "told again");
}

#[test]
fn a_clock_at_either_end_of_time_is_only_a_clock() {
    for now in [UnixMs(i64::MIN), UnixMs(0), UnixMs(i64::MAX)] {
        let mut core = Core::new(CoreConfig::default());
        core.handle(now, message(10, 100, AuthorKind::Human), &mut Vec::new());
        core.handle(now, unreact(10, 100, thumb()), &mut Vec::new());
        assert!(core.next_deadline().is_some());
        core.handle(NOW, unreact(10, 100, thumb()), &mut Vec::new());
        assert!(!flush(&mut core).is_empty());
    }
}

/// How many names leave when each of these members writes.
fn names_told(core: &mut Core, members: Range<u64>) -> u64 {
    let mut told = 0;
    let mut out = Vec::new();
    for member in members {
        core.handle(NOW, message(10, member, AuthorKind::Human), &mut out);
        if member % 10_000 == 0 {
            told += count_names(&mut out);
        }
    }
    core.flush(NOW, &mut out);
    told + count_names(&mut out)
}

/// Empties the list; returns how many names it held.
fn count_names(records: &mut Vec<Record>) -> u64 {
    let names = records.drain(..).map(|record| match record {
        Record::Members(_, members) => members.len() as u64,
        _ => 0,
    });
    names.sum()
}
