-- A conversation: what was settled when it began. The plan holds the questions as they were put, with their
-- key points, so that a changed or deleted question changes no old scorecard.
CREATE TABLE interviews (
    interview_id INTEGER PRIMARY KEY AUTOINCREMENT,
    level        TEXT NOT NULL CHECK (level IN ('junior', 'mid', 'senior')),
    topics       TEXT NOT NULL,
    seed         INTEGER NOT NULL,
    minutes      REAL NOT NULL CHECK (minutes > 0),
    plan         TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    outcome      TEXT CHECK (outcome IN ('finished', 'time_up', 'stopped'))
);

CREATE INDEX interviews_by_time ON interviews (started_at);

-- Every line that was said, in order; never changed afterwards. The place of a question in the plan is
-- `question`; `follow_up` is the index of a follow-up and NULL for the question itself. `found` is what was read in an answer
-- then: point -> whether it was found, the words, and why not.
CREATE TABLE interview_turns (
    interview_id INTEGER NOT NULL REFERENCES interviews (interview_id),
    number       INTEGER NOT NULL,
    speaker      TEXT NOT NULL CHECK (speaker IN ('interviewer', 'candidate')),
    question     INTEGER NOT NULL CHECK (question >= 0),
    follow_up    INTEGER CHECK (follow_up >= 0),
    text         TEXT NOT NULL CHECK (typeof(text) = 'text'),
    said_at      TEXT NOT NULL,
    seconds      REAL NOT NULL DEFAULT 0 CHECK (seconds >= 0),
    found        TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (interview_id, number)
);

CREATE TRIGGER interview_turns_stay BEFORE UPDATE ON interview_turns
BEGIN
    SELECT RAISE(ABORT, 'what was said in an interview is not changed');
END;

-- The learner says that a point was or was not in an answer; the newest word on a point counts.
CREATE TABLE interview_overrules (
    overrule_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    interview_id INTEGER NOT NULL REFERENCES interviews (interview_id),
    question     INTEGER NOT NULL,
    follow_up    INTEGER,
    point        TEXT NOT NULL,
    found        INTEGER NOT NULL CHECK (found IN (0, 1)),
    overruled_at TEXT NOT NULL
);

CREATE INDEX interview_overrules_by_interview ON interview_overrules (interview_id, overrule_id);
