-- Every try at a lab is kept: points, time, and what was typed.
CREATE TABLE lab_attempts (
    attempt_id INTEGER PRIMARY KEY AUTOINCREMENT,
    lab_id     TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    outcome    TEXT CHECK (outcome IN ('solved', 'shown', 'stopped')),
    points     INTEGER CHECK (points BETWEEN 0 AND 100),
    hints      INTEGER NOT NULL DEFAULT 0,
    seconds    INTEGER NOT NULL DEFAULT 0 CHECK (seconds >= 0)
);

CREATE INDEX lab_attempts_by_lab ON lab_attempts (lab_id, started_at);

CREATE TABLE lab_commands (
    attempt_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    typed_at   TEXT NOT NULL,
    line       TEXT NOT NULL CHECK (typeof(line) = 'text'),
    PRIMARY KEY (attempt_id, number)
);

-- The one lab that runs, so that it goes on after a crash or tomorrow.
CREATE TABLE running_lab (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    attempt_id INTEGER NOT NULL,
    folder     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    answers    TEXT NOT NULL,
    hints      TEXT NOT NULL
);
