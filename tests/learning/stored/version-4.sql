-- A database of version 4, as learners have it. Never edited.
PRAGMA application_id = 1162564428;
PRAGMA user_version = 4;
BEGIN TRANSACTION;
CREATE TABLE answers (
    answer_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    question_id TEXT NOT NULL,
    rev         INTEGER NOT NULL CHECK (typeof(rev) = 'integer'),
    given       TEXT NOT NULL,
    correct     INTEGER NOT NULL CHECK (correct IN (0, 1)),
    answered_at TEXT NOT NULL
, seed INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seed) = 'integer'), score REAL CHECK (score BETWEEN 0 AND 1), seconds REAL CHECK (seconds >= 0), mode TEXT NOT NULL DEFAULT 'lesson');
INSERT INTO "answers" VALUES(1,'networking.max-pods.t3-medium',1,'18.0',0,'2026-10-03T18:20:00.000000+00:00',0,NULL,NULL,'lesson');
INSERT INTO "answers" VALUES(2,'networking.max-pods.t3-medium',1,'17.0',1,'2026-10-03T18:20:30.000000+00:00',0,NULL,NULL,'lesson');
INSERT INTO "answers" VALUES(3,'networking.max-pods.plus-two',2,'[0]',1,'2026-10-03T18:20:30.000000+00:00',0,NULL,NULL,'lesson');
INSERT INTO "answers" VALUES(4,'networking.max-pods.order',1,'[2, 0, 1]',0,'2026-12-03T08:00:00.000000+00:00',77,0.5,31.25,'review');
INSERT INTO "answers" VALUES(5,'networking.max-pods.why',1,'"Größer × ENIs"',1,'2026-12-03T08:01:00.000000+00:00',0,1.0,60.0,'quiz');
CREATE TABLE bookmarks (
    lesson_id  TEXT NOT NULL,
    anchor     TEXT NOT NULL,
    title      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (lesson_id, anchor)
);
INSERT INTO "bookmarks" VALUES('networking.vpc-cni','warm-pool','The warm pool × 2','2026-10-03T18:23:07.125000+00:00');
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
INSERT INTO "cards" VALUES('item:networking.max-pods.t3-medium','missed',1,'2026-10-03T18:20:00.000000+00:00',NULL,'2026-10-03T18:20:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "cards" VALUES('lesson:networking.max-pods','lesson',1,'2026-10-03T18:22:07.125000+00:00',NULL,'2026-10-04T18:22:07.125000+00:00',NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "cards" VALUES('lab:max-pods','lab',1,'2026-11-20T10:12:30.000000+00:00',NULL,'2026-11-21T10:12:30.000000+00:00',NULL,NULL,NULL,NULL,NULL,0,0);
INSERT INTO "cards" VALUES('item:networking.max-pods.order','missed',1,'2026-12-03T08:00:00.000000+00:00',NULL,'2026-12-08T07:10:00.000000+00:00','{"card_id": 81096008066639, "state": 3, "step": 0, "stability": 0.661548852925064, "difficulty": 7.392238132342694, "due": "2026-12-08T07:10:00+00:00", "last_review": "2026-12-08T07:00:00+00:00"}',0.661548852925064,7.3922381323426940014e+00,'2026-12-08T07:00:00.000000+00:00','2026-12-03T09:00:00.000000+00:00',3,1);
INSERT INTO "cards" VALUES('own:5f2c','deck',1,'2026-12-03T08:02:00.000000+00:00',NULL,'2026-12-03T09:02:00.000000+00:00','{"card_id": 265347550219074, "state": 1, "step": 0, "stability": 0.212, "difficulty": 6.4133, "due": "2026-12-03T09:02:00+00:00", "last_review": "2026-12-03T09:01:00+00:00"}',0.212,6.4133,'2026-12-03T09:01:00.000000+00:00','2026-12-03T09:01:00.000000+00:00',1,0);
CREATE TABLE drafts (
    form     TEXT NOT NULL CHECK (form IN ('calculator', 'generator')),
    name     TEXT NOT NULL,
    input    TEXT NOT NULL,
    text     TEXT NOT NULL CHECK (typeof(text) = 'text'),
    saved_at TEXT NOT NULL,
    PRIMARY KEY (form, name, input)
);
INSERT INTO "drafts" VALUES('calculator','max-pods','instance_type','m5.24xlarge','2026-12-01T08:00:00.000000+00:00');
INSERT INTO "drafts" VALUES('calculator','max-pods','max_eni','1x','2026-12-01T08:00:00.000000+00:00');
INSERT INTO "drafts" VALUES('generator','terraform','cluster_name','größer','2026-12-02T08:00:00.000000+00:00');
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
INSERT INTO "lab_attempts" VALUES(1,'max-pods',7,'2026-11-20T10:00:00.000000+00:00','2026-11-20T10:12:30.000000+00:00','solved',85,2,750);
INSERT INTO "lab_attempts" VALUES(2,'pod-identity',11,'2026-11-21T09:00:00.000000+00:00',NULL,NULL,NULL,1,0);
CREATE TABLE lab_commands (
    attempt_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    typed_at   TEXT NOT NULL,
    line       TEXT NOT NULL CHECK (typeof(line) = 'text'),
    PRIMARY KEY (attempt_id, number)
);
INSERT INTO "lab_commands" VALUES(1,1,'2026-11-20T10:01:00.000000+00:00','kubectl get nodes');
INSERT INTO "lab_commands" VALUES(1,2,'2026-11-20T10:02:00.000000+00:00','kubectl describe node ip-10-0-1-10');
CREATE TABLE latest_answers (
    question_id TEXT PRIMARY KEY,
    answer_id   INTEGER NOT NULL
);
INSERT INTO "latest_answers" VALUES('networking.max-pods.t3-medium',2);
INSERT INTO "latest_answers" VALUES('networking.max-pods.plus-two',3);
INSERT INTO "latest_answers" VALUES('networking.max-pods.order',4);
INSERT INTO "latest_answers" VALUES('networking.max-pods.why',5);
CREATE TABLE lessons (
    lesson_id   TEXT PRIMARY KEY,
    opened_at   TEXT NOT NULL,
    finished_at TEXT,
    seconds     INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seconds) = 'integer' AND seconds >= 0)
);
INSERT INTO "lessons" VALUES('start.tools','2026-10-03T18:00:00.000000+00:00',NULL,42);
INSERT INTO "lessons" VALUES('networking.max-pods','2026-10-03T18:05:00.000000+00:00','2026-10-03T18:22:07.125000+00:00',611);
INSERT INTO "lessons" VALUES('networking.vpc-cni','2026-10-03T18:23:07.125000+00:00',NULL,0);
CREATE TABLE own_cards (
    own_id     TEXT PRIMARY KEY,
    deck       TEXT NOT NULL,
    front      TEXT NOT NULL,
    back       TEXT NOT NULL,
    tags       TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
INSERT INTO "own_cards" VALUES('5f2c','Mine','What is × in Größe?','A sign.','words signs','2026-12-03T08:02:00.000000+00:00');
CREATE TABLE places (
    lesson_id TEXT PRIMARY KEY,
    anchor    TEXT NOT NULL,
    fraction  REAL NOT NULL CHECK (fraction BETWEEN 0 AND 1),
    saved_at  TEXT NOT NULL
);
INSERT INTO "places" VALUES('networking.max-pods','the-formula',1.0,'2026-10-03T18:22:07.125000+00:00');
INSERT INTO "places" VALUES('networking.vpc-cni','warm-pool',0.375,'2026-10-03T18:23:07.125000+00:00');
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
INSERT INTO "reviews" VALUES(1,'item:networking.max-pods.order',1,3,0.9,12,20.5,'2026-12-03T09:00:00.000000+00:00','2026-12-03T09:00:00.000000+00:00');
INSERT INTO "reviews" VALUES(2,'own:5f2c',1,1,0.9,0,NULL,'2026-12-03T09:01:00.000000+00:00','2026-12-03T09:01:00.000000+00:00');
INSERT INTO "reviews" VALUES(3,'item:networking.max-pods.order',1,3,0.9,13,18.0,'2026-12-03T09:12:00.000000+00:00','2026-12-03T09:12:00.000000+00:00');
INSERT INTO "reviews" VALUES(4,'item:networking.max-pods.order',1,1,0.9,14,9.0,'2026-12-08T07:00:00.000000+00:00','2026-12-08T07:00:00.000000+00:00');
CREATE TABLE running_lab (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    attempt_id INTEGER NOT NULL,
    folder     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    answers    TEXT NOT NULL,
    hints      TEXT NOT NULL
);
INSERT INTO "running_lab" VALUES(1,2,'labs/pod-identity','0123456789abcdef','{"who": "2"}','[0]');
CREATE TABLE saved_files (
    generator TEXT NOT NULL,
    file      TEXT NOT NULL,
    path      TEXT NOT NULL CHECK (typeof(path) = 'text'),
    saved_at  TEXT NOT NULL,
    PRIMARY KEY (generator, file)
);
INSERT INTO "saved_files" VALUES('terraform','vpc.tf','/home/learner/infra/vpc.tf','2026-12-02T08:00:00.000000+00:00');
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "settings" VALUES('theme','"eks-light"');
INSERT INTO "settings" VALUES('keys','{"next_lesson": "n,right"}');
CREATE INDEX places_by_time ON places (saved_at);
CREATE INDEX answers_by_question ON answers (question_id, answered_at);
CREATE TRIGGER answers_latest AFTER INSERT ON answers
BEGIN
    INSERT INTO latest_answers (question_id, answer_id) VALUES (new.question_id, new.answer_id)
    ON CONFLICT (question_id) DO UPDATE SET answer_id = excluded.answer_id
    WHERE new.answered_at >= (SELECT a.answered_at FROM answers AS a WHERE a.answer_id = latest_answers.answer_id);
END;
CREATE INDEX lab_attempts_by_lab ON lab_attempts (lab_id, started_at);
CREATE INDEX cards_by_due ON cards (due);
CREATE INDEX cards_by_introduction ON cards (introduced_at);
CREATE INDEX reviews_by_card ON reviews (card_id, reviewed_at);
CREATE INDEX reviews_by_clock ON reviews (clock_at);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('answers',5);
INSERT INTO "sqlite_sequence" VALUES('lab_attempts',2);
INSERT INTO "sqlite_sequence" VALUES('reviews',4);
COMMIT;
