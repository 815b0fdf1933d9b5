//! Isso, Cusdis, Garrul and Ghost: databases, their SQL text, and JSON of their rows.
//!
//! The schemas are those of the programs: `isso/db/comments.py` and `isso/migrate.py` of isso-comments/isso, `prisma/*/schema.prisma` of djyde/cusdis,
//! the fixture and `scripts/dump-isso.ts` of KingPin/Garrul, `ghost/core/core/server/data/schema/schema.js` of TryGhost/Ghost.

use std::fs;

use afterword_interchange::{Format, ReadError};
use rusqlite::Connection;

use crate::support::{check, check_files, check_records, fixture, lines, records};

/// The bytes of a database, and of its log.
fn database(sql: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap_or_default();
    (read("comments.db"), read("comments.db-wal"))
}

#[test]
fn isso_as_sql_text_and_as_a_database() {
    let sql = fixture("isso/comments.sql");
    check_files(
        Format::IssoDatabase,
        &[("comments.sql", &sql)],
        r##"
        thread 3 url=/posts/deep/nested/path/ title=Deep
        thread 1 url=/hello-world title=Hello World
        thread 5 url=/ title=Home
        thread 2 url=/posts/deep/nested/path/?page=2
        thread 4 url=/empty title=Empty
        5 1 @1700000400 name=Carol Example email=carol@example.com Pending Markdown: "Awaiting moderation from Carol."
        1 1 @1700000000 name=Alice Example email=alice@example.com site=https://alice.example.com votes=2 Published Markdown: "This is **bold** text, with a list:\n\n- one\n- two\n\na [link](https://example.com/), a blockquote:\n\n> quoted text\n\nand `inline code`."
        9 1 @1700000800 edited=1700000900 name=Bob Example email=bob@example.org Published Markdown: "Bob edits this comment after posting it."
        3 1 <1 @1700000200 name=Alice Example email=alice@example.com site=https://alice.example.com Published Markdown: "Replying to Alice — still Alice."
        2 1 @1700000100 name=Bob Example email=bob@example.org Published Markdown: "A short reply from Bob."
        7 1 <6 @1700000600 name=Bob Example email=bob@example.org Published Markdown: "Bob follows up on the removed comment."
        12 5 @1700001100 name=Carol Example email=carol@example.com Published Markdown: "A comment on the home page."
        4 1 @1700000300 name=Alice Example email=alice2@example.net Published Markdown: "Alice again, from a different address this time."
        6 1 @1700000500 Deleted Markdown: ""
        11 3 @1700001000 name=Alice Example email=alice@example.com Published Markdown: "Same page without the query string."
        8 1 <6 @1700000700 Published Markdown: "An anonymous reply."
        10 2 @1700000900 name=Bob Example email=bob@example.org Published Markdown: "First comment on the paginated URL."
        lost NetworkAddresses 12
        lost Subscriptions 1
    "##,
    );
    let (bytes, _) = database(&String::from_utf8(sql.clone()).unwrap());
    let mut from_text = lines(&records(Format::IssoDatabase, &[("comments.sql", &sql)], None).unwrap());
    let mut from_database = lines(&records(Format::IssoDatabase, &[("comments.db", &bytes)], None).unwrap());
    // The database has its rows in the order of their ids.
    for text in [&mut from_text, &mut from_database] {
        let mut sorted: Vec<&str> = text.lines().collect();
        sorted.sort_unstable();
        *text = sorted.join("\n");
    }
    assert_eq!(from_text, from_database);
}

const ISSO: &str = "PRAGMA foreign_keys = OFF; PRAGMA user_version = 5;
    CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
    CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL, modified FLOAT, mode INTEGER,
        remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL);
    ALTER TABLE comments ADD COLUMN notification INTEGER DEFAULT 0;";

#[test]
fn isso_with_html_an_unknown_thread_and_a_deleted_author() {
    let (bytes, _) = database(&format!(
        "{ISSO} INSERT INTO threads VALUES (1, '/p?id=1', 'P');
        INSERT INTO comments VALUES (1, 1, NULL, 1500000000.5, NULL, 4, '192.0.2.1', '', NULL, 'gone@blog.example', NULL, 0, 0, x'00', 0),
            (1, 2, 1, 1500000001, 1500000099.9, 1, '', '<p>From <b>Disqus</b></p>', 'Ann', '', 'https://ann.example', 3, 1, x'00ff', 1),
            (77, 3, NULL, 1500000002, NULL, 2, NULL, 'a < b', '', NULL, '', 0, 0, x'', 0);"
    ));
    check_files(
        Format::IssoDatabase,
        &[("comments.db", &bytes)],
        r##"
        thread 1 url=/p?id=1 title=P
        1 1 @1500000000 Deleted Markdown: ""
        2 1 <1 @1500000001 edited=1500000099 name=Ann site=https://ann.example votes=2 Published Html: "<p>From <b>Disqus</b></p>"
        3 77 @1500000002 Pending Markdown: "a < b"
        lost NetworkAddresses 1
        lost Subscriptions 1
    "##,
    );
}

#[test]
fn isso_with_its_log() {
    let (bytes, wal) = database(&format!(
        "{ISSO} PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; INSERT INTO threads VALUES (1, '/w', 'W');
        INSERT INTO comments VALUES (1, 1, NULL, 1500000000, NULL, 1, '', 'in the log', 'Ann', '', '', 0, 0, x'', 0);"
    ));
    let files: [(&str, &[u8]); 2] = [("comments.db-wal", &wal), ("comments.db", &bytes)];
    check_files(
        Format::IssoDatabase,
        &files,
        r##"
        thread 1 url=/w title=W
        1 1 @1500000000 name=Ann Published Markdown: "in the log"
    "##,
    );
    check_records(Format::IssoDatabase, &files[1..], "");
}

#[test]
fn isso_of_an_empty_database_asks_for_the_log() {
    let (bytes, _) = database("PRAGMA user_version = 5; CREATE TABLE x(a); DROP TABLE x;");
    let result = records(Format::IssoDatabase, &[("comments.db", &bytes)], None);
    assert!(matches!(result, Err(ReadError::NoComments { advice, .. }) if advice.contains("comments.db-wal")));
}

#[test]
fn isso_json_with_ids_that_start_anew_in_each_thread() {
    let json = r#"[{"id":"/a/","title":"A%20title%C3%A9","comments":[{"id":0,"author":"Ann","email":"ann@blog.example","website":null,"remote_addr":"127.0.0.1","created":"2018-05-06 07:08:09","text":"zero"},{"id":1,"author":null,"created":"2018-05-06 07:09:09","text":"one"}]},
        {"id":"/b/","title":"B","comments":[{"id":0,"author":"Bob","created":"2018-05-07 00:00:00","text":"other zero"}]},{"comments":[{"id":5,"text":"no post"}],"title":"C"}]"#;
    check(
        Format::IssoJson,
        json,
        r##"
        thread /a/ url=/a/
        thread /a/ url=/a/ title=A titleé
        thread /b/ url=/b/
        thread /b/ url=/b/ title=B
        /a/#0 /a/ @1525590489? name=Ann email=ann@blog.example Published Markdown: "zero"
        /a/#1 /a/ @1525590549? Published Markdown: "one"
        /b/#0 /b/ @1525651200? name=Bob Published Markdown: "other zero"
        problem Record(4) no post
        lost NetworkAddresses 1
    "##,
    );
    let found = lines(&records(Format::IssoJson, &[("isso.json", json.as_bytes())], Some(120)).unwrap());
    assert!(found.contains("@1525583289? "), "{found}");
}

#[test]
fn isso_json_of_the_dumper_with_parents_and_modes() {
    let json = r#"[{"id":"/a/","title":"A","comments":[{"id":1,"parent":null,"mode":4,"author":null,"email":"x@blog.example","created":"2018-05-06 07:08:09","created_epoch":1525590489.5,"modified_epoch":null,"text":""},
        {"id":2,"parent":1,"mode":2,"author":"B","created":"2018-05-06 07:08:19","created_epoch":1525590499,"modified_epoch":1525590599,"text":"b"}]}]"#;
    check(
        Format::IssoJson,
        json,
        r##"
        thread /a/ url=/a/
        thread /a/ url=/a/ title=A
        /a/#1 /a/ @1525590489 Deleted Markdown: ""
        /a/#2 /a/ </a/#1 @1525590499 edited=1525590599 name=B Pending Markdown: "b"
    "##,
    );
}

const CUSDIS: &str = r#"CREATE TABLE "projects" ("id" TEXT NOT NULL PRIMARY KEY, "title" TEXT NOT NULL, "created_at" DATETIME, "ownerId" TEXT NOT NULL, "token" TEXT);
    CREATE TABLE "pages" ("id" TEXT NOT NULL PRIMARY KEY, "slug" TEXT NOT NULL, "url" TEXT, "title" TEXT, "created_at" DATETIME, "updated_at" DATETIME, "projectId" TEXT NOT NULL);
    CREATE TABLE "comments" ("id" TEXT NOT NULL PRIMARY KEY, "pageId" TEXT NOT NULL, "created_at" DATETIME NOT NULL, "updated_at" DATETIME NOT NULL, "deletedAt" DATETIME,
        "moderatorId" TEXT, "by_email" TEXT, "by_nickname" TEXT NOT NULL, "content" TEXT NOT NULL, "approved" BOOLEAN NOT NULL DEFAULT false, "ancestorId" TEXT, "parentId" TEXT);
    CREATE TABLE "users" ("id" TEXT, "email" TEXT);
    INSERT INTO users VALUES ('u', 'secret@blog.example');
    INSERT INTO projects VALUES ('pr', 'My blog', 1600000000000, 'u', 'token-never-read');
    INSERT INTO pages VALUES ('p1', 'a post', 'https://blog.example/a', 'A', 1600000000000, 1600000000000, 'pr'), ('p2', '/slug', NULL, NULL, NULL, NULL, 'other');
    INSERT INTO comments VALUES ('c1', 'p1', 1600000001000, 1600000009000, NULL, NULL, 'ann@blog.example', 'Ann', 'Hi **there**', 1, NULL, NULL),
        ('c2', 'p1', '2020-09-13 12:26:42', '2020-09-13 12:26:42', NULL, 'u', NULL, 'Owner', 'it''s me; -- really', 1, 'c1', 'c1'),
        ('c3', 'p1', 1600000003000, 1600000003000, 1600000004000, NULL, 'bob@blog.example', 'Bob', 'deleted', 1, 'c1', 'c2'),
        ('c4', 'p2', 1600000005000, 1600000005000, NULL, NULL, '', 'Eve', 'waits', 0, NULL, NULL);"#;

#[test]
fn cusdis_as_a_database_and_as_sql_text() {
    let expected = r##"
        thread p1 url=https://blog.example/a hints=a post site=My blog title=A time=1600000000
        thread p2 url=/slug hints=/slug site=other
        c1 p1 @1600000001 name=Ann email=ann@blog.example Published Markdown: "Hi **there**"
        c2 p1 <c1 @1600000002 name=Owner owner Published Markdown: "it's me; -- really"
        c3 p1 <c2 @1600000003 name=Bob Deleted Markdown: "deleted"
        c4 p2 @1600000005 name=Eve Pending Markdown: "waits"
    "##;
    let (bytes, _) = database(CUSDIS);
    check_files(Format::Cusdis, &[("db.sqlite", &bytes)], expected);
    let sql = CUSDIS.replacen("INSERT INTO users", "INSERT INTO comments VALUES ('early', 'p2', 1600000005000, 0, NULL, NULL, '', 'X', 'before its page', 1, NULL, NULL); INSERT INTO users", 1);
    let found = records(Format::Cusdis, &[("dump.sql", sql.as_bytes())], None).unwrap();
    assert_eq!((found.threads.len(), found.comments.len()), (2, 5));
    assert!(!lines(&found).contains("secret") && !lines(&found).contains("token"));
}

#[test]
fn cusdis_as_a_dump_of_postgresql() {
    let sql = "SET client_encoding = 'UTF8';\nCREATE TABLE public.comments (\n    id text NOT NULL,\n    \"pageId\" text NOT NULL,\n    created_at timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,\n    \"deletedAt\" timestamp(3) without time zone,\n    by_email text,\n    by_nickname text NOT NULL,\n    content text NOT NULL,\n    approved boolean DEFAULT false NOT NULL,\n    \"parentId\" text\n);\n\
        COPY public.comments (id, \"pageId\", created_at, \"deletedAt\", by_email, by_nickname, content, approved, \"parentId\") FROM stdin;\n\
        c1\tp1\t2020-09-13 12:26:41.5\t\\N\tann@blog.example\tAnn\tLine one\\nLine 'two'\tt\t\\N\nc2\tp1\t2020-09-13 12:26:42\t\\N\t\\N\tBob\twaits\tf\tc1\n\\.\n\n\
        COPY public.pages (id, slug, url, title, created_at, updated_at, \"projectId\") FROM stdin;\np1\tslug\thttps://blog.example/a\tA\t2020-09-13 12:26:40\t2020-09-13 12:26:40\tpr\n\\.\n";
    check(
        Format::Cusdis,
        sql,
        r##"
        thread p1 url=https://blog.example/a hints=slug site=pr title=A time=1600000000
        c1 p1 @1600000001 name=Ann email=ann@blog.example Published Markdown: "Line one\nLine 'two'"
        c2 p1 <c1 @1600000002 name=Bob Pending Markdown: "waits"
    "##,
    );
}

#[test]
fn cusdis_as_json_of_rows_in_two_files_and_of_the_public_interface() {
    let pages =
        r#"[{"id":"p1","slug":"/a","url":null,"title":"A","createdAt":"2020-09-13T12:26:40.000Z","projectId":"pr"}]"#;
    let comments = r#"[{"id":"c1","pageId":"p1","createdAt":"2020-09-13T12:26:41.000Z","deletedAt":null,"moderatorId":null,"by_email":null,"by_nickname":"Ann","content":"x","approved":true,"parentId":null}]"#;
    check_files(
        Format::Cusdis,
        &[("comments.json", comments.as_bytes()), ("pages.json", pages.as_bytes())],
        r##"
        thread p1 url=/a hints=/a site=pr title=A time=1600000000
        c1 p1 @1600000001 name=Ann Published Markdown: "x"
    "##,
    );
    let public = br#"{"data":{"commentCount":1,"pageSize":10,"pageCount":1,"data":[{"id":"c1","pageId":"p1","by_nickname":"Ann","content":"x","parsedContent":"<p>x</p>","replies":{"data":[]}}]}}"#;
    let result = records(Format::Cusdis, &[("open.json", public)], None);
    assert!(
        matches!(&result, Err(ReadError::NoComments { advice, .. }) if advice.contains("hides e-mail")),
        "{result:?}"
    );
}

const GARRUL: &str = "PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE posts (slug TEXT PRIMARY KEY, title TEXT, url TEXT, created_at INTEGER NOT NULL);
CREATE TABLE comments (id TEXT PRIMARY KEY, post_slug TEXT NOT NULL, parent_id TEXT, user_id TEXT, body_md TEXT NOT NULL, body_html TEXT, status TEXT NOT NULL, edited_at INTEGER, deleted_at INTEGER, created_at INTEGER NOT NULL, ip_hash TEXT, user_agent TEXT);
INSERT INTO \"comments\" VALUES('01A','hello',NULL,'u1','It''s *one*;
two','<p>x</p>','approved',1600000100000,NULL,1600000000000,'ab','curl');
INSERT INTO \"comments\" VALUES('01B','hello','01A','u2','wait','','pending',NULL,NULL,1600000001000,NULL,NULL);
INSERT INTO \"comments\" VALUES('01C','hello','01A','u2','','','deleted',NULL,1600000003000,1600000002000,NULL,NULL);
INSERT INTO \"comments\" VALUES('01D','hello',NULL,'u9','buy','','spam',NULL,NULL,1600000004000,NULL,NULL);
INSERT INTO \"posts\" VALUES('hello','Hello','https://blog.example/hello',1500000000000);
CREATE TABLE users (id TEXT PRIMARY KEY, provider TEXT, name TEXT, email TEXT, is_admin INTEGER DEFAULT 0);
INSERT INTO \"users\" VALUES('u1','github','Owner','owner@blog.example',1);
INSERT INTO \"users\" VALUES('u2','google','Bob',NULL,0);
";

#[test]
fn garrul_as_sql_text_with_users_behind_comments() {
    check(
        Format::Garrul,
        GARRUL,
        r##"
        thread hello url=https://blog.example/hello hints=hello title=Hello time=1500000000
        01A hello @1600000000 edited=1600000100 name=Owner email=owner@blog.example owner Published Markdown: "It's *one*;\ntwo"
        01B hello <01A @1600000001 name=Bob Pending Markdown: "wait"
        01C hello <01A @1600000002 name=Bob Deleted Html: ""
        01D hello @1600000004 Spam Markdown: "buy"
        lost NetworkAddresses 1
        lost UserAgents 1
    "##,
    );
    let (bytes, _) = database(GARRUL);
    let text = records(Format::Garrul, &[("d1.sql", GARRUL.as_bytes())], None).unwrap();
    assert_eq!(lines(&records(Format::Garrul, &[("d1.sqlite", &bytes)], None).unwrap()), lines(&text));
}

#[test]
fn ghost_as_answers_of_the_admin_api() {
    let json = r#"{"comments":[{"id":"c1","post_id":"p1","parent_id":null,"in_reply_to_id":null,"status":"published","html":"<p>One</p>","created_at":"2023-01-02T03:04:05.000Z","edited_at":null,"member":{"id":"m1","name":"Ann","email":"ann@blog.example"},"post":{"id":"p1","title":"Post","slug":"post","url":"https://blog.example/post/"},"count":{"likes":2},
        "replies":[{"id":"c2","parent_id":"c1","in_reply_to_id":null,"status":"hidden","html":"<p>Two</p>","created_at":"2023-01-02T04:04:05.000Z","member":null}]},
        {"id":"c3","post_id":"p1","parent_id":"c1","in_reply_to_id":"c2","status":"deleted","html":"<p>Three</p>","created_at":"2023-01-02 05:04:05","member_id":"m1"}],"meta":{}}"#;
    check(
        Format::Ghost,
        json,
        r##"
        thread p1 url=https://blog.example/post/ hints=post title=Post
        c1 p1 @1672628645 name=Ann email=ann@blog.example votes=2 Published Html: "<p>One</p>"
        c2 p1 <c1 @1672632245 Pending Html: "<p>Two</p>"
        c3 p1 <c2 @1672635845 Deleted Html: "<p>Three</p>"
    "##,
    );
}

#[test]
fn ghost_as_a_dump_of_mysql() {
    let sql = "-- MySQL dump 10.13\nCREATE TABLE `comments` (`id` varchar(24), `post_id` varchar(24), `member_id` varchar(24), `parent_id` varchar(24), `in_reply_to_id` varchar(24), `status` varchar(50), `html` longtext, `edited_at` datetime, `created_at` datetime) ENGINE=InnoDB;\n\
        INSERT INTO `comments` VALUES ('c1','p1','m1',NULL,NULL,'published','<p>It\\'s</p>',NULL,'2023-01-02 03:04:05'),('c2','p2',NULL,'c1',NULL,'published','<p>\\\"q\\\"</p>','2023-01-03 00:00:00','2023-01-02 03:05:05');\n\
        INSERT INTO `members` (`id`, `email`, `name`) VALUES ('m1','ann@blog.example','Ann');\n\
        INSERT INTO `posts` (`id`, `title`, `slug`, `status`, `published_at`) VALUES ('p1','Post','post','published','2023-01-01 00:00:00'),('p2','Draft','draft','draft',NULL);\n";
    check(
        Format::Ghost,
        sql,
        r##"
        thread p1 url=/post/ hints=post title=Post time=1672531200
        thread p2 url=/draft/ hints=draft title=Draft state=Draft
        c1 p1 @1672628645 name=Ann email=ann@blog.example Published Html: "<p>It's</p>"
        c2 p2 <c1 @1672628705 edited=1672704000 Published Html: "<p>\"q\"</p>"
    "##,
    );
}

#[test]
fn ghost_exports_without_comments_are_named() {
    let json = br#"{"db":[{"meta":{"version":"5.0.0"},"data":{"posts":[{"id":"p1","title":"T","slug":"t","status":"published"}],"users":[]}}]}"#;
    let result = records(Format::Ghost, &[("ghost.json", json)], None);
    assert!(matches!(result, Err(ReadError::NoComments { advice, .. }) if advice.contains("leaves them out")));
}
