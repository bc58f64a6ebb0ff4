-- Voice and coverage. Times in voice are milliseconds; the columns from muted_ms to afk_ms overlap each other, total_ms is all of it,
-- active_ms what is neither AFK, nor deafened, nor alone. `sessions` counts the sessions whose beginning was heard.

-- Voice of people in the minute. The peak is the most people at once in the whole guild.
ALTER TABLE metrics_snapshots ADD COLUMN voice_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE metrics_snapshots ADD COLUMN active_voice_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE metrics_snapshots ADD COLUMN voice_peak INTEGER NOT NULL DEFAULT 0;

-- All-time voice of a member.
ALTER TABLE member_stats ADD COLUMN voice_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_stats ADD COLUMN active_voice_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_stats ADD COLUMN voice_sessions INTEGER NOT NULL DEFAULT 0;

-- The finest rows about members in voice.
CREATE TABLE voice_hourly (
    guild_id      INTEGER NOT NULL,
    unix_hour     INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    member_id     INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    sessions      INTEGER NOT NULL,
    total_ms      INTEGER NOT NULL,
    active_ms     INTEGER NOT NULL,
    muted_ms      INTEGER NOT NULL,
    deafened_ms   INTEGER NOT NULL,
    streaming_ms  INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    suppressed_ms INTEGER NOT NULL,
    alone_ms      INTEGER NOT NULL,
    afk_ms        INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, member_id)
) STRICT, WITHOUT ROWID;

-- The same by UTC day, in the order that finds one member's days by one step each. Bit h of `hours` says that hour h of the day has
-- a row in voice_hourly.
CREATE TABLE voice_daily (
    guild_id      INTEGER NOT NULL,
    unix_day      INTEGER NOT NULL,
    member_id     INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    hours         INTEGER NOT NULL,
    sessions      INTEGER NOT NULL,
    total_ms      INTEGER NOT NULL,
    active_ms     INTEGER NOT NULL,
    muted_ms      INTEGER NOT NULL,
    deafened_ms   INTEGER NOT NULL,
    streaming_ms  INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    suppressed_ms INTEGER NOT NULL,
    alone_ms      INTEGER NOT NULL,
    afk_ms        INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_day, member_id, channel_id)
) STRICT, WITHOUT ROWID;

-- Sums over all members.
CREATE TABLE guild_voice_hourly (
    guild_id      INTEGER NOT NULL,
    unix_hour     INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    sessions      INTEGER NOT NULL,
    total_ms      INTEGER NOT NULL,
    active_ms     INTEGER NOT NULL,
    muted_ms      INTEGER NOT NULL,
    deafened_ms   INTEGER NOT NULL,
    streaming_ms  INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    suppressed_ms INTEGER NOT NULL,
    alone_ms      INTEGER NOT NULL,
    afk_ms        INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_voice_hourly (
    guild_id      INTEGER NOT NULL,
    unix_hour     INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    sessions      INTEGER NOT NULL,
    total_ms      INTEGER NOT NULL,
    active_ms     INTEGER NOT NULL,
    muted_ms      INTEGER NOT NULL,
    deafened_ms   INTEGER NOT NULL,
    streaming_ms  INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    suppressed_ms INTEGER NOT NULL,
    alone_ms      INTEGER NOT NULL,
    afk_ms        INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, kind)
) STRICT, WITHOUT ROWID;

-- Most people at once, by channel; channel 0 is the whole guild.
CREATE TABLE voice_peaks_hourly (
    guild_id   INTEGER NOT NULL,
    unix_hour  INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id)
) STRICT, WITHOUT ROWID;

-- Sessions that have ended, for 30 days. `detail` holds the time by state and what followed what (voice/detail.rs).
CREATE TABLE voice_sessions (
    guild_id      INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    member_id     INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    ended_at_ms   INTEGER NOT NULL,
    start_heard   INTEGER NOT NULL,
    end_heard     INTEGER NOT NULL,
    detail        BLOB NOT NULL,
    PRIMARY KEY (guild_id, started_at_ms, member_id, channel_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX voice_sessions_of_member ON voice_sessions (guild_id, member_id, started_at_ms);
CREATE INDEX voice_sessions_of_channel ON voice_sessions (guild_id, channel_id, started_at_ms);
CREATE INDEX voice_sessions_by_end ON voice_sessions (ended_at_ms);

-- The ledger: since when a guild is heard (not is_gap, state 0), and what was missed since (is_gap, state 1 recovered or 2 blind).
-- Families: 0 messages, 1 reactions, 2 voice. Reasons: 1 session lost, 2 outage, 3 removed, 4 state lost, 5 permission, 6 refused.
CREATE TABLE coverage (
    guild_id INTEGER NOT NULL,
    family   INTEGER NOT NULL,
    from_ms  INTEGER NOT NULL,
    is_gap   INTEGER NOT NULL,
    until_ms INTEGER,                -- NULL while it goes on
    state    INTEGER NOT NULL,
    reason   INTEGER NOT NULL,
    PRIMARY KEY (guild_id, family, from_ms, is_gap)
) STRICT, WITHOUT ROWID;

-- Until when each producer has heard everything, or said in the ledger what it missed.
CREATE TABLE producers (
    producer       TEXT NOT NULL,
    heard_until_ms INTEGER NOT NULL,
    PRIMARY KEY (producer)
) STRICT, WITHOUT ROWID;

-- Which producer hears a guild, and since when: the one that last told its first sight.
CREATE TABLE guild_producers (
    guild_id INTEGER NOT NULL,
    producer TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id)
) STRICT;

-- What was counted before there was a ledger: messages and reactions of each guild are observed from its first hour on, by a producer
-- that has heard everything until the last minute of all. Whoever tells a guild first from now on makes what lies between a gap.
INSERT INTO coverage (guild_id, family, from_ms, is_gap, until_ms, state, reason)
    SELECT g.guild_id, f.family, MIN(g.unix_hour) * 3600000, 0, NULL, 0, 0
    FROM guild_activity_hourly g CROSS JOIN (SELECT 0 AS family UNION ALL SELECT 1) f GROUP BY g.guild_id, f.family;
INSERT INTO guild_producers (guild_id, producer, since_ms)
    SELECT guild_id, 'before-coverage', from_ms FROM coverage WHERE family = 0;
INSERT INTO producers (producer, heard_until_ms)
    SELECT 'before-coverage', (MAX(last.minute) + 1) * 60000
    FROM (SELECT (SELECT MAX(m.unix_minute) FROM metrics_snapshots m WHERE m.guild_id = p.guild_id) AS minute FROM guild_producers p) last
    HAVING MAX(last.minute) IS NOT NULL;
INSERT INTO coverage (guild_id, family, from_ms, is_gap, until_ms, state, reason)
    SELECT g.guild_id, c.family, g.bot_removed_at_ms, 1, NULL, 2, 3
    FROM guilds g JOIN coverage c ON c.guild_id = g.guild_id WHERE g.bot_removed_at_ms > c.from_ms;
