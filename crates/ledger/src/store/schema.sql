-- The tables of a ledger's database as of the latest schema version. A new database is made by this script. Older ones are migrated by
-- schema.rs; a test there compares the two.
--
-- A new column of `comment` that holds personal data must also be cleared in store/wipe.rs, and exported (export_format of the crate model).
--
-- Ids ascend and none is given twice, without AUTOINCREMENT and the extra row that it updates on every insert: an id is one more
-- than the largest one, and the row with the largest id is never deleted. Rows of `comment` are not deleted at all (an erased comment
-- is a scrubbed row). Merging two threads deletes one row of `thread`, the one with the smaller id.
--
-- An index costs one written row for each row that enters it, and the free plan of Cloudflare counts written rows. Hence indexes are
-- partial where most rows need no entry (a pending comment is on no page, only one comment of an author is their first approved one,
-- and most comments are never voted for), and the outbox is a table of its own instead of an index on `thread`.
--
-- Times are Unix times in seconds. Columns named after a table hold ids of that table.

-- Pages of comments: one thread for each post.
CREATE TABLE thread (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,                          -- present address of the post
    title TEXT NOT NULL,                        -- title that everybody reads
    title_locked INTEGER NOT NULL DEFAULT 0,    -- 1 if a moderator set the title
    version INTEGER NOT NULL,                   -- rises with every change that readers see
    count INTEGER NOT NULL,                     -- comments that readers see
    closed INTEGER NOT NULL DEFAULT 0,          -- 1 if nobody may post
    pages INTEGER NOT NULL,                     -- number of pages, at least 1
    parts TEXT NOT NULL DEFAULT '',             -- continuation pages, as root:first-last: 1:4-5,2:6-6
    top INTEGER NOT NULL DEFAULT 0,             -- 1 once the top comments are published as a value of their own
    changes INTEGER NOT NULL DEFAULT 0,         -- comments with a page, votes on them, and reactions; each raised the version by one
    runs TEXT NOT NULL DEFAULT '',              -- pages of the newest comments, as newest;first:page: 12;1:1,9:2,12:1
    blocks TEXT NOT NULL DEFAULT '',            -- blocks with the pages of older ones, as first:page that has the block: 1:3,40:7
    reactions TEXT NOT NULL DEFAULT ''          -- numbers of reactions to the post, as number:reaction: 3:👍,1:🎉
) STRICT;
CREATE UNIQUE INDEX thread_url ON thread (url);

CREATE TABLE comment (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread (id),
    parent INTEGER REFERENCES comment (id),     -- comment that this one replies to
    page INTEGER,                               -- set when the comment is first published; a page may end within a subtree of replies
    status INTEGER NOT NULL,                    -- 0 pending, 1 published, 2 spam; a deleted comment keeps the one it had
    version INTEGER,                            -- version of the thread that first showed the comment; NULL while it waits
    uuid TEXT NOT NULL,                         -- UUID of the submission
    fingerprint TEXT NOT NULL,                  -- keyed hash of the submitted content, by which a repeat is recognized; empty if erased
    author TEXT,                                -- keyed hash of the author key
    mark TEXT,                                  -- public mark of the author
    first_approved INTEGER NOT NULL DEFAULT 0,  -- 1 on the comment for which its author is trusted: their first published one
    keep_tombstone INTEGER NOT NULL DEFAULT 0,  -- 1 if it was removed but has replies on another page, so that its tombstone stays
    owner INTEGER NOT NULL DEFAULT 0,           -- 1 if its author owns the site
    network TEXT,                               -- id of its network, and after a space that of the block; deleted after a day or two
    proof TEXT,                                 -- nonce of the proof of work spent on it; empty if it had none although one is expected
    duplicate_key TEXT,                         -- equal for texts that say the same
    signals TEXT NOT NULL DEFAULT '',           -- reasons why it is suspicious, one on each line
    created INTEGER NOT NULL,                   -- time of submission
    name TEXT NOT NULL,                         -- name of the author; may be empty
    email TEXT,                                 -- e-mail address of the author
    website TEXT,                               -- website of the author
    title TEXT NOT NULL DEFAULT '',             -- title of the post as submitted with the comment
    source TEXT NOT NULL,                       -- text as it was typed
    html TEXT NOT NULL,                         -- text as it was rendered
    renderer INTEGER NOT NULL,                  -- version of the renderer
    votes INTEGER NOT NULL DEFAULT 0,           -- votes for it minus votes against it
    pinned INTEGER NOT NULL DEFAULT 0,          -- 1 if it is pinned
    edited INTEGER,                             -- time of the last edit that readers are told of
    erased INTEGER,                             -- time at which it was erased or deleted, whoever did so
    replies_from INTEGER,                       -- first of the other pages that have replies to it
    replies_to INTEGER,                         -- last of them
    edits TEXT NOT NULL DEFAULT '',             -- its author's latest edits, one on each line: UUID and keyed hash of the text
    reported INTEGER NOT NULL DEFAULT 0,        -- 1 if there are open reports; no number, because the row must keep its size
    revision INTEGER NOT NULL DEFAULT 1,        -- rises with every change of the text or the state
    removed INTEGER NOT NULL DEFAULT 0,         -- 1 if a moderator deleted it; they can restore it until its text is wiped
    answered INTEGER NOT NULL DEFAULT 0,        -- 1 if readers see a reply of the owner to it
    edited_by_moderator INTEGER NOT NULL DEFAULT 0, -- 1 if a moderator made the last edit that readers are told of
    reports_muted INTEGER NOT NULL DEFAULT 0,   -- 1 if a moderator has kept it, so that nobody can report it until its text changes
    dated INTEGER                               -- time that a moderator gave for a comment posted on somebody's behalf
) STRICT;
CREATE UNIQUE INDEX comment_uuid ON comment (uuid);
CREATE INDEX comment_pending ON comment (id) WHERE status = 0 AND erased IS NULL;
CREATE INDEX comment_erased ON comment (id) WHERE erased IS NOT NULL;
CREATE INDEX comment_unwiped ON comment (erased) WHERE erased IS NOT NULL AND source <> '' AND removed = 0;
CREATE INDEX comment_removed ON comment (erased) WHERE removed = 1 AND source <> '';
CREATE INDEX comment_deleted ON comment (id) WHERE removed = 1 AND source <> '';
CREATE INDEX comment_spam ON comment (id) WHERE status = 2 AND erased IS NULL;
CREATE INDEX comment_pinned ON comment (thread) WHERE pinned = 1;
CREATE INDEX comment_mark ON comment (mark) WHERE mark IS NOT NULL;
CREATE INDEX comment_page ON comment (thread, page) WHERE page IS NOT NULL;
CREATE UNIQUE INDEX comment_first_approved ON comment (author) WHERE first_approved = 1;
CREATE INDEX comment_top ON comment (thread, votes DESC)
    WHERE votes > 0 AND parent IS NULL AND status = 1 AND erased IS NULL;

CREATE INDEX comment_reported ON comment (id) WHERE reported = 1 AND erased IS NULL;

CREATE TABLE vote (
    comment INTEGER NOT NULL REFERENCES comment (id),
    author TEXT NOT NULL,                       -- keyed hash of the author key
    vote INTEGER NOT NULL,                      -- 1 for the comment, -1 against it
    PRIMARY KEY (comment, author)
) STRICT, WITHOUT ROWID;

-- Reactions of readers to posts.
CREATE TABLE reaction (
    thread INTEGER NOT NULL REFERENCES thread (id),
    author TEXT NOT NULL,                       -- keyed hash of the author key
    reaction TEXT NOT NULL,                     -- an emoji
    PRIMARY KEY (thread, author)
) STRICT, WITHOUT ROWID;

-- Readers' reports of comments.
CREATE TABLE report (
    uuid TEXT NOT NULL PRIMARY KEY,
    comment INTEGER NOT NULL REFERENCES comment (id),
    author TEXT,                                -- keyed hash of the reader's author key
    network TEXT,                               -- id of the reader's network; deleted after a day or two
    reason TEXT NOT NULL,                       -- spam, abuse, off_topic, private_data or other
    text TEXT,                                  -- text of the reader
    at INTEGER NOT NULL,                        -- time of the report
    revision INTEGER NOT NULL DEFAULT 1,        -- revision of the comment that was reported
    closed INTEGER NOT NULL DEFAULT 0           -- 1 once a moderator has kept the comment
) STRICT, WITHOUT ROWID;
CREATE INDEX report_comment ON report (comment);
CREATE INDEX report_network ON report (at) WHERE network IS NOT NULL;

-- Former texts of comments: those that a moderator replaced, and those that were reported.
CREATE TABLE comment_text (
    id INTEGER PRIMARY KEY,
    comment INTEGER NOT NULL REFERENCES comment (id),
    revision INTEGER NOT NULL,                  -- last revision of the comment that had this text
    source TEXT NOT NULL,                       -- text as it was typed
    html TEXT NOT NULL,                         -- text as it was rendered
    renderer INTEGER NOT NULL,                  -- version of the renderer
    edited INTEGER,                             -- comment.edited until then
    edited_by_moderator INTEGER NOT NULL DEFAULT 0, -- comment.edited_by_moderator until then
    until INTEGER NOT NULL                      -- time at which it was replaced
) STRICT;
CREATE UNIQUE INDEX comment_text_revision ON comment_text (comment, revision);

-- Authors whom a moderator has declared to be trusted: under the policy `all` their comments are published at once as well. The audit log says
-- who did so and when.
CREATE TABLE trusted_author (
    author TEXT NOT NULL PRIMARY KEY            -- keyed hash of the author key
) STRICT, WITHOUT ROWID;

-- The words of comments, by the id of the comment, for the search of moderators; see store/search_index.rs. It holds hashes of words and no
-- texts, and is filled after the comments, some hundred at a time.
CREATE VIRTUAL TABLE search USING fts5 (words, content = '', columnsize = 0, detail = 'none', tokenize = 'ascii');

-- Numbers of interactions of a day with the whole site, by their kind. They are stored after every few interactions.
CREATE TABLE interaction_usage (
    kind TEXT NOT NULL PRIMARY KEY,
    day INTEGER NOT NULL,                       -- number of the day since 1970
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Threads that changed after they were published.
CREATE TABLE outbox (
    thread INTEGER PRIMARY KEY REFERENCES thread (id),
    pages TEXT NOT NULL,                        -- pages to publish at once, as page:version of their last change: 2:7,5:9
    deferred_pages TEXT NOT NULL DEFAULT '',    -- pages that may wait, in the same form
    deferred_top INTEGER NOT NULL DEFAULT 0,    -- version in which the top comments changed, which may wait; 0 if they did not
    deferred_until INTEGER,                     -- time at which the deferred values are published, unless another change comes first
    urgent INTEGER NOT NULL DEFAULT 0           -- version in which something was removed that is still published, or 0
) STRICT;
CREATE INDEX outbox_urgent ON outbox (thread) WHERE urgent > 0;

-- Former addresses of threads.
CREATE TABLE redirect (
    url TEXT NOT NULL,                          -- the former address
    thread INTEGER NOT NULL REFERENCES thread (id),
    pages INTEGER NOT NULL DEFAULT 1,           -- last page that may still be published there
    due INTEGER NOT NULL DEFAULT 1              -- 1 until the redirect is published, then the time to delete the other pages, then 0
) STRICT;
CREATE UNIQUE INDEX redirect_url ON redirect (url);
CREATE INDEX redirect_thread ON redirect (thread);
CREATE INDEX redirect_due ON redirect (due) WHERE due > 0;

-- Threads at whose addresses more pages may be published than they have.
CREATE TABLE stale_pages (
    thread INTEGER PRIMARY KEY REFERENCES thread (id),
    last INTEGER NOT NULL,                      -- last page that may be published there
    due INTEGER NOT NULL                        -- 0 until a first page that does not count them is published, then the time to delete them
) STRICT;
CREATE INDEX stale_pages_due ON stale_pages (due);

-- Pages of older comments of a thread, by the page with which each block is published.
CREATE TABLE index_block (
    thread INTEGER NOT NULL REFERENCES thread (id),
    page INTEGER NOT NULL,
    runs TEXT NOT NULL,                         -- as first:page: 1:1,9:2
    PRIMARY KEY (thread, page)
) STRICT, WITHOUT ROWID;

-- The comments of the site that became visible last. They are published as a value of their own. One row, once there was a comment.
CREATE TABLE latest (
    id INTEGER PRIMARY KEY,                     -- always 1
    comments TEXT NOT NULL,                     -- as comment:time at which it became visible, newest first: 12:1321000000,9:1320000000
    newest INTEGER NOT NULL,                    -- the largest comment when they were published; visible ones after it belong to them too
    version INTEGER NOT NULL,                   -- rises with every change
    due INTEGER                                 -- time to publish them, 0 if something was removed; NULL once they are published
) STRICT;

-- Settings of the site.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Actions of moderators, in the order of their ids.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,                         -- UUID of the action
    at INTEGER NOT NULL,                        -- time of the action
    moderator TEXT NOT NULL,                    -- name of the moderator
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    fingerprint TEXT,                           -- hash of the content of the action that the log does not record; keyed if it could be guessed
    batch TEXT,                                 -- UUID of the batch to which the action belongs
    comment INTEGER,                            -- the comment that it changed
    reason TEXT,                                -- the moderator's reason, a word
    before TEXT,                                -- what it may change of the comment, as JSON without texts; for a ban what its undo restores
    after TEXT,                                 -- the same after the action
    undoes INTEGER,                             -- the action that this one undid
    undone INTEGER NOT NULL DEFAULT 0           -- 1 while it is undone
) STRICT;
CREATE UNIQUE INDEX audit_log_uuid ON audit_log (uuid);
CREATE INDEX audit_log_batch ON audit_log (batch) WHERE batch IS NOT NULL;
CREATE INDEX audit_log_comment ON audit_log (comment) WHERE comment IS NOT NULL;
CREATE INDEX audit_log_erased ON audit_log (target) WHERE action = 'erase';

CREATE TABLE ban (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,                         -- UUID of the action that made it
    kind TEXT NOT NULL,                         -- author, network, name or email
    pattern TEXT NOT NULL,                      -- hash, network id, name, e-mail address or pattern
    until INTEGER,                              -- time at which it ends; NULL if a moderator has to lift it
    at INTEGER NOT NULL,                        -- time at which it was made
    moderator TEXT NOT NULL,                    -- name of the moderator
    literal INTEGER NOT NULL DEFAULT 0,         -- 1 if the pattern is a name or an e-mail address as it is, without wildcards
    reason TEXT NOT NULL DEFAULT ''             -- the moderator's reason; may be empty
) STRICT;
CREATE UNIQUE INDEX ban_uuid ON ban (uuid);

-- Progress of maintenance jobs.
CREATE TABLE maintenance_cursor (
    name TEXT NOT NULL PRIMARY KEY,             -- the job
    position INTEGER NOT NULL                   -- id of the last row that the job has finished
) STRICT, WITHOUT ROWID;
