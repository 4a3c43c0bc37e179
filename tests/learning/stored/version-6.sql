-- A database of version 6, as learners have it. Never edited.
PRAGMA application_id = 1162564428;
PRAGMA user_version = 6;
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
CREATE TABLE exam_clocks (
    sitting_id INTEGER PRIMARY KEY,
    seen_at    TEXT NOT NULL,
    elapsed_us INTEGER NOT NULL CHECK (elapsed_us >= 0),
    paused_us  INTEGER NOT NULL CHECK (paused_us >= 0),
    is_paused  INTEGER NOT NULL CHECK (is_paused IN (0, 1))
);
INSERT INTO "exam_clocks" VALUES(1,'2026-12-05T10:03:00.000000+00:00',180000000,0,0);
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
INSERT INTO "exam_events" VALUES(1,1,'started',NULL,'2026-12-05T10:00:00.000000+00:00',0,'');
INSERT INTO "exam_events" VALUES(2,1,'shown',2,'2026-12-05T10:00:00.000000+00:00',0,'');
INSERT INTO "exam_events" VALUES(3,1,'answered',2,'2026-12-05T10:02:00.000000+00:00',120000000,'[0]');
INSERT INTO "exam_events" VALUES(4,1,'flagged',1,'2026-12-05T10:02:00.000000+00:00',120000000,'');
INSERT INTO "exam_events" VALUES(5,1,'answered',1,'2026-12-05T10:03:00.000000+00:00',180000000,'[0]');
CREATE TABLE exam_results (
    sitting_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    score      REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    headline   TEXT NOT NULL,
    detail     TEXT NOT NULL,
    judged_at  TEXT NOT NULL,
    PRIMARY KEY (sitting_id, number)
);
CREATE TABLE exam_sittings (
    sitting_id INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id   TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    allowed_us INTEGER NOT NULL CHECK (allowed_us > 0),
    started_at TEXT NOT NULL,
    track      TEXT NOT NULL,
    plan       TEXT NOT NULL
);
INSERT INTO "exam_sittings" VALUES(1,'sample',3,3600000000,'2026-12-05T10:00:00.000000+00:00','{"id": "sample", "title": "Sample exam", "issuer": "Somebody", "version": "1", "effective": null, "retired": null, "form": "mixed", "minutes": 60, "questions": "", "pass_line": {"value": 66.0, "scale": "percent", "lowest": 0.0, "highest": 100.0}, "about": "A sample.", "practice": {"questions": 10, "labs": 0, "kinds": ["choice", "multi", "number", "command", "lab"], "instead": ["diagram"]}, "domains": [{"id": "d0", "title": "Domain 0", "weight": 20.0, "skills": ["s0"], "chapters": [], "not_covered": []}, {"id": "d1", "title": "Domain 1", "weight": 30.0, "skills": ["s1"], "chapters": [], "not_covered": []}, {"id": "d2", "title": "Domain 2", "weight": 50.0, "skills": ["s2"], "chapters": [], "not_covered": []}], "sources": [{"title": "Outline", "url": "https://example.org/outline", "checked": "2026-11-23", "says": ["weights", "pass line"], "first_hand": true}]}','{"shares": [{"domain": "d0", "title": "Domain 0", "weight": 20, "wanted": 1, "got": 1, "points": 20.0, "instead": 0, "note": ""}, {"domain": "d1", "title": "Domain 1", "weight": 30, "wanted": 1, "got": 1, "points": 30.0, "instead": 0, "note": ""}, {"domain": "d2", "title": "Domain 2", "weight": 50, "wanted": 1, "got": 1, "points": 50.0, "instead": 0, "note": ""}], "notes": []}');
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
INSERT INTO "exam_tasks" VALUES(1,1,'b.x',1,'multi','d1',30.0,1977271631,'{"item": {"id": "b.x", "prompt": "Which?", "source": "Outline", "skills": [], "difficulty": 2, "rev": 1, "explain": "", "kind": "multi", "options": [{"text": "a", "explain": "Right.", "correct": true}, {"text": "b", "explain": "Right.", "correct": true}, {"text": "c", "explain": "Wrong.", "correct": false}]}, "variant": {"prompt": "Which?", "unit": "", "values": {}, "answer": null, "tolerance": 0.0, "working": [], "explain": ""}}');
INSERT INTO "exam_tasks" VALUES(1,2,'a.x',1,'choice','d0',20.0,315766216,'{"item": {"id": "a.x", "prompt": "What is a.x?", "source": "Outline", "skills": [], "difficulty": 2, "rev": 1, "explain": "", "kind": "choice", "options": [{"text": "right", "explain": "It is right.", "correct": true}, {"text": "wrong", "explain": "It is wrong.", "correct": false}, {"text": "other", "explain": "It is wrong, too.", "correct": false}]}, "variant": {"prompt": "What is a.x?", "unit": "", "values": {}, "answer": null, "tolerance": 0.0, "working": [], "explain": ""}}');
INSERT INTO "exam_tasks" VALUES(1,3,'c.x',1,'number','d2',50.0,1563994996,'{"item": {"id": "c.x", "prompt": "Twice {{ n }}?", "source": "Outline", "skills": [], "difficulty": 2, "rev": 1, "explain": "", "kind": "number", "vars": {"n": {"choose": null, "range": [1, 1000], "calc": null, "value": null}}, "computed_by": null, "answer": "n * 2", "tolerance": 0.0, "unit": ""}, "variant": {"prompt": "Twice 864?", "unit": "", "values": {"n": 864, "answer": 1728}, "answer": 1728.0, "tolerance": 0.0, "working": [], "explain": ""}}');
CREATE TABLE interview_overrules (
    overrule_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    interview_id INTEGER NOT NULL REFERENCES interviews (interview_id),
    question     INTEGER NOT NULL,
    follow_up    INTEGER,
    point        TEXT NOT NULL,
    found        INTEGER NOT NULL CHECK (found IN (0, 1)),
    overruled_at TEXT NOT NULL
);
INSERT INTO "interview_overrules" VALUES(1,1,0,NULL,'alpha',1,'2026-12-06T08:03:04.500000+00:00');
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
INSERT INTO "interview_turns" VALUES(1,0,'interviewer',0,NULL,'Good day. We have 30 minutes and 2 questions. Take a moment before you answer.

What about one?','2026-12-06T08:00:00.000000+00:00',0.0,'{}');
INSERT INTO "interview_turns" VALUES(1,1,'candidate',0,NULL,'I would take beta because it holds.','2026-12-06T08:01:01.500000+00:00',61.5,'{"alpha": [false, "", ""], "beta": [true, "I would take beta because it holds.", ""]}');
INSERT INTO "interview_turns" VALUES(1,2,'interviewer',0,0,'Let me ask further.

And missing: alpha?','2026-12-06T08:01:01.500000+00:00',0.0,'{}');
INSERT INTO "interview_turns" VALUES(1,3,'candidate',0,0,'I would say further things – größer.','2026-12-06T08:02:03.000000+00:00',61.5,'{"further": [true, "I would say further things – größer.", ""]}');
INSERT INTO "interview_turns" VALUES(1,4,'interviewer',1,NULL,'I see.

What about two?','2026-12-06T08:02:03.000000+00:00',0.0,'{}');
INSERT INTO "interview_turns" VALUES(1,5,'candidate',1,NULL,'','2026-12-06T08:03:04.500000+00:00',61.5,'{"alpha": [false, "", ""], "beta": [false, "", ""]}');
INSERT INTO "interview_turns" VALUES(2,0,'interviewer',0,NULL,'Good day. We have 30 minutes and 1 questions. Take a moment before you answer.

What about three?','2026-12-07T08:03:04.500000+00:00',0.0,'{}');
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
INSERT INTO "interviews" VALUES(1,'mid','["networking"]',7,30.0,'[{"item_id":"networking.lesson.one","rev":1,"lesson":"networking.lesson","prompt":"What about one?","points":[{"id":"alpha","text":"It says alpha.","says":[["alpha"]],"denied":[],"weight":1.0,"essential":true},{"id":"beta","text":"It says beta.","says":[["beta"]],"denied":[],"weight":1.0,"essential":false}],"model":"I would take alpha and then beta.","level":"mid","competence":"design","topic":"networking","difficulty":2,"minutes":3.0,"is_about_sandbox":false,"follow_ups":[{"prompt":"And missing: alpha?","when":"missing: alpha","points":[{"id":"further","text":"It says further.","says":[["further"]],"denied":[],"weight":1.0,"essential":false}],"model":"I would say further."}]},{"item_id":"networking.lesson.two","rev":1,"lesson":"networking.lesson","prompt":"What about two?","points":[{"id":"alpha","text":"It says alpha.","says":[["alpha"]],"denied":[],"weight":1.0,"essential":true},{"id":"beta","text":"It says beta.","says":[["beta"]],"denied":[],"weight":1.0,"essential":false}],"model":"I would take alpha and then beta.","level":"mid","competence":"design","topic":"networking","difficulty":2,"minutes":3.0,"is_about_sandbox":false,"follow_ups":[]}]','2026-12-06T08:00:00.000000+00:00','2026-12-06T08:03:04.500000+00:00','finished');
INSERT INTO "interviews" VALUES(2,'senior','[]',8,30.0,'[{"item_id":"networking.lesson.three","rev":1,"lesson":"networking.lesson","prompt":"What about three?","points":[{"id":"alpha","text":"It says alpha.","says":[["alpha"]],"denied":[],"weight":1.0,"essential":true},{"id":"beta","text":"It says beta.","says":[["beta"]],"denied":[],"weight":1.0,"essential":false}],"model":"I would take alpha and then beta.","level":"mid","competence":"design","topic":"networking","difficulty":2,"minutes":3.0,"is_about_sandbox":false,"follow_ups":[]}]','2026-12-07T08:03:04.500000+00:00',NULL,NULL);
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
CREATE TABLE running_exam (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    sitting_id INTEGER NOT NULL
);
INSERT INTO "running_exam" VALUES(1,1);
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
CREATE INDEX exam_tasks_by_item ON exam_tasks (item_id, sitting_id);
CREATE INDEX exam_events_by_sitting ON exam_events (sitting_id, event_id);
CREATE UNIQUE INDEX exam_ended_once ON exam_events (sitting_id) WHERE kind = 'ended';
CREATE INDEX interviews_by_time ON interviews (started_at);
CREATE TRIGGER interview_turns_stay BEFORE UPDATE ON interview_turns
BEGIN
    SELECT RAISE(ABORT, 'what was said in an interview is not changed');
END;
CREATE INDEX interview_overrules_by_interview ON interview_overrules (interview_id, overrule_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('interviews',2);
INSERT INTO "sqlite_sequence" VALUES('interview_overrules',1);
INSERT INTO "sqlite_sequence" VALUES('answers',5);
INSERT INTO "sqlite_sequence" VALUES('lab_attempts',2);
INSERT INTO "sqlite_sequence" VALUES('reviews',4);
INSERT INTO "sqlite_sequence" VALUES('exam_sittings',1);
INSERT INTO "sqlite_sequence" VALUES('exam_events',5);
COMMIT;
