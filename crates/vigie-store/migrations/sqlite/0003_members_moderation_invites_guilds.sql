-- Members, moderation, invites and guilds. Times end in _ms: milliseconds since 1970.

-- From a join to a departure. since_ms is joined_at, or the departure where the join is not known. Who was here before the bot came and was
-- not found in a list of members has no row. Departures: 0 leave, 1 kick, 2 ban, 3 prune, 4 not heard.
CREATE TABLE member_stays (
    guild_id       INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    since_ms       INTEGER NOT NULL,
    is_join_known  INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    rejoined       INTEGER NOT NULL,    -- they had been here before
    is_heard       INTEGER NOT NULL,    -- the join was heard, not only found in a list of members
    listed_ms      INTEGER,             -- beginning of the last list of members that had it
    left_at_ms     INTEGER,             -- NULL while it lasts
    departure      INTEGER,
    departure_case INTEGER,             -- moderation_logs.id
    unseen_ms      INTEGER,             -- when they were found missing; NULL where the departure was heard
    PRIMARY KEY (guild_id, member_id, since_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_stays_by_join ON member_stays
    (guild_id, since_ms, member_id, kind, is_join_known, is_heard, rejoined, left_at_ms);
CREATE INDEX member_stays_by_departure ON member_stays
    (guild_id, left_at_ms, kind, departure, is_join_known, unseen_ms, member_id, since_ms) WHERE left_at_ms IS NOT NULL;
CREATE INDEX member_stays_open ON member_stays (guild_id, since_ms) WHERE left_at_ms IS NULL;

-- Discord's own member counts.
CREATE TABLE member_count_samples (
    guild_id INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    members  INTEGER NOT NULL,
    PRIMARY KEY (guild_id, at_ms)
) STRICT, WITHOUT ROWID;

-- The book of invites, those that ended too.
CREATE TABLE invites (
    guild_id      INTEGER NOT NULL,
    code          TEXT NOT NULL,
    told_at_ms    INTEGER NOT NULL,
    is_vanity     INTEGER NOT NULL,
    channel_id    INTEGER,
    inviter_id    INTEGER,
    uses          INTEGER,
    max_uses      INTEGER NOT NULL,
    created_at_ms INTEGER,
    expires_at_ms INTEGER,
    ended_at_ms   INTEGER,
    temporary     INTEGER NOT NULL,
    PRIMARY KEY (guild_id, code)
) STRICT, WITHOUT ROWID;

-- How members came. Methods: 0 unknown, 1 single use, 2 uses, 3 vanity, 4 ambiguous, 5 bot added. Confidence: 0 none, 1 likely, 2 exact.
CREATE TABLE invite_tracking (
    guild_id     INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    method       INTEGER NOT NULL,
    confidence   INTEGER NOT NULL,
    code         TEXT,
    inviter_id   INTEGER,
    burst        INTEGER NOT NULL,
    candidates   BLOB NOT NULL,         -- invites/evidence.rs
    PRIMARY KEY (guild_id, member_id, joined_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_tracking_by_join ON invite_tracking
    (guild_id, joined_at_ms, member_id, confidence, inviter_id, code);
CREATE INDEX invite_tracking_of_inviter ON invite_tracking (guild_id, inviter_id, joined_at_ms, member_id, confidence)
    WHERE inviter_id IS NOT NULL;
CREATE INDEX invite_tracking_of_code ON invite_tracking (guild_id, code, joined_at_ms, confidence) WHERE code IS NOT NULL;

-- The ledger of moderation. A row with an audit entry is known by it and its action; one without is a fact that waits for its entry.
CREATE TABLE moderation_logs (
    id           INTEGER NOT NULL PRIMARY KEY,
    guild_id     INTEGER NOT NULL,
    audit_id     INTEGER,
    action       INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    target_id    INTEGER,
    moderator_id INTEGER,
    reason       TEXT,
    search_reason TEXT,                     -- the reason in lower case, to be searched
    channel_id   INTEGER,
    count        INTEGER,
    until_ms     INTEGER,
    source       INTEGER NOT NULL,
    heard_ms     INTEGER,                  -- when an event told the fact itself; NULL where only an entry does
    changes      BLOB
) STRICT;
CREATE UNIQUE INDEX moderation_logs_by_entry ON moderation_logs (guild_id, audit_id, action);
CREATE INDEX moderation_logs_by_time ON moderation_logs (guild_id, at_ms, id);
CREATE INDEX moderation_logs_of_action ON moderation_logs (guild_id, action, at_ms, id);
CREATE INDEX moderation_logs_of_target ON moderation_logs (guild_id, target_id, at_ms, id) WHERE target_id IS NOT NULL;
CREATE INDEX moderation_logs_of_moderator ON moderation_logs (guild_id, moderator_id, at_ms, id);

-- What changed about a guild, as annotations. Kinds: GuildChangeKind (question/guild_changes.rs). `subject` is the name of what changed.
CREATE TABLE guild_changes (
    id         INTEGER NOT NULL PRIMARY KEY,
    guild_id   INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    subject_id INTEGER,
    subject    TEXT,
    field      TEXT,
    old        TEXT,
    new        TEXT
) STRICT;
CREATE INDEX guild_changes_by_time ON guild_changes (guild_id, at_ms, id);

-- Roles, emojis and further fields as they were last told: what changes are found against. The field `features` has them all, with commas.
CREATE TABLE guild_roles (
    guild_id    INTEGER NOT NULL,
    role_id     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    color       INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    permissions INTEGER NOT NULL,         -- the bits of an unsigned number
    managed     INTEGER NOT NULL,
    is_deleted  INTEGER NOT NULL,
    told_at_ms  INTEGER NOT NULL,           -- what is older changes nothing
    PRIMARY KEY (guild_id, role_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE guild_emojis (
    guild_id   INTEGER NOT NULL,
    emoji_id   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    animated   INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    told_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, emoji_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE guild_fields (
    guild_id   INTEGER NOT NULL,
    field      TEXT NOT NULL,
    value      TEXT,
    told_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, field)
) STRICT, WITHOUT ROWID;

-- What may be read of a guild, and since when. Readings: 0 audit log, 1 invites, 2 members.
CREATE TABLE guild_access (
    guild_id INTEGER NOT NULL,
    reading  INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    allowed  INTEGER NOT NULL,
    PRIMARY KEY (guild_id, reading)
) STRICT, WITHOUT ROWID;

-- Kinds of events that are switched off: guild 0 stands for everywhere.
CREATE TABLE event_switches (
    guild_id INTEGER NOT NULL,
    event    TEXT NOT NULL,
    PRIMARY KEY (guild_id, event)
) STRICT, WITHOUT ROWID;
