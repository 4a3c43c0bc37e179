-- Times are ISO 8601 in UTC with microseconds: text order is time order.

CREATE TABLE lessons (
    lesson_id   TEXT PRIMARY KEY,
    opened_at   TEXT NOT NULL,
    finished_at TEXT,
    seconds     INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seconds) = 'integer' AND seconds >= 0)
);

CREATE TABLE places (
    lesson_id TEXT PRIMARY KEY,
    anchor    TEXT NOT NULL,
    fraction  REAL NOT NULL CHECK (fraction BETWEEN 0 AND 1),
    saved_at  TEXT NOT NULL
);

CREATE INDEX places_by_time ON places (saved_at);

-- Every attempt is kept: spaced repetition needs the history.
CREATE TABLE answers (
    answer_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    question_id TEXT NOT NULL,
    rev         INTEGER NOT NULL CHECK (typeof(rev) = 'integer'),
    given       TEXT NOT NULL,
    correct     INTEGER NOT NULL CHECK (correct IN (0, 1)),
    answered_at TEXT NOT NULL
);

CREATE INDEX answers_by_question ON answers (question_id, answered_at);

-- Which attempt is the latest of its question: kept by the trigger, so that reading the latest
-- answers does not grow slower with the history.
CREATE TABLE latest_answers (
    question_id TEXT PRIMARY KEY,
    answer_id   INTEGER NOT NULL
);

CREATE TRIGGER answers_latest AFTER INSERT ON answers
BEGIN
    INSERT INTO latest_answers (question_id, answer_id) VALUES (new.question_id, new.answer_id)
    ON CONFLICT (question_id) DO UPDATE SET answer_id = excluded.answer_id
    WHERE new.answered_at >= (SELECT a.answered_at FROM answers AS a WHERE a.answer_id = latest_answers.answer_id);
END;

CREATE TABLE bookmarks (
    lesson_id  TEXT NOT NULL,
    anchor     TEXT NOT NULL,
    title      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (lesson_id, anchor)
);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
