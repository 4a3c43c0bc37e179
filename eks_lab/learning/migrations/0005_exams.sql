-- Exams. A sitting keeps its own copy of everything it asks: the question bank may change meanwhile.
CREATE TABLE exam_sittings (
    sitting_id INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id   TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    allowed_us INTEGER NOT NULL CHECK (allowed_us > 0),
    started_at TEXT NOT NULL,
    track      TEXT NOT NULL,
    plan       TEXT NOT NULL
);

CREATE TABLE exam_tasks (
    sitting_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    item_id    TEXT NOT NULL,
    rev        INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    domain     TEXT NOT NULL,
    points     REAL NOT NULL CHECK (points > 0),
    seed       INTEGER NOT NULL,
    content    TEXT NOT NULL,
    PRIMARY KEY (sitting_id, number)
);

CREATE INDEX exam_tasks_by_item ON exam_tasks (item_id, sitting_id);

-- What happened, in order: nothing in here is ever changed. `at` is what the machine's clock said,
-- `elapsed_us` the sitting's own time, which never runs back.
CREATE TABLE exam_events (
    event_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    sitting_id INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('started', 'shown', 'answered', 'flagged', 'unflagged',
                                             'paused', 'resumed', 'reopened', 'ended')),
    number     INTEGER,
    at         TEXT NOT NULL,
    elapsed_us INTEGER NOT NULL CHECK (elapsed_us >= 0),
    data       TEXT NOT NULL DEFAULT ''
);

CREATE INDEX exam_events_by_sitting ON exam_events (sitting_id, event_id);
CREATE UNIQUE INDEX exam_ended_once ON exam_events (sitting_id) WHERE kind = 'ended';

-- The clock of each sitting: what the machine's clock said last, and the time that has passed by then.
CREATE TABLE exam_clocks (
    sitting_id INTEGER PRIMARY KEY,
    seen_at    TEXT NOT NULL,
    elapsed_us INTEGER NOT NULL CHECK (elapsed_us >= 0),
    paused_us  INTEGER NOT NULL CHECK (paused_us >= 0),
    is_paused  INTEGER NOT NULL CHECK (is_paused IN (0, 1))
);

-- The one sitting that runs.
CREATE TABLE running_exam (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    sitting_id INTEGER NOT NULL
);

-- How the answers were judged; a row is written once, when its sitting is over or its task was left.
CREATE TABLE exam_results (
    sitting_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    score      REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    headline   TEXT NOT NULL,
    detail     TEXT NOT NULL,
    judged_at  TEXT NOT NULL,
    PRIMARY KEY (sitting_id, number)
);
