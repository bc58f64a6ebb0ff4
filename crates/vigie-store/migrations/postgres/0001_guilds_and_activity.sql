-- Guilds, names and the activity family. Snowflakes are BIGINT (63 bits), times are counted from 1970 in UTC:
-- unix_minute, unix_hour, unix_day, and milliseconds where a column ends in _ms. Kinds: 0 person, 1 bot, 2 webhook.
-- metrics_snapshots and member_activity_hourly are partitioned by month of their time column; the partitions are made by the store
-- when a batch needs them. A fillfactor below 100 leaves room on the page for the updates of the hour or day that is still running:
-- no index holds a counter, so that such an update touches no index.

CREATE TABLE ingest_cursors (
    producer TEXT COLLATE "C" NOT NULL,
    lane     INT NOT NULL,
    number   BIGINT NOT NULL,          -- last entry applied
    PRIMARY KEY (producer, lane)
);

CREATE TABLE guilds (
    guild_id          BIGINT NOT NULL PRIMARY KEY,
    name              TEXT COLLATE "C" NOT NULL,
    icon              TEXT,
    owner_id          BIGINT NOT NULL,
    member_count      INT,
    premium_tier      INT NOT NULL,
    boost_count       INT NOT NULL,
    is_active         BOOLEAN NOT NULL,
    bot_added_at_ms   BIGINT,
    bot_removed_at_ms BIGINT,
    told_at_ms        BIGINT NOT NULL  -- instant of the newest record applied: an older one changes nothing
);

CREATE TABLE channel_names (
    guild_id   BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    kind       INT NOT NULL,        -- Discord's channel type; 255 until told
    name       TEXT,
    parent_id  BIGINT,
    position   INT NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    PRIMARY KEY (guild_id, channel_id)
);

CREATE TABLE member_names (
    guild_id     BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    kind         INT NOT NULL,
    username     TEXT NOT NULL,
    display_name TEXT,
    avatar       TEXT,
    search_name  TEXT COLLATE "C" NOT NULL,         -- both names in lower case: SQLite and PostgreSQL fold case differently, so neither does
    PRIMARY KEY (guild_id, user_id)
);

CREATE TABLE emoji_names (
    guild_id BIGINT NOT NULL,
    emoji_id BIGINT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (guild_id, emoji_id)
);

-- One row per guild minute with any activity. Columns without prefix count people. What bots seldom do is SMALLINT: 8 bytes less in
-- each of the rows that a guild has most of.
CREATE TABLE metrics_snapshots (
    guild_id               BIGINT NOT NULL,
    unix_minute            INT NOT NULL,
    messages               INT NOT NULL,
    commands               INT NOT NULL,
    reactions_added        INT NOT NULL,
    reactions_removed      INT NOT NULL,
    reactions_received     INT NOT NULL,
    bot_messages           INT NOT NULL,
    webhook_messages       INT NOT NULL,
    bot_commands           SMALLINT NOT NULL,
    bot_reactions_added    SMALLINT NOT NULL,
    bot_reactions_removed  SMALLINT NOT NULL,
    bot_reactions_received SMALLINT NOT NULL,
    PRIMARY KEY (guild_id, unix_minute)
) PARTITION BY RANGE (unix_minute);

-- The finest rows about members.
CREATE TABLE member_activity_hourly (
    guild_id           BIGINT NOT NULL,
    unix_hour          INT NOT NULL,
    channel_id         BIGINT NOT NULL,
    member_id          BIGINT NOT NULL,
    kind               INT NOT NULL,
    messages           INT NOT NULL,
    commands           INT NOT NULL,
    reactions_added    INT NOT NULL,
    reactions_removed  INT NOT NULL,
    reactions_received INT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, member_id)
) PARTITION BY RANGE (unix_hour);

-- The same by UTC day, in the order that finds one member's days by one step each. Bit h of `hours` says that hour h of the day
-- has a row in member_activity_hourly, bit h of `active_hours` that a message or a reaction was given in it: distinct members of
-- any range of hours are counted from here, and one member's hours are looked up where they are.
CREATE TABLE member_activity_daily (
    guild_id           BIGINT NOT NULL,
    unix_day           INT NOT NULL,
    member_id          BIGINT NOT NULL,
    channel_id         BIGINT NOT NULL,
    kind               INT NOT NULL,
    hours              INT NOT NULL,
    active_hours       INT NOT NULL,
    messages           INT NOT NULL,
    commands           INT NOT NULL,
    reactions_added    INT NOT NULL,
    reactions_removed  INT NOT NULL,
    reactions_received INT NOT NULL,
    PRIMARY KEY (guild_id, unix_day, member_id, channel_id)
) WITH (fillfactor = 80);

-- Sums over all members: what series, heatmaps and totals read instead of the rows about members.
CREATE TABLE guild_activity_hourly (
    guild_id           BIGINT NOT NULL,
    unix_hour          INT NOT NULL,
    kind               INT NOT NULL,
    messages           BIGINT NOT NULL,
    commands           BIGINT NOT NULL,
    reactions_added    BIGINT NOT NULL,
    reactions_removed  BIGINT NOT NULL,
    reactions_received BIGINT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, kind)
) WITH (fillfactor = 80);

CREATE TABLE channel_activity_hourly (
    guild_id           BIGINT NOT NULL,
    unix_hour          INT NOT NULL,
    channel_id         BIGINT NOT NULL,
    kind               INT NOT NULL,
    messages           BIGINT NOT NULL,
    commands           BIGINT NOT NULL,
    reactions_added    BIGINT NOT NULL,
    reactions_removed  BIGINT NOT NULL,
    reactions_received BIGINT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, kind)
) WITH (fillfactor = 80);

-- Reactions by emoji: emoji_id of a custom emoji (and unicode ''), or 0 and the characters of a unicode one.
CREATE TABLE emoji_hourly (
    guild_id          BIGINT NOT NULL,
    unix_hour         INT NOT NULL,
    emoji_id          BIGINT NOT NULL,
    unicode           TEXT COLLATE "C" NOT NULL,
    reactions_added   BIGINT NOT NULL,
    reactions_removed BIGINT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, emoji_id, unicode)
) WITH (fillfactor = 80);

-- All-time sums per member, and the first and last minute in which they did something (NULL while they only received reactions).
CREATE TABLE member_stats (
    guild_id           BIGINT NOT NULL,
    user_id            BIGINT NOT NULL,
    kind               INT NOT NULL,
    messages           BIGINT NOT NULL,
    commands           BIGINT NOT NULL,
    reactions_added    BIGINT NOT NULL,
    reactions_removed  BIGINT NOT NULL,
    reactions_received BIGINT NOT NULL,
    first_seen_minute  INT,
    last_seen_minute   INT,
    PRIMARY KEY (guild_id, user_id)
) WITH (fillfactor = 80);

-- What member_activity_daily says of one day, packed for reading many days at once (activity/packed.rs): made when the day is over,
-- gone as soon as anything of the day changes, and always to be had again from the rows. `changes` counts the transactions that
-- changed the day, so that a pack made from older rows is never kept.
CREATE TABLE packed_days (
    guild_id BIGINT NOT NULL,
    unix_day INT NOT NULL,
    changes  BIGINT NOT NULL,
    packed   BYTEA,
    PRIMARY KEY (guild_id, unix_day)
) WITH (fillfactor = 80);
CREATE INDEX packed_days_due ON packed_days (unix_day, guild_id) WHERE packed IS NULL;
ALTER TABLE packed_days ALTER COLUMN packed SET STORAGE EXTERNAL;
