-- The first shape. Instants are UTC milliseconds since 1970-01-01; JSON columns hold one flat object.

CREATE TABLE meta (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    installation TEXT    NOT NULL CHECK (length(installation) = 6),
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE lists (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    targets    INTEGER NOT NULL DEFAULT 0 CHECK (targets >= 0), -- how many rows it has, so that nobody counts them
    created_at INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: an id is never used twice, so "enrolled up to this id" stays true whatever is deleted.
CREATE TABLE targets (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    list       INTEGER NOT NULL REFERENCES lists (id),
    number     TEXT    NOT NULL CHECK (number GLOB '+[1-9]*'),
    variables  TEXT    NOT NULL CHECK (variables GLOB '{*}'),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (list, number)
) STRICT;

CREATE INDEX targets_in_order ON targets (list);

-- The list is kept by name: a campaign may be known before its list is imported.
CREATE TABLE campaigns (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    list       TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'draining', 'finished')),
    then_state TEXT             CHECK (then_state IN ('draft', 'running', 'paused', 'draining', 'finished')),
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- How far a campaign has gone through a list: targets up to this id have a row in campaign_targets.
CREATE TABLE enrolments (
    campaign INTEGER NOT NULL REFERENCES campaigns (id),
    list     INTEGER NOT NULL REFERENCES lists (id),
    upto     INTEGER NOT NULL,
    enrolled INTEGER NOT NULL,
    PRIMARY KEY (campaign, list)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_targets (
    campaign   INTEGER NOT NULL REFERENCES campaigns (id),
    target     INTEGER NOT NULL REFERENCES targets (id),
    list       INTEGER NOT NULL REFERENCES lists (id),
    state      TEXT    NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'in_flight', 'waiting', 'done')),
    reason     TEXT    NOT NULL DEFAULT '',
    not_before INTEGER,
    tries      TEXT    NOT NULL DEFAULT '{}' CHECK (tries GLOB '{*}'),
    PRIMARY KEY (campaign, target),
    CHECK ((state = 'waiting') = (not_before IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What may be called, in the order in which it is called. The state stands last in each because SQLite otherwise
-- reads the row to know it, which makes counting thirty times slower. Who is in flight is known by the open attempts.
CREATE INDEX targets_ready ON campaign_targets (campaign, list, target, state) WHERE state = 'ready';
CREATE INDEX targets_waiting ON campaign_targets (campaign, list, not_before, target, state) WHERE state = 'waiting';

CREATE TABLE attempts (
    seq                INTEGER PRIMARY KEY,
    id                 TEXT    NOT NULL UNIQUE,
    campaign           INTEGER NOT NULL REFERENCES campaigns (id),
    target             INTEGER NOT NULL REFERENCES targets (id),
    number             TEXT    NOT NULL,
    trunk              TEXT    NOT NULL,
    queue              TEXT    NOT NULL,
    caller_id          TEXT    NOT NULL,
    opened_at          INTEGER NOT NULL,
    max_wait_ms        INTEGER NOT NULL,
    stage              INTEGER NOT NULL CHECK (stage BETWEEN 0 AND 8),
    sent_at            INTEGER,
    channel            TEXT    NOT NULL,
    ringing_at         INTEGER,
    answered_at        INTEGER,
    held_at            INTEGER,
    connected_at       INTEGER,
    agent              TEXT    NOT NULL,
    limit_at           INTEGER,
    message_played     INTEGER NOT NULL CHECK (message_played IN (0, 1)),
    ended_at           INTEGER,
    cause              INTEGER NOT NULL,
    cause_text         TEXT    NOT NULL,
    sip_code           INTEGER,
    remote_hangup      INTEGER NOT NULL CHECK (remote_hangup IN (0, 1)),
    timed_out          INTEGER NOT NULL CHECK (timed_out IN (0, 1)),
    adopted            INTEGER NOT NULL CHECK (adopted IN (0, 1)),
    not_sent           INTEGER NOT NULL CHECK (not_sent IN (0, 1)),
    ended_by_us        TEXT    NOT NULL,
    note               TEXT    NOT NULL,
    state              TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    outcome            TEXT CHECK (outcome IN (
        'answered', 'abandoned', 'hung_up', 'busy', 'no_answer', 'rejected', 'invalid', 'unreachable',
        'congestion', 'failed', 'cancelled', 'lost', 'unknown', 'not_sent')),
    answer_to_agent_ms INTEGER GENERATED ALWAYS AS (connected_at - answered_at) VIRTUAL,
    CHECK ((state = 'closed') = (outcome IS NOT NULL)),
    CHECK (state = 'closed' OR stage < 8)
) STRICT;

-- A person is never on two calls at once.
CREATE UNIQUE INDEX one_open_call_a_number ON attempts (number) WHERE state = 'open';
-- By target and not by number: targets are called in their order, so this index grows at its end.
CREATE INDEX attempts_of_target ON attempts (target);
CREATE INDEX attempts_of_campaign ON attempts (campaign);
CREATE INDEX outcomes_of_campaign ON attempts (campaign, outcome, answer_to_agent_ms) WHERE outcome IS NOT NULL;

CREATE TABLE journal (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE INDEX journal_of_subject ON journal (subject);
