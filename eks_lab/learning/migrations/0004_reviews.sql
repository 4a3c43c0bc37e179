-- What more is known of an answer. Rows from before: no variant, no part of a point, no time taken.
ALTER TABLE answers ADD COLUMN seed INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seed) = 'integer');
ALTER TABLE answers ADD COLUMN score REAL CHECK (score BETWEEN 0 AND 1);
ALTER TABLE answers ADD COLUMN seconds REAL CHECK (seconds >= 0);
ALTER TABLE answers ADD COLUMN mode TEXT NOT NULL DEFAULT 'lesson';

-- What comes back for review: `item:<question>`, `lab:<lab>`, `lesson:<lesson>`, `own:<own card>`.
-- Everything from `state` on follows from the log below and can be made again from it.
CREATE TABLE cards (
    card_id       TEXT PRIMARY KEY,
    origin        TEXT NOT NULL CHECK (origin IN ('missed', 'chosen', 'lab', 'lesson', 'deck')),
    rev           INTEGER NOT NULL CHECK (typeof(rev) = 'integer' AND rev >= 1),
    added_at      TEXT NOT NULL,
    removed_at    TEXT,
    due           TEXT NOT NULL,
    state         TEXT,
    stability     REAL,
    difficulty    REAL,
    seen_at       TEXT,
    introduced_at TEXT,
    reviews       INTEGER NOT NULL DEFAULT 0,
    lapses        INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX cards_by_due ON cards (due);
CREATE INDEX cards_by_introduction ON cards (introduced_at);

-- Every review, for ever. `reviewed_at` never goes back for one card; `clock_at` is what the clock said.
CREATE TABLE reviews (
    review_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    card_id     TEXT NOT NULL,
    rev         INTEGER NOT NULL CHECK (typeof(rev) = 'integer' AND rev >= 1),
    rating      INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),
    retention   REAL NOT NULL CHECK (retention > 0 AND retention < 1),
    seed        INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seed) = 'integer'),
    seconds     REAL CHECK (seconds >= 0),
    reviewed_at TEXT NOT NULL,
    clock_at    TEXT NOT NULL
);

CREATE INDEX reviews_by_card ON reviews (card_id, reviewed_at);
CREATE INDEX reviews_by_clock ON reviews (clock_at);

-- Cards that a learner brought along.
CREATE TABLE own_cards (
    own_id     TEXT PRIMARY KEY,
    deck       TEXT NOT NULL,
    front      TEXT NOT NULL,
    back       TEXT NOT NULL,
    tags       TEXT NOT NULL,
    changed_at TEXT NOT NULL
);

-- Whoever writes an answer, a lesson or a lab: the card is made in the same transaction. A card that was taken
-- away stays away; a question with a new meaning begins anew.
CREATE TRIGGER answers_missed AFTER INSERT ON answers WHEN new.correct = 0
BEGIN
    INSERT INTO cards (card_id, origin, rev, added_at, due)
    VALUES ('item:' || new.question_id, 'missed', new.rev, new.answered_at, new.answered_at)
    ON CONFLICT (card_id) DO UPDATE SET rev = excluded.rev, due = excluded.due, state = NULL, stability = NULL,
        difficulty = NULL, seen_at = NULL, reviews = 0, lapses = 0
    WHERE excluded.rev > cards.rev;
END;

CREATE TRIGGER lessons_read AFTER INSERT ON lessons WHEN new.finished_at IS NOT NULL
BEGIN
    INSERT INTO cards (card_id, origin, rev, added_at, due)
    VALUES ('lesson:' || new.lesson_id, 'lesson', 1, new.finished_at,
        strftime('%Y-%m-%dT%H:%M:%f', new.finished_at, '+1 day') || '000+00:00')
    ON CONFLICT (card_id) DO NOTHING;
END;

CREATE TRIGGER lessons_read_later AFTER UPDATE OF finished_at ON lessons WHEN new.finished_at IS NOT NULL
BEGIN
    INSERT INTO cards (card_id, origin, rev, added_at, due)
    VALUES ('lesson:' || new.lesson_id, 'lesson', 1, new.finished_at,
        strftime('%Y-%m-%dT%H:%M:%f', new.finished_at, '+1 day') || '000+00:00')
    ON CONFLICT (card_id) DO NOTHING;
END;

CREATE TRIGGER labs_done AFTER INSERT ON lab_attempts WHEN new.outcome IN ('solved', 'shown') AND new.ended_at IS NOT NULL
BEGIN
    INSERT INTO cards (card_id, origin, rev, added_at, due)
    VALUES ('lab:' || new.lab_id, 'lab', 1, new.ended_at,
        strftime('%Y-%m-%dT%H:%M:%f', new.ended_at, '+1 day') || '000+00:00')
    ON CONFLICT (card_id) DO NOTHING;
END;

CREATE TRIGGER labs_done_later AFTER UPDATE OF outcome ON lab_attempts WHEN new.outcome IN ('solved', 'shown') AND new.ended_at IS NOT NULL
BEGIN
    INSERT INTO cards (card_id, origin, rev, added_at, due)
    VALUES ('lab:' || new.lab_id, 'lab', 1, new.ended_at,
        strftime('%Y-%m-%dT%H:%M:%f', new.ended_at, '+1 day') || '000+00:00')
    ON CONFLICT (card_id) DO NOTHING;
END;

-- What was missed, read and done before there were cards.
INSERT INTO cards (card_id, origin, rev, added_at, due)
SELECT 'item:' || question_id, 'missed', max(rev), max(answered_at), max(answered_at)
FROM answers WHERE correct = 0 GROUP BY question_id;

INSERT INTO cards (card_id, origin, rev, added_at, due)
SELECT 'lesson:' || lesson_id, 'lesson', 1, finished_at,
    strftime('%Y-%m-%dT%H:%M:%f', finished_at, '+1 day') || '000+00:00'
FROM lessons WHERE finished_at IS NOT NULL;

INSERT INTO cards (card_id, origin, rev, added_at, due)
SELECT 'lab:' || lab_id, 'lab', 1, max(ended_at), strftime('%Y-%m-%dT%H:%M:%f', max(ended_at), '+1 day') || '000+00:00'
FROM lab_attempts WHERE outcome IN ('solved', 'shown') AND ended_at IS NOT NULL GROUP BY lab_id;
