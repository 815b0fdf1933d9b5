-- A database of schema version 1, as it was left. Never changed: databases in use look like this.
CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
INSERT INTO schema_version VALUES (1);
CREATE TABLE thread (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    named INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    count INTEGER NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,
    pages INTEGER NOT NULL,
    parts TEXT NOT NULL DEFAULT '',
    top INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX thread_url ON thread (url);
CREATE TABLE comment (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread (id),
    parent INTEGER REFERENCES comment (id),
    page INTEGER,
    status INTEGER NOT NULL,
    version INTEGER,
    uuid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    author TEXT,
    mark TEXT,
    introduces INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,
    owner INTEGER NOT NULL DEFAULT 0,
    network TEXT,
    proof TEXT,
    likeness TEXT,
    signals TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    website TEXT,
    title TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL,
    html TEXT NOT NULL,
    renderer INTEGER NOT NULL,
    votes INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0,
    edited INTEGER,
    erased INTEGER
) STRICT;
CREATE UNIQUE INDEX comment_uuid ON comment (uuid);
CREATE INDEX comment_waits ON comment (id) WHERE status = 0 AND erased IS NULL;
CREATE INDEX comment_erased ON comment (id) WHERE erased IS NOT NULL;
CREATE INDEX comment_page ON comment (thread, page) WHERE page IS NOT NULL;
CREATE UNIQUE INDEX comment_introduces ON comment (author) WHERE introduces = 1;
CREATE INDEX comment_top ON comment (thread, votes DESC) WHERE votes > 0 AND parent IS NULL AND status = 1 AND erased IS NULL;
CREATE TABLE vote (
    comment INTEGER NOT NULL REFERENCES comment (id),
    author TEXT NOT NULL,
    vote INTEGER NOT NULL,
    PRIMARY KEY (comment, author)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    thread INTEGER PRIMARY KEY REFERENCES thread (id),
    pages TEXT NOT NULL,
    later_pages TEXT NOT NULL DEFAULT '',
    later_top INTEGER NOT NULL DEFAULT 0,
    later INTEGER,
    urgent INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_urgent ON outbox (thread) WHERE urgent > 0;
CREATE TABLE moved (
    url TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES thread (id),
    pages INTEGER NOT NULL DEFAULT 1,
    due INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX moved_url ON moved (url);
CREATE INDEX moved_thread ON moved (thread);
CREATE INDEX moved_due ON moved (due) WHERE due > 0;
CREATE TABLE leftover (
    thread INTEGER PRIMARY KEY REFERENCES thread (id),
    last INTEGER NOT NULL,
    due INTEGER NOT NULL
) STRICT;
CREATE INDEX leftover_due ON leftover (due);
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    at INTEGER NOT NULL,
    moderator TEXT NOT NULL,
    act TEXT NOT NULL,
    about TEXT NOT NULL,
    fingerprint TEXT
) STRICT;
CREATE UNIQUE INDEX audit_uuid ON audit (uuid);
CREATE TABLE ban (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    pattern TEXT NOT NULL,
    until INTEGER,
    at INTEGER NOT NULL,
    moderator TEXT NOT NULL
) STRICT;
CREATE TABLE chore (
    name TEXT NOT NULL PRIMARY KEY,
    done INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO thread (id, url, title, version, count, closed, pages, parts, top) VALUES
    (1, 'https://blog.example/a', 'Spring', 4, 3, 0, 3, '1:3-3', 1),
    (2, 'https://blog.example/closed', 'Winter', 1, 1, 1, 1, '', 0);
INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, author, mark, introduces, owner,
    name, email, website, source, html, renderer, votes, pinned, created, edited, erased) VALUES
    (1, 1, NULL, 1, 1, 1, '00000000-0000-8000-8000-000000000001', '01', NULL, NULL, 0, 0,
        '', NULL, NULL, '', '', 1, 0, 0, 1321000000, NULL, 1321000200),
    (2, 1, 1, 1, 1, 2, '00000000-0000-8000-8000-000000000002', '02', 'hash of k3f9', 'k3f9', 1, 1,
        'Ada', 'ada@ada.example', 'https://ada.example/', 'Text 2', '<p>Text 2</p>', 1, 2, 1, 1321000000, 1321000100, NULL),
    (3, 1, NULL, 2, 1, 3, '00000000-0000-8000-8000-000000000003', '03', 'hash of k3f9', 'k3f9', 0, 0,
        'Ada', NULL, NULL, 'Text 3', '<p>Text 3</p>', 1, 0, 0, 1321000000, NULL, NULL),
    (4, 1, 2, NULL, 0, NULL, '00000000-0000-8000-8000-000000000004', '04', NULL, NULL, 0, 0,
        '', NULL, NULL, 'Waits', '<p>Waits</p>', 1, 0, 0, 1321000000, NULL, NULL),
    (6, 1, 1, 3, 1, 4, '00000000-0000-8000-8000-000000000006', '06', NULL, NULL, 0, 0,
        'Cy', NULL, NULL, 'Text 6', '<p>Text 6</p>', 1, 0, 0, 1321000000, NULL, NULL),
    (5, 2, NULL, 1, 1, 1, '00000000-0000-8000-8000-000000000005', '05', NULL, NULL, 0, 0,
        'Bob', NULL, NULL, 'Text 5', '<p>Text 5</p>', 1, 0, 0, 1321000000, NULL, NULL);
UPDATE comment SET kept = 1 WHERE id = 1;
UPDATE comment SET title = 'Spring' WHERE id IN (2, 3);
UPDATE thread SET named = 1 WHERE id = 2;
UPDATE comment SET network = 'seal', proof = 'nonce', likeness = 'like', signals = 'no_proof
muted_word:pills' WHERE id = 4;
INSERT INTO vote (comment, author, vote) VALUES (2, 'hash of bob', 1), (2, 'hash of cy', 1);
INSERT INTO outbox (thread, pages, later_pages, later_top, later) VALUES (1, '1:4,3:4', '2:3', 3, 1321000060);
INSERT INTO setting (name, value) VALUES ('moderation', 'open');
INSERT INTO audit (id, uuid, at, moderator, act, about) VALUES
    (1, '00000000-0000-8000-8000-0000000000f1', 1321000000, 'grace', 'close', 'https://blog.example/closed'),
    (2, '00000000-0000-8000-8000-0000000000f2', 1321000100, 'grace', 'erase', '00000000-0000-8000-8000-000000000001');
INSERT INTO ban (id, uuid, kind, pattern, until, at, moderator) VALUES
    (1, '00000000-0000-8000-8000-0000000000f3', 'email', '*@spam.example', NULL, 1321000100, 'grace');
INSERT INTO chore (name, done) VALUES ('networks', 3);
