//! Names as they come: hostile, hidden, changed, deleted, and from the past.

use vigie_core::vocabulary::{
    ActivityWindow, AuthorKind, ChannelId, ChannelKind, ChannelRecord, Emoji, EmojiCount, EmojiId,
    GuildId, GuildRecord, MemberRecord, Record, UnixMs, UserId,
};

use super::{
    harness::{apply, each_engine},
    naive::BASE_HOUR,
};
use crate::{
    Store,
    limits::{NAME_BYTES_MAX, UNICODE_EMOJI_BYTES_MAX},
    question::{ChannelRow, HourRange},
};

const GUILD: GuildId = GuildId(7);

fn guild(at: i64, name: &str, channels: Vec<ChannelRecord>) -> Record {
    Record::Guild(GuildRecord {
        id: GUILD,
        at: UnixMs(at),
        name: name.into(),
        icon: Some("a_1234".into()),
        owner: UserId(1),
        member_count: None,
        bot_joined_at: None,
        premium_tier: 2,
        boost_count: 9,
        channels,
    })
}

fn channel(id: u64, kind: u8, name: Option<&str>) -> ChannelRecord {
    ChannelRecord {
        id: ChannelId(id),
        kind: ChannelKind(kind),
        name: name.map(str::to_owned),
        parent: None,
        position: id as i32,
        deleted: false,
    }
}

fn deleted(id: u64) -> ChannelRecord {
    ChannelRecord { deleted: true, ..channel(id, 0, None) }
}

fn member(id: u64, username: &str, display_name: Option<&str>) -> MemberRecord {
    MemberRecord {
        id: UserId(id),
        kind: AuthorKind::Human,
        username: username.into(),
        display_name: display_name.map(str::to_owned),
        avatar: Some("0".repeat(1_000)),
    }
}

async fn channels(store: &Store) -> Vec<ChannelRow> {
    store.channels(GUILD).await.unwrap()
}

#[test]
fn hostile_names_are_kept_readable() {
    let names = [
        "'; DROP TABLE guilds; --",
        "\"quoted\" \\ 100% _",
        "a\0b",
        "👩‍👩‍👧‍👦 \u{202e}right to left",
        "",
    ];
    each_engine(async |store| {
        let long = "é".repeat(5_000);
        for (entry, name) in (1..).zip(names.into_iter().chain([long.as_str()])) {
            let records = [
                guild(entry as i64, name, vec![channel(3, 0, Some(name))]),
                Record::Members(GUILD, vec![member(1, name, Some(name))]),
            ];
            apply(&store, "bot/0", entry * 2, &records).await.unwrap();
            let kept = name.replace('\0', "");
            let kept = &kept[..kept.len().min(NAME_BYTES_MAX)];
            assert_eq!(store.guild(GUILD).await.unwrap().unwrap().name, kept);
            assert_eq!(channels(&store).await[0].name.as_deref(), Some(kept));
            let row = &store.members(GUILD, &[UserId(1), UserId(9)]).await.unwrap()[0];
            assert_eq!(row.username.as_deref(), Some(kept));
            assert_eq!(row.avatar.as_deref().map(str::len), Some(64));
        }
    });
}

#[test]
fn emojis_keep_their_names_and_bounds() {
    each_engine(async |store| {
        let emoji = |emoji, added| EmojiCount { emoji, added, removed: 1 };
        let custom = |name: Option<&'static str>| Emoji::Custom {
            id: EmojiId(5),
            name: name.map(Into::into),
        };
        let long = "\u{1f44d}".repeat(1_000);
        for (entry, name) in [(1, Some("old")), (2, Some("pa\0rrot")), (3, None)] {
            let window = ActivityWindow {
                guild: GUILD,
                unix_minute: BASE_HOUR * 60,
                cells: Vec::new(),
                emojis: vec![emoji(custom(name), 2), emoji(Emoji::Unicode(long.clone().into()), 1)],
            };
            apply(&store, "bot/0", entry, &[Record::ActivityWindow(window)]).await.unwrap();
        }
        let range = HourRange { from: BASE_HOUR, to: BASE_HOUR + 1 };
        let rows = store.top_emojis(GUILD, range, 10).await.unwrap();
        assert_eq!(rows[0].emoji, custom(Some("parrot")));
        assert_eq!((rows[0].added, rows[0].removed), (6, 3));
        let Emoji::Unicode(text) = &rows[1].emoji else { panic!("{rows:?}") };
        assert_eq!(text.len(), UNICODE_EMOJI_BYTES_MAX);
    });
}

#[test]
fn a_guild_keeps_what_is_not_told_again() {
    each_engine(async |store| {
        let Record::Guild(mut first) = guild(100, "Old", Vec::new()) else { unreachable!() };
        first.member_count = Some(50_000);
        first.bot_joined_at = Some(UnixMs(90));
        apply(&store, "bot/0", 1, &[Record::Guild(first)]).await.unwrap();
        apply(&store, "bot/0", 2, &[guild(200, "New", Vec::new())]).await.unwrap();
        let row = store.guild(GUILD).await.unwrap().unwrap();
        assert_eq!((row.name.as_str(), row.member_count), ("New", Some(50_000)));
        assert_eq!(row.bot_added_at_ms, Some(90));
        assert_eq!((row.premium_tier, row.boost_count), (2, 9));
        assert_eq!((row.is_active, row.last_activity_hour), (true, None));
        // What another producer tells late, of an earlier instant, changes nothing.
        apply(&store, "bot/1", 1, &[guild(150, "Older", vec![channel(3, 0, None)])]).await.unwrap();
        apply(&store, "bot/1", 2, &[Record::GuildRemoved(GUILD, UnixMs(160))]).await.unwrap();
        assert_eq!(store.guilds().await.unwrap(), [row]);
        assert!(channels(&store).await.is_empty());
    });
}

#[test]
fn a_removed_guild_is_frozen_until_it_is_back() {
    each_engine(async |store| {
        let told = guild(100, "Guild", Vec::new());
        let removed = Record::GuildRemoved(GUILD, UnixMs(200));
        apply(&store, "bot/0", 1, &[told, removed.clone()]).await.unwrap();
        let row = store.guild(GUILD).await.unwrap().unwrap();
        assert_eq!((row.is_active, row.bot_removed_at_ms), (false, Some(200)));
        apply(&store, "bot/0", 3, &[removed, guild(300, "Guild", Vec::new())]).await.unwrap();
        let row = store.guild(GUILD).await.unwrap().unwrap();
        assert_eq!((row.is_active, row.bot_removed_at_ms), (true, None));
        // One that was never named stays unknown.
        let unknown = Record::GuildRemoved(GuildId(8), UnixMs(1));
        apply(&store, "bot/0", 5, &[unknown]).await.unwrap();
        assert_eq!(store.guilds().await.unwrap().len(), 1);
    });
}

#[test]
fn channels_keep_their_last_known_names() {
    each_engine(async |store| {
        let first = vec![
            channel(1, 0, Some("general")),
            channel(2, 2, Some("voice")),
            channel(3, 11, Some("thread")),
        ];
        apply(&store, "bot/0", 1, &[guild(1, "Guild", first)]).await.unwrap();
        // Hidden: the name stays. Deleted: everything stays.
        let records = [
            Record::Channels(GUILD, vec![channel(1, 5, None), deleted(2), deleted(9)]),
            Record::Channels(GUILD, vec![channel(4, 0, Some("short-lived")), deleted(4)]),
        ];
        apply(&store, "bot/0", 2, &records).await.unwrap();
        let rows = channels(&store).await;
        let find = |id: u64| rows.iter().find(|row| row.id.0 == id).unwrap();
        assert_eq!(
            (find(1).name.as_deref(), find(1).kind.0, find(1).deleted),
            (Some("general"), 5, false)
        );
        assert_eq!(
            (find(2).name.as_deref(), find(2).kind.0, find(2).deleted),
            (Some("voice"), 2, true)
        );
        assert_eq!((find(4).name.as_deref(), find(4).deleted), (Some("short-lived"), true));
        assert_eq!((find(9).name.as_deref(), find(9).deleted), (None, true));
        assert_eq!(find(2).position, 2);
    });
}

#[test]
fn a_sync_deletes_what_it_does_not_list_but_for_threads() {
    each_engine(async |store| {
        let all = vec![
            channel(1, 0, Some("a")),
            channel(2, 0, Some("b")),
            channel(3, 11, Some("thread")),
        ];
        apply(&store, "bot/0", 1, &[guild(1, "Guild", all)]).await.unwrap();
        // A channel made just before the sync that does not list it, in the same batch.
        let records = [
            Record::Channels(GUILD, vec![channel(4, 0, Some("gone at once"))]),
            guild(2, "Guild", vec![channel(1, 0, None)]),
            Record::Channels(GUILD, vec![channel(5, 0, Some("new"))]),
        ];
        apply(&store, "bot/0", 2, &records).await.unwrap();
        let gone = |rows: Vec<ChannelRow>| -> Vec<(u64, bool)> {
            rows.into_iter().map(|row| (row.id.0, row.deleted)).collect()
        };
        let expected = [(1, false), (2, true), (3, false), (4, true), (5, false)];
        assert_eq!(gone(channels(&store).await), expected);
        // A change of the guild alone lists nothing, and a later sync brings back what is there.
        let records = [
            guild(3, "Renamed", Vec::new()),
            guild(4, "Guild", vec![channel(1, 0, None), channel(2, 0, None), channel(5, 0, None)]),
        ];
        apply(&store, "bot/0", 5, &records).await.unwrap();
        let expected = [(1, false), (2, false), (3, false), (4, true), (5, false)];
        assert_eq!(gone(channels(&store).await), expected);
    });
}

#[test]
fn ids_beyond_63_bits_are_refused() {
    each_engine(async |store| {
        let wrong = [
            Record::Members(GUILD, vec![member(1 << 63, "a", None)]),
            Record::Channels(GUILD, vec![channel(u64::MAX, 0, None)]),
            Record::GuildRemoved(GuildId(1 << 63), UnixMs(1)),
            guild(
                1,
                "a",
                vec![ChannelRecord { parent: Some(ChannelId(1 << 63)), ..channel(1, 0, None) }],
            ),
        ];
        for record in wrong {
            let error = apply(&store, "bot/0", 1, &[record]).await.unwrap_err();
            assert!(!error.is_transient(), "{error}");
        }
        assert!(store.guilds().await.unwrap().is_empty());
    });
}
