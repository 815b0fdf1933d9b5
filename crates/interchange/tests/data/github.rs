//! giscus and utterances. Where no file is named, the shape comes from the documentation of GitHub's GraphQL and REST interfaces, and from the query
//! that giscus sends (`lib/getDiscussion` of giscus/giscus).

use afterword_interchange::Format;

use crate::support::{check, check_files, fixture};

#[test]
fn webhooks() {
    check_files(
        Format::Giscus,
        &[("d.json", &fixture("github/discussion_comment.created.json"))],
        r##"
        thread Codertocat/Hello-World#4 hints=TEST edit site=Codertocat/Hello-World title=TEST edit time=1617134992
        550062 Codertocat/Hello-World#4 @1617135690 name=Codertocat site=https://github.com/Codertocat owner Published Markdown: "ANSWER"
        lost Avatars 1
    "##,
    );
    check_files(
        Format::Utterances,
        &[("i.json", &fixture("github/issue_comment.created.json"))],
        r##"
        thread Codertocat/Hello-World#1 hints=Spelling error in the README file site=Codertocat/Hello-World title=Spelling error in the README file time=1557933618
        492700400 Codertocat/Hello-World#1 @1557933621 name=Codertocat site=https://github.com/Codertocat owner Published Markdown: "You are totally right! I'll get this fixed right away."
        lost Avatars 1
    "##,
    );
}

#[test]
fn discussions_of_graphql() {
    let answer = r##"{"data":{"repository":{"discussions":{"pageInfo":{"hasNextPage":false},"nodes":[{"id":"D_1","number":5,"title":"2021/post","body":"# My post\n\nAbout it\n\nhttps://blog.example/2021/post.html\n\n<!-- sha1: 00 -->","url":"https://github.com/o/r/discussions/5","locked":true,"createdAt":"2021-01-01T00:00:00Z",
        "comments":{"totalCount":3,"nodes":[
        {"id":"DC_1","author":{"login":"ann","avatarUrl":"https://a.example/x","url":"https://github.com/ann"},"createdAt":"2021-01-02T00:00:00Z","lastEditedAt":"2021-01-02T01:00:00Z","deletedAt":null,"isMinimized":false,"authorAssociation":"OWNER","body":"First","bodyHTML":"<p>First</p>","upvoteCount":2,"reactionGroups":[{"content":"HEART","users":{"totalCount":3}}],
         "replies":{"totalCount":1,"nodes":[{"id":"DC_2","author":null,"createdAt":"2021-01-03T00:00:00Z","isMinimized":true,"minimizedReason":"SPAM","authorAssociation":"NONE","body":"Reply","replyTo":{"id":"DC_1"}}]}},
        {"id":"DC_3","author":{"login":"ghost","url":"https://github.com/ghost"},"createdAt":"2021-01-04T00:00:00Z","deletedAt":"2021-01-05T00:00:00Z","body":"","replies":{"totalCount":0,"nodes":[]}},
        {"id":"DC_4","author":{"login":"bob","url":"https://github.com/bob"},"createdAt":"2021-01-05T00:00:00Z","isMinimized":true,"minimizedReason":"OUTDATED","body":"Hidden","replies":{"totalCount":0,"nodes":[]}}]}}]}}}}"##;
    check(
        Format::Giscus,
        answer,
        r##"
        thread o/r#5 url=https://blog.example/2021/post.html hints=2021/post site=o/r title=My post time=1609459200 closed=yes
        DC_1 o/r#5 @1609545600 edited=1609549200 name=ann site=https://github.com/ann owner votes=2 Published Markdown: "First"
        DC_2 o/r#5 <DC_1 @1609632000 Spam Markdown: "Reply"
        DC_3 o/r#5 @1609718400 Deleted Markdown: ""
        DC_4 o/r#5 @1609804800 name=bob site=https://github.com/bob Pending Markdown: "Hidden"
        lost Avatars 1
        lost Reactions 3
    "##,
    );
}

#[test]
fn pages_of_comments_and_replies_in_several_files() {
    let first = r#"{"data":{"repository":{"discussion":{"number":1,"title":"index","body":"","url":"https://github.com/o/r/discussions/1","comments":{"totalCount":2,"nodes":[
        {"id":"A","author":{"login":"a"},"createdAt":"2022-01-01T00:00:00Z","body":"a","replies":{"totalCount":3,"nodes":[{"id":"R1","author":{"login":"b"},"createdAt":"2022-01-02T00:00:00Z","body":"r1"}]}}]}}}}}"#;
    let comments = r#"{"data":{"repository":{"discussion":{"number":1,"title":"index","body":"","url":"https://github.com/o/r/discussions/1","comments":{"totalCount":2,"nodes":[
        {"id":"B","author":{"login":"c"},"createdAt":"2022-01-04T00:00:00Z","body":"b","replies":{"totalCount":0,"nodes":[]}}]}}}}}"#;
    let replies = r#"{"data":{"node":{"id":"A","replies":{"totalCount":3,"nodes":[{"id":"R2","author":{"login":"d"},"createdAt":"2022-01-03T00:00:00Z","body":"r2"},{"id":"R3","author":{"login":"d"},"createdAt":"2022-01-03T00:00:01Z","body":"r3"}]}}}}"#;
    let files: [(&str, &[u8]); 3] =
        [("1.json", first.as_bytes()), ("2.json", comments.as_bytes()), ("3.json", replies.as_bytes())];
    check_files(
        Format::Giscus,
        &files,
        r##"
        thread o/r#1 url=/ hints=index site=o/r title=index
        A o/r#1 @1640995200 name=a Published Markdown: "a"
        R1 o/r#1 <A @1641081600 name=b Published Markdown: "r1"
        B o/r#1 @1641254400 name=c Published Markdown: "b"
        R2 o/r#1 <A @1641168000 name=d Published Markdown: "r2"
        R3 o/r#1 <A @1641168001 name=d Published Markdown: "r3"
    "##,
    );
    check_files(
        Format::Giscus,
        &files[..1],
        r##"
        thread o/r#1 url=/ hints=index site=o/r title=index
        A o/r#1 @1640995200 name=a Published Markdown: "a"
        R1 o/r#1 <A @1641081600 name=b Published Markdown: "r1"
        problem Record(0) a list with pages that are not in the files
        problem Record(0) a list with pages that are not in the files
    "##,
    );
}

#[test]
fn issues_and_comments_of_rest() {
    let issues = r##"[{"url":"https://api.github.com/repos/o/r/issues/3","html_url":"https://github.com/o/r/issues/3","comments_url":"c","number":3,"title":"2020/old/","user":{"login":"utterances-bot"},"state":"open","locked":false,"comments":2,"created_at":"2020-01-01T00:00:00Z","body":"# Old post\n\ntext\n\n[https://blog.example/2020/old/](https://blog.example/2020/old/)"},
        {"url":"https://api.github.com/repos/o/r/issues/4","comments_url":"c","number":4,"title":"A fix","pull_request":{"url":"x"},"comments":0,"body":""}]"##;
    let comments = r#"[{"id":11,"node_id":"IC_1","issue_url":"https://api.github.com/repos/o/r/issues/3","html_url":"https://github.com/o/r/issues/3#issuecomment-11","user":{"login":"eve","html_url":"https://github.com/eve"},"created_at":"2020-02-01T00:00:00Z","updated_at":"2020-02-01T00:00:00Z","author_association":"NONE","body":"Nice\r\npost","reactions":{"total_count":2}},
        {"id":12,"issue_url":"https://api.github.com/repos/o/r/issues/3","user":null,"created_at":"2020-02-02T00:00:00Z","updated_at":"2020-02-02T10:00:00Z","author_association":"OWNER","body":"> Nice\n\nThanks"}]"#;
    check_files(
        Format::Utterances,
        &[("issues.json", issues.as_bytes()), ("comments.json", comments.as_bytes())],
        r##"
        thread o/r#3 url=https://blog.example/2020/old/ hints=2020/old/ site=o/r title=Old post time=1577836800
        11 o/r#3 @1580515200 name=eve site=https://github.com/eve Published Markdown: "Nice\r\npost"
        12 o/r#3 @1580601600 edited=1580637600 owner Published Markdown: "> Nice\n\nThanks"
        lost Reactions 2
    "##,
    );
}
