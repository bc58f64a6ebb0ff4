//! What changes about a guild, what may be read of it, and that everything of it goes when our bot has been removed for long.

use std::collections::BTreeSet;

use vigie_core::vocabulary::{
    Access, EmojiId, GuildDetails, GuildEmojiRecord, GuildId, GuildRecord, Reading, Record, RoleId,
    RoleRecord, UnixMs, UserId,
};

use super::harness::{apply, each_engine};
use crate::{
    Store,
    db::{Db, on},
    question::{ChangesQuestion, GuildChangeKind},
};

const GUILD: GuildId = GuildId(9);

/// 2026-10-01 00:00.
const START: i64 = 1_790_812_800_000;
const DAY_MS: i64 = 24 * 3_600_000;

fn guild(seconds: i64, name: &str, bot_joined: i64) -> GuildRecord {
    GuildRecord {
        id: GUILD,
        at: UnixMs(START + seconds * 1_000),
        name: name.into(),
        icon: None,
        owner: UserId(1),
        member_count: Some(5),
        bot_joined_at: Some(UnixMs(START + bot_joined * 1_000)),
        premium_tier: 0,
        boost_count: 0,
        channels: Vec::new(),
    }
}

fn role(id: u64, name: &str) -> RoleRecord {
    RoleRecord { id: RoleId(id), name: name.into(), permissions: 8, ..RoleRecord::default() }
}

fn emoji(id: u64, name: &str) -> GuildEmojiRecord {
    GuildEmojiRecord { id: EmojiId(id), name: name.into(), animated: false }
}

fn details(seconds: i64, roles: Vec<RoleRecord>) -> GuildDetails {
    let features = Some(vec!["A".into()]);
    let at = UnixMs(START + seconds * 1_000);
    GuildDetails { at, roles, features, complete: true, ..GuildDetails::default() }
}

async fn changes(store: &Store) -> Vec<String> {
    let question = ChangesQuestion {
        guild: GUILD,
        from_ms: 0,
        to_ms: i64::MAX,
        kinds: Vec::new(),
        after: None,
        limit: 100,
    };
    let mut rows = store.guild_changes(&question).await.unwrap().rows;
    rows.reverse();
    rows.iter()
        .map(|row| {
            let mut text = format!("{} {:?}", (row.at_ms - START) / 1_000, row.kind);
            for part in [&row.subject_name, &row.field] {
                text.push_str(&part.as_ref().map(|part| format!(" {part}")).unwrap_or_default());
            }
            if row.field.is_some() {
                let show = |value: &Option<String>| value.clone().unwrap_or("-".into());
                text.push_str(&format!(" {}>{}", show(&row.old), show(&row.new)));
            }
            text
        })
        .collect()
}

/// A guild's life in records: seen, told again, changed in every way, left and come back to.
fn changing_steps() -> Vec<Record> {
    let fields = |level: &str| vec![("verification_level".to_owned(), Some(level.to_owned()))];
    let removed = RoleRecord { deleted: true, ..role(3, "later") };
    let one = |role: RoleRecord, at| GuildDetails {
        features: None,
        complete: false,
        ..details(at, vec![role])
    };
    vec![
        Record::Guild(guild(0, "den", -90_000)),
        Record::GuildDetails(
            GUILD,
            Box::new(GuildDetails {
                emojis: Some(vec![emoji(1, "cat")]),
                features: Some(vec!["A".into()]),
                fields: fields("1"),
                ..details(0, vec![role(1, "all"), role(2, "mod")])
            }),
        ),
        // The same again.
        Record::Guild(guild(10, "den", -90_000)),
        Record::GuildDetails(GUILD, Box::new(details(10, vec![role(1, "all"), role(2, "mod")]))),
        Record::Guild(guild(20, "lair", -90_000)),
        Record::GuildDetails(
            GUILD,
            Box::new(GuildDetails {
                emojis: Some(vec![emoji(1, "lion"), emoji(2, "dog")]),
                features: Some(vec!["A".into(), "B".into()]),
                fields: fields("2"),
                ..details(20, vec![role(1, "all")])
            }),
        ),
        Record::GuildDetails(GUILD, Box::new(one(role(3, "new"), 30))),
        Record::GuildDetails(
            GUILD,
            Box::new(one(RoleRecord { permissions: 16, ..role(3, "later") }, 40)),
        ),
        Record::GuildDetails(GUILD, Box::new(one(removed, 50))),
        Record::GuildDetails(
            GUILD,
            Box::new(GuildDetails {
                emojis: Some(vec![emoji(2, "dog")]),
                features: None,
                complete: false,
                ..details(60, Vec::new())
            }),
        ),
        Record::GuildRemoved(GUILD, UnixMs(START + 70_000)),
        Record::GuildRemoved(GUILD, UnixMs(START + 71_000)),
        Record::Guild(guild(80, "lair", 79)),
        // An old record arrives late.
        Record::Guild(guild(75, "den", -90_000)),
    ]
}

#[test]
fn differences_are_kept_and_the_first_sight_is_none() {
    each_engine(async |store| {
        let expected = [
            "20 Guild name den>lair",
            "20 RoleRemoved mod",
            "20 EmojiChanged lion name cat>lion",
            "20 EmojiAdded dog",
            "20 Guild features ->B",
            "20 Guild verification_level 1>2",
            "30 RoleAdded new",
            "40 RoleChanged later name new>later",
            "40 RoleChanged later permissions 8>16",
            "50 RoleRemoved later",
            "60 EmojiRemoved lion",
            "70 BotRemoved",
            "79 BotAdded",
        ];
        for (number, step) in (1..).zip(changing_steps()) {
            apply(&store, "bot/0", number, &[step]).await.unwrap();
        }
        assert_eq!(changes(&store).await, expected);
        let kinds = vec![GuildChangeKind::BotAdded];
        let question = ChangesQuestion {
            guild: GUILD,
            from_ms: 0,
            to_ms: i64::MAX,
            kinds,
            after: None,
            limit: 1,
        };
        assert_eq!(store.guild_changes(&question).await.unwrap().rows.len(), 1);
        let roles = store.roles(GUILD).await.unwrap();
        let deleted: Vec<(u64, bool)> =
            roles.iter().map(|role| (role.id.0, role.deleted)).collect();
        assert_eq!(deleted, [(1, false), (2, true), (3, true)]);
    });
}

#[test]
fn a_batch_finds_the_same_changes_as_its_records_one_by_one() {
    each_engine(async |store| {
        let records = [
            Record::Guild(guild(0, "den", -1)),
            Record::GuildDetails(GUILD, Box::new(details(0, vec![role(1, "all")]))),
            Record::GuildDetails(GUILD, Box::new(details(5, vec![role(1, "all"), role(2, "mod")]))),
            Record::Guild(guild(6, "lair", -1)),
        ];
        apply(&store, "bot/0", 1, &records).await.unwrap();
        let expected = ["-1 BotAdded", "5 RoleAdded mod", "6 Guild name den>lair"];
        assert_eq!(changes(&store).await, expected);
    });
}

#[test]
fn the_last_word_on_what_may_be_read_holds() {
    each_engine(async |store| {
        let access = |reading, seconds: i64, allowed| Access {
            reading,
            at: UnixMs(START + seconds * 1_000),
            allowed,
        };
        let told = [
            vec![access(Reading::AuditLog, 5, false), access(Reading::Invites, 5, true)],
            vec![access(Reading::AuditLog, 9, true)],
            vec![access(Reading::AuditLog, 7, false)],
        ];
        for (number, access) in (1..).zip(told) {
            apply(&store, "bot/0", number, &[Record::Access(GUILD, access)]).await.unwrap();
        }
        let known = store.access(GUILD).await.unwrap();
        assert_eq!(known, [access(Reading::AuditLog, 9, true), access(Reading::Invites, 5, true)]);
    });
}

/// Tables that have a guild in them.
async fn tables(store: &Store) -> BTreeSet<String> {
    let sql = match &store.read {
        Db::Lite(_) => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'guild_id'"
        }
        Db::Pg(_) => {
            "SELECT CAST(c.table_name AS TEXT) FROM information_schema.columns c JOIN pg_class p ON p.relname = c.table_name \
             WHERE c.column_name = 'guild_id' AND NOT p.relispartition AND p.relkind IN ('r', 'p') AND c.table_schema = 'public'"
        }
    };
    let names: Vec<String> =
        on!(&store.read, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
    names.into_iter().collect()
}

#[test]
fn everything_about_a_guild_goes_thirty_days_after_it_removed_the_bot() {
    each_engine(async |store| {
        let mut purged: BTreeSet<String> =
            crate::purge::TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
        purged.extend(["guilds".to_owned(), "event_switches".to_owned()]);
        assert_eq!(tables(&store).await, purged);
        let other = GuildRecord { id: GuildId(10), ..guild(0, "stays", -1) };
        let records = [
            Record::Guild(guild(0, "den", -1)),
            Record::Guild(other),
            Record::GuildDetails(GUILD, Box::new(details(0, vec![role(1, "all")]))),
            Record::GuildDetails(GuildId(10), Box::new(details(0, vec![role(1, "all")]))),
            Record::GuildRemoved(GUILD, UnixMs(START + 1_000)),
        ];
        apply(&store, "bot/0", 1, &records).await.unwrap();
        assert_eq!(store.purge_removed_guilds(START + 30 * DAY_MS).await.unwrap(), 0);
        assert_eq!(store.roles(GUILD).await.unwrap().len(), 1);
        assert_eq!(store.purge_removed_guilds(START + 30 * DAY_MS + 1_001).await.unwrap(), 1);
        assert_eq!(store.roles(GUILD).await.unwrap().len(), 0);
        assert_eq!(changes(&store).await, [""; 0]);
        let guilds: Vec<u64> =
            store.guilds().await.unwrap().iter().map(|guild| guild.id.0).collect();
        assert_eq!(guilds, [10]);
        assert_eq!(store.roles(GuildId(10)).await.unwrap().len(), 1);
        // It comes back, as if for the first time.
        apply(&store, "bot/0", 6, &[Record::Guild(guild(9_000_000, "den", 8_999_999))])
            .await
            .unwrap();
        assert_eq!(changes(&store).await, ["8999999 BotAdded"]);
        assert_eq!(store.purge_removed_guilds(i64::MAX).await.unwrap(), 0);
    });
}
