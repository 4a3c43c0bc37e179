-- What a learner left in the fields of a calculator or a generator: one row for each field that
-- differs from a fresh form. All rows of one form have the same time, since they belong together.
CREATE TABLE drafts (
    form     TEXT NOT NULL CHECK (form IN ('calculator', 'generator')),
    name     TEXT NOT NULL,
    input    TEXT NOT NULL,
    text     TEXT NOT NULL CHECK (typeof(text) = 'text'),
    saved_at TEXT NOT NULL,
    PRIMARY KEY (form, name, input)
);

-- Where the files of a generator were saved last. Paths belong to this machine: they are not exported.
CREATE TABLE saved_files (
    generator TEXT NOT NULL,
    file      TEXT NOT NULL,
    path      TEXT NOT NULL CHECK (typeof(path) = 'text'),
    saved_at  TEXT NOT NULL,
    PRIMARY KEY (generator, file)
);
