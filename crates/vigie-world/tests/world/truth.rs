//! The truth must equal what anybody else would count: from the payloads as an application gets them, by the
//! published definitions, and from the facts of history.

use std::borrow::Cow;

use crate::support::{id, payload_of, play, world};
use serde_json::Value;
use vigie_core::vocabulary::{
    ActivityCounts, AuthorKind, ChannelId, Emoji, EmojiId, Fact, GuildId, MessageId, MessageKind,
    UnixMs, UserId,
};
use vigie_world::{Cell, CellKey, EmojiTotals, Truth, TruthEmoji};

const HOUR_MS: i64 = 3_600_000;

fn hour(at: UnixMs) -> u32 {
    (at.0 / HOUR_MS) as u32
}

fn counted(truth: &mut Truth, at: UnixMs, key: CellKey, kind: AuthorKind, counts: ActivityCounts) {
    truth.add(hour(at), key, Cell { kind, counts });
}

fn messages() -> ActivityCounts {
    ActivityCounts { messages: 1, ..ActivityCounts::default() }
}

fn commands() -> ActivityCounts {
    ActivityCounts { commands: 1, ..ActivityCounts::default() }
}

fn given(added: bool) -> ActivityCounts {
    let (added, removed) = (u32::from(added), u32::from(!added));
    ActivityCounts {
        reactions_added: added,
        reactions_removed: removed,
        ..ActivityCounts::default()
    }
}

fn received() -> ActivityCounts {
    ActivityCounts { reactions_received: 1, ..ActivityCounts::default() }
}

fn emoji_totals(added: bool) -> EmojiTotals {
    EmojiTotals { name: None, added: u32::from(added), removed: u32::from(!added) }
}

/// Counts a MESSAGE_CREATE as the definitions say, knowing nothing but its payload.
fn count_message(truth: &mut Truth, data: &Value, kinds: &mut Kinds) {
    let (author, is_bot) = (&data["author"], data["author"]["bot"] == true);
    let key = |member| CellKey {
        guild: GuildId(id(&data["guild_id"])),
        channel: ChannelId(id(&data["channel_id"])),
        member,
    };
    let at = MessageId(id(&data["id"])).time();
    let kind = match data["type"].as_u64() {
        Some(20 | 23) => {
            let by = UserId(id(&data["interaction_metadata"]["user"]["id"]));
            counted(truth, at, key(by), AuthorKind::Human, commands());
            kinds.insert(UserId(id(&author["id"])), AuthorKind::Bot);
            return;
        }
        Some(0 | 19) if data.get("webhook_id").is_some() => AuthorKind::Webhook,
        Some(0 | 19) if is_bot => AuthorKind::Bot,
        Some(0 | 19) => AuthorKind::Human,
        _ => return,
    };
    let member = UserId(id(&author["id"]));
    kinds.insert(member, kind);
    counted(truth, at, key(member), kind, messages());
}

/// What kind of author somebody was when they wrote.
type Kinds = std::collections::BTreeMap<UserId, AuthorKind>;

fn count_reaction(truth: &mut Truth, at: UnixMs, data: &Value, added: bool, kinds: &Kinds) {
    let guild = GuildId(id(&data["guild_id"]));
    let channel = ChannelId(id(&data["channel_id"]));
    let key = |member| CellKey { guild, channel, member };
    let giver = UserId(id(&data["user_id"]));
    counted(truth, at, key(giver), AuthorKind::Human, given(added));
    if let Some(author) = data.get("message_author_id") {
        let author = UserId(id(author));
        counted(truth, at, key(author), kinds[&author], received());
    }
    let emoji = match data["emoji"]["id"].as_str() {
        Some(_) => TruthEmoji::Custom(EmojiId(id(&data["emoji"]["id"]))),
        None => {
            let characters = data["emoji"]["name"].as_str().expect("a unicode emoji has a name");
            TruthEmoji::Unicode(Cow::Owned(characters.to_owned()))
        }
    };
    truth.add_emoji(hour(at), guild, emoji, emoji_totals(added));
}

#[test]
fn live_truth_equals_what_the_payloads_add_up_to() {
    let mut world = world(11, 12, 4.0);
    let mut counted = Truth::new();
    let mut kinds = Kinds::new();
    // An hour's end lies in between.
    for event in play(&mut world, 75 * 60_000) {
        let data = payload_of(&world, &event, event.at.0 % 2 == 0);
        match event.name {
            "MESSAGE_CREATE" => count_message(&mut counted, &data, &mut kinds),
            "MESSAGE_REACTION_ADD" => {
                count_reaction(&mut counted, event.at, &data, true, &kinds);
            }
            "MESSAGE_REACTION_REMOVE" => {
                count_reaction(&mut counted, event.at, &data, false, &kinds);
            }
            _ => {}
        }
    }
    assert!(counted.cell_count() > 1_000, "{}", counted.cell_count());
    assert_eq!(world.truth().diff(&counted), []);
    assert_eq!(counted.diff(world.truth()), []);
    let back = Truth::from_json(&world.truth().to_json()).expect("its own text");
    assert_eq!(back.diff(&counted), []);
}

#[test]
fn history_truth_equals_what_the_facts_add_up_to() {
    let world = world(12, 5, 1.0);
    for guild in world.guilds() {
        let mut sum = Truth::new();
        for day in 0..world.history_day_count() {
            let facts = world.history_facts(guild.id, day);
            let mut before = world.history_day_start(day);
            for (at, fact) in facts.iter() {
                assert!(at >= before, "the facts of a day are in the order of time");
                before = at;
                count_fact(&mut sum, at, &fact, &world, guild);
            }
        }
        let mut truth = Truth::new();
        let told = world.history_truth(guild.id);
        told.cells().for_each(|(hour, key, cell)| truth.add(hour, key, cell));
        for (hour, guild, emoji, totals) in told.emojis() {
            truth.add_emoji(hour, guild, emoji.clone(), totals.clone());
        }
        assert_eq!(truth.diff(&sum), []);
    }
}

fn count_fact(
    truth: &mut Truth,
    at: UnixMs,
    fact: &Fact<'_>,
    world: &vigie_world::World,
    guild: &vigie_world::Guild,
) {
    match fact {
        Fact::Message(message) => {
            assert_eq!(message.message.time(), at);
            let counts = match message.kind {
                MessageKind::Message => messages(),
                MessageKind::Command => commands(),
            };
            let (channel, member) = (message.channel, message.author.id);
            let key = CellKey { guild: message.guild, channel, member };
            counted(truth, at, key, message.author.kind, counts);
        }
        Fact::Reaction(reaction) => {
            let key = |member| CellKey { guild: reaction.guild, channel: reaction.channel, member };
            counted(truth, at, key(reaction.giver), AuthorKind::Human, given(reaction.added));
            if let Some(author) = reaction.message_author {
                let index = world.member_index(guild, author).expect("a member");
                let is_human = index < guild.human_count;
                let kind = if is_human { AuthorKind::Human } else { AuthorKind::Bot };
                counted(truth, at, key(author), kind, received());
            }
            let emoji = match &reaction.emoji {
                Emoji::Custom { id, .. } => TruthEmoji::Custom(*id),
                Emoji::Unicode(characters) => {
                    TruthEmoji::Unicode(Cow::Owned(characters.to_string()))
                }
            };
            truth.add_emoji(hour(at), reaction.guild, emoji, emoji_totals(reaction.added));
        }
        // Counted in tests of their own.
        _ => {}
    }
}

#[test]
fn merged_history_holds_the_same_facts() {
    let world = world(13, 5, 1.0);
    for day in 0..world.history_day_count() {
        let apart: usize =
            world.guilds().iter().map(|guild| world.history_facts(guild.id, day).len()).sum();
        let merged = world.merged_history(day);
        assert_eq!((merged.len(), merged.iter().count()), (apart, apart));
        let instants: Vec<UnixMs> = merged.iter().map(|(at, _)| at).collect();
        assert!(instants.is_sorted());
    }
}
