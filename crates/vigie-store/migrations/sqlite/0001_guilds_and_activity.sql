-- Guilds, names and the activity family. Snowflakes are INTEGER (63 bits), times are counted from 1970 in UTC:
-- unix_minute, unix_hour, unix_day, and milliseconds where a column ends in _ms. Kinds: 0 person, 1 bot, 2 webhook.
-- WITHOUT ROWID keeps each table in the order of its key: a guild's range is one contiguous stretch of the file.

CREATE TABLE ingest_cursors (
    producer TEXT NOT NULL,
    lane     INTEGER NOT NULL,
    number   INTEGER NOT NULL,          -- last entry applied
    PRIMARY KEY (producer, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE guilds (
    guild_id          INTEGER NOT NULL PRIMARY KEY,
    name              TEXT NOT NULL,
    icon              TEXT,
    owner_id          INTEGER NOT NULL,
    member_count      INTEGER,
    premium_tier      INTEGER NOT NULL,
    boost_count       INTEGER NOT NULL,
    is_active         INTEGER NOT NULL,
    bot_added_at_ms   INTEGER,
    bot_removed_at_ms INTEGER,
    told_at_ms        INTEGER NOT NULL  -- instant of the newest record applied: an older one changes nothing
) STRICT;

CREATE TABLE channel_names (
    guild_id   INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind       INTEGER NOT NULL,        -- Discord's channel type; 255 until told
    name       TEXT,
    parent_id  INTEGER,
    position   INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    PRIMARY KEY (guild_id, channel_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_names (
    guild_id     INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    username     TEXT NOT NULL,
    display_name TEXT,
    avatar       TEXT,
    search_name  TEXT NOT NULL,         -- both names in lower case: SQLite and PostgreSQL fold case differently, so neither does
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE emoji_names (
    guild_id INTEGER NOT NULL,
    emoji_id INTEGER NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (guild_id, emoji_id)
) STRICT, WITHOUT ROWID;

-- One row per guild minute with any activity. Columns without prefix count people.
CREATE TABLE metrics_snapshots (
    guild_id               INTEGER NOT NULL,
    unix_minute            INTEGER NOT NULL,
    messages               INTEGER NOT NULL,
    commands               INTEGER NOT NULL,
    reactions_added        INTEGER NOT NULL,
    reactions_removed      INTEGER NOT NULL,
    reactions_received     INTEGER NOT NULL,
    bot_messages           INTEGER NOT NULL,
    webhook_messages       INTEGER NOT NULL,
    bot_commands           INTEGER NOT NULL,
    bot_reactions_added    INTEGER NOT NULL,
    bot_reactions_removed  INTEGER NOT NULL,
    bot_reactions_received INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_minute)
) STRICT, WITHOUT ROWID;

-- The finest rows about members.
CREATE TABLE member_activity_hourly (
    guild_id           INTEGER NOT NULL,
    unix_hour          INTEGER NOT NULL,
    channel_id         INTEGER NOT NULL,
    member_id          INTEGER NOT NULL,
    kind               INTEGER NOT NULL,
    messages           INTEGER NOT NULL,
    commands           INTEGER NOT NULL,
    reactions_added    INTEGER NOT NULL,
    reactions_removed  INTEGER NOT NULL,
    reactions_received INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, member_id)
) STRICT, WITHOUT ROWID;

-- The same by UTC day, in the order that finds one member's days by one step each. Bit h of `hours` says that hour h of the day
-- has a row in member_activity_hourly, bit h of `active_hours` that a message or a reaction was given in it: distinct members of
-- any range of hours are counted from here, and one member's hours are looked up where they are.
CREATE TABLE member_activity_daily (
    guild_id           INTEGER NOT NULL,
    unix_day           INTEGER NOT NULL,
    member_id          INTEGER NOT NULL,
    channel_id         INTEGER NOT NULL,
    kind               INTEGER NOT NULL,
    hours              INTEGER NOT NULL,
    active_hours       INTEGER NOT NULL,
    messages           INTEGER NOT NULL,
    commands           INTEGER NOT NULL,
    reactions_added    INTEGER NOT NULL,
    reactions_removed  INTEGER NOT NULL,
    reactions_received INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_day, member_id, channel_id)
) STRICT, WITHOUT ROWID;

-- Sums over all members: what series, heatmaps and totals read instead of the rows about members.
CREATE TABLE guild_activity_hourly (
    guild_id           INTEGER NOT NULL,
    unix_hour          INTEGER NOT NULL,
    kind               INTEGER NOT NULL,
    messages           INTEGER NOT NULL,
    commands           INTEGER NOT NULL,
    reactions_added    INTEGER NOT NULL,
    reactions_removed  INTEGER NOT NULL,
    reactions_received INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_activity_hourly (
    guild_id           INTEGER NOT NULL,
    unix_hour          INTEGER NOT NULL,
    channel_id         INTEGER NOT NULL,
    kind               INTEGER NOT NULL,
    messages           INTEGER NOT NULL,
    commands           INTEGER NOT NULL,
    reactions_added    INTEGER NOT NULL,
    reactions_removed  INTEGER NOT NULL,
    reactions_received INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, kind)
) STRICT, WITHOUT ROWID;

-- Reactions by emoji: emoji_id of a custom emoji (and unicode ''), or 0 and the characters of a unicode one.
CREATE TABLE emoji_hourly (
    guild_id          INTEGER NOT NULL,
    unix_hour         INTEGER NOT NULL,
    emoji_id          INTEGER NOT NULL,
    unicode           TEXT NOT NULL,
    reactions_added   INTEGER NOT NULL,
    reactions_removed INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, emoji_id, unicode)
) STRICT, WITHOUT ROWID;

-- All-time sums per member, and the first and last minute in which they did something (NULL while they only received reactions).
CREATE TABLE member_stats (
    guild_id           INTEGER NOT NULL,
    user_id            INTEGER NOT NULL,
    kind               INTEGER NOT NULL,
    messages           INTEGER NOT NULL,
    commands           INTEGER NOT NULL,
    reactions_added    INTEGER NOT NULL,
    reactions_removed  INTEGER NOT NULL,
    reactions_received INTEGER NOT NULL,
    first_seen_minute  INTEGER,
    last_seen_minute   INTEGER,
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

-- What member_activity_daily says of one day, packed for reading many days at once (activity/packed.rs): made when the day is over,
-- gone as soon as anything of the day changes, and always to be had again from the rows. `changes` counts the transactions that
-- changed the day, so that a pack made from older rows is never kept.
CREATE TABLE packed_days (
    guild_id INTEGER NOT NULL,
    unix_day INTEGER NOT NULL,
    changes  INTEGER NOT NULL,
    packed   BLOB,
    PRIMARY KEY (guild_id, unix_day)
) STRICT;
CREATE INDEX packed_days_due ON packed_days (unix_day, guild_id) WHERE packed IS NULL;
