-- Voice and coverage. Times in voice are milliseconds; the columns from muted_ms to afk_ms overlap each other, total_ms is all of it,
-- active_ms what is neither AFK, nor deafened, nor alone. `sessions` counts the sessions whose beginning was heard.
-- One member's hour or day in one channel fits into INT (a day has 86,400,000 ms); sums over members do not.

-- Voice of people in the minute. The peak is the most people at once in the whole guild.
ALTER TABLE metrics_snapshots ADD COLUMN voice_ms INT NOT NULL DEFAULT 0;
ALTER TABLE metrics_snapshots ADD COLUMN active_voice_ms INT NOT NULL DEFAULT 0;
ALTER TABLE metrics_snapshots ADD COLUMN voice_peak INT NOT NULL DEFAULT 0;

-- All-time voice of a member.
ALTER TABLE member_stats ADD COLUMN voice_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member_stats ADD COLUMN active_voice_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member_stats ADD COLUMN voice_sessions BIGINT NOT NULL DEFAULT 0;

-- The finest rows about members in voice, partitioned by month like member_activity_hourly.
CREATE TABLE voice_hourly (
    guild_id      BIGINT NOT NULL,
    unix_hour     INT NOT NULL,
    channel_id    BIGINT NOT NULL,
    member_id     BIGINT NOT NULL,
    kind          INT NOT NULL,
    sessions      INT NOT NULL,
    total_ms      INT NOT NULL,
    active_ms     INT NOT NULL,
    muted_ms      INT NOT NULL,
    deafened_ms   INT NOT NULL,
    streaming_ms  INT NOT NULL,
    video_ms      INT NOT NULL,
    suppressed_ms INT NOT NULL,
    alone_ms      INT NOT NULL,
    afk_ms        INT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, member_id)
) PARTITION BY RANGE (unix_hour);

-- The same by UTC day, in the order that finds one member's days by one step each. Bit h of `hours` says that hour h of the day has
-- a row in voice_hourly.
CREATE TABLE voice_daily (
    guild_id      BIGINT NOT NULL,
    unix_day      INT NOT NULL,
    member_id     BIGINT NOT NULL,
    channel_id    BIGINT NOT NULL,
    kind          INT NOT NULL,
    hours         INT NOT NULL,
    sessions      INT NOT NULL,
    total_ms      INT NOT NULL,
    active_ms     INT NOT NULL,
    muted_ms      INT NOT NULL,
    deafened_ms   INT NOT NULL,
    streaming_ms  INT NOT NULL,
    video_ms      INT NOT NULL,
    suppressed_ms INT NOT NULL,
    alone_ms      INT NOT NULL,
    afk_ms        INT NOT NULL,
    PRIMARY KEY (guild_id, unix_day, member_id, channel_id)
) WITH (fillfactor = 80);

-- Sums over all members.
CREATE TABLE guild_voice_hourly (
    guild_id      BIGINT NOT NULL,
    unix_hour     INT NOT NULL,
    kind          INT NOT NULL,
    sessions      BIGINT NOT NULL,
    total_ms      BIGINT NOT NULL,
    active_ms     BIGINT NOT NULL,
    muted_ms      BIGINT NOT NULL,
    deafened_ms   BIGINT NOT NULL,
    streaming_ms  BIGINT NOT NULL,
    video_ms      BIGINT NOT NULL,
    suppressed_ms BIGINT NOT NULL,
    alone_ms      BIGINT NOT NULL,
    afk_ms        BIGINT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, kind)
) WITH (fillfactor = 80);

CREATE TABLE channel_voice_hourly (
    guild_id      BIGINT NOT NULL,
    unix_hour     INT NOT NULL,
    channel_id    BIGINT NOT NULL,
    kind          INT NOT NULL,
    sessions      BIGINT NOT NULL,
    total_ms      BIGINT NOT NULL,
    active_ms     BIGINT NOT NULL,
    muted_ms      BIGINT NOT NULL,
    deafened_ms   BIGINT NOT NULL,
    streaming_ms  BIGINT NOT NULL,
    video_ms      BIGINT NOT NULL,
    suppressed_ms BIGINT NOT NULL,
    alone_ms      BIGINT NOT NULL,
    afk_ms        BIGINT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id, kind)
) WITH (fillfactor = 80);

-- Most people at once, by channel; channel 0 is the whole guild.
CREATE TABLE voice_peaks_hourly (
    guild_id   BIGINT NOT NULL,
    unix_hour  INT NOT NULL,
    channel_id BIGINT NOT NULL,
    people     INT NOT NULL,
    PRIMARY KEY (guild_id, unix_hour, channel_id)
) WITH (fillfactor = 80);

-- Sessions that have ended, for 30 days. `detail` holds the time by state and what followed what (voice/detail.rs).
CREATE TABLE voice_sessions (
    guild_id      BIGINT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    member_id     BIGINT NOT NULL,
    channel_id    BIGINT NOT NULL,
    kind          INT NOT NULL,
    ended_at_ms   BIGINT NOT NULL,
    start_heard   BOOLEAN NOT NULL,
    end_heard     BOOLEAN NOT NULL,
    detail        BYTEA NOT NULL,
    PRIMARY KEY (guild_id, started_at_ms, member_id, channel_id)
);
CREATE INDEX voice_sessions_of_member ON voice_sessions (guild_id, member_id, started_at_ms);
CREATE INDEX voice_sessions_of_channel ON voice_sessions (guild_id, channel_id, started_at_ms);
CREATE INDEX voice_sessions_by_end ON voice_sessions (ended_at_ms);

-- The ledger: since when a guild is heard (not is_gap, state 0), and what was missed since (is_gap, state 1 recovered or 2 blind).
-- Families: 0 messages, 1 reactions, 2 voice. Reasons: 1 session lost, 2 outage, 3 removed, 4 state lost, 5 permission, 6 refused.
CREATE TABLE coverage (
    guild_id BIGINT NOT NULL,
    family   INT NOT NULL,
    from_ms  BIGINT NOT NULL,
    is_gap   BOOLEAN NOT NULL,
    until_ms BIGINT,                 -- NULL while it goes on
    state    INT NOT NULL,
    reason   INT NOT NULL,
    PRIMARY KEY (guild_id, family, from_ms, is_gap)
);

-- Until when each producer has heard everything, or said in the ledger what it missed.
CREATE TABLE producers (
    producer       TEXT COLLATE "C" NOT NULL,
    heard_until_ms BIGINT NOT NULL,
    PRIMARY KEY (producer)
);

-- Which producer hears a guild, and since when: the one that last told its first sight.
CREATE TABLE guild_producers (
    guild_id BIGINT NOT NULL,
    producer TEXT COLLATE "C" NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id)
);

-- What was counted before there was a ledger: messages and reactions of each guild are observed from its first hour on, by a producer
-- that has heard everything until the last minute of all. Whoever tells a guild first from now on makes what lies between a gap.
INSERT INTO coverage (guild_id, family, from_ms, is_gap, until_ms, state, reason)
    SELECT g.guild_id, f.family, CAST(MIN(g.unix_hour) AS BIGINT) * 3600000, FALSE, NULL, 0, 0
    FROM guild_activity_hourly g CROSS JOIN (SELECT 0 AS family UNION ALL SELECT 1) f GROUP BY g.guild_id, f.family;
INSERT INTO guild_producers (guild_id, producer, since_ms)
    SELECT guild_id, 'before-coverage', from_ms FROM coverage WHERE family = 0;
INSERT INTO producers (producer, heard_until_ms)
    SELECT 'before-coverage', (CAST(MAX(last.minute) AS BIGINT) + 1) * 60000
    FROM (SELECT (SELECT MAX(m.unix_minute) FROM metrics_snapshots m WHERE m.guild_id = p.guild_id) AS minute FROM guild_producers p) last
    HAVING MAX(last.minute) IS NOT NULL;
INSERT INTO coverage (guild_id, family, from_ms, is_gap, until_ms, state, reason)
    SELECT g.guild_id, c.family, g.bot_removed_at_ms, TRUE, NULL, 2, 3
    FROM guilds g JOIN coverage c ON c.guild_id = g.guild_id WHERE g.bot_removed_at_ms > c.from_ms;
