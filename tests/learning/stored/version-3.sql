-- A database of version 3, as learners have it. Never edited.
PRAGMA application_id = 1162564428;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE answers (
    answer_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    question_id TEXT NOT NULL,
    rev         INTEGER NOT NULL CHECK (typeof(rev) = 'integer'),
    given       TEXT NOT NULL,
    correct     INTEGER NOT NULL CHECK (correct IN (0, 1)),
    answered_at TEXT NOT NULL
);
INSERT INTO "answers" VALUES(1,'networking.max-pods.t3-medium',1,'18.0',0,'2026-10-03T18:20:00.000000+00:00');
INSERT INTO "answers" VALUES(2,'networking.max-pods.t3-medium',1,'17.0',1,'2026-10-03T18:20:30.000000+00:00');
INSERT INTO "answers" VALUES(3,'networking.max-pods.plus-two',2,'[0]',1,'2026-10-03T18:20:30.000000+00:00');
CREATE TABLE bookmarks (
    lesson_id  TEXT NOT NULL,
    anchor     TEXT NOT NULL,
    title      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (lesson_id, anchor)
);
INSERT INTO "bookmarks" VALUES('networking.vpc-cni','warm-pool','The warm pool × 2','2026-10-03T18:23:07.125000+00:00');
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
CREATE TABLE lessons (
    lesson_id   TEXT PRIMARY KEY,
    opened_at   TEXT NOT NULL,
    finished_at TEXT,
    seconds     INTEGER NOT NULL DEFAULT 0 CHECK (typeof(seconds) = 'integer' AND seconds >= 0)
);
INSERT INTO "lessons" VALUES('start.tools','2026-10-03T18:00:00.000000+00:00',NULL,42);
INSERT INTO "lessons" VALUES('networking.max-pods','2026-10-03T18:05:00.000000+00:00','2026-10-03T18:22:07.125000+00:00',611);
INSERT INTO "lessons" VALUES('networking.vpc-cni','2026-10-03T18:23:07.125000+00:00',NULL,0);
CREATE TABLE places (
    lesson_id TEXT PRIMARY KEY,
    anchor    TEXT NOT NULL,
    fraction  REAL NOT NULL CHECK (fraction BETWEEN 0 AND 1),
    saved_at  TEXT NOT NULL
);
INSERT INTO "places" VALUES('networking.max-pods','the-formula',1.0,'2026-10-03T18:22:07.125000+00:00');
INSERT INTO "places" VALUES('networking.vpc-cni','warm-pool',0.375,'2026-10-03T18:23:07.125000+00:00');
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('answers',3);
INSERT INTO "sqlite_sequence" VALUES('lab_attempts',2);
COMMIT;
