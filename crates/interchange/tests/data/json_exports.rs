//! Remark42, Comentario, Waline, Twikoo, Valine and Artalk.
//!
//! Where no file is named, the shape comes from a description: for Remark42 from `backend/app/store/comment.go` and
//! `backend/app/migrator/native.go` of umputun/remark42, for Artalk from `internal/entity/artran.go` of ArtalkJS/Artalk, for Waline from the issues
//! walinejs/waline#2660 and #3488, for Twikoo from twikoojs/twikoo#70 and #421, for Commento from the fields of its own export.

use afterword_interchange::{Format, ReadError};

use crate::support::{check, check_files, check_records, fixture, lines, records};

#[test]
fn remark42_with_a_header_and_values_over_several_lines() {
    let export = r#"{"version":1,"users":[{"id":"google_1","blocked":{"status":false},"verified":true,"details":{"email":"ann@blog.example"}}],"posts":[{"url":"https://blog.example/closed/","read_only":true},{"url":"https://blog.example/open/","read_only":false}]}{"id":"c1","pid":"","text":"<p>Hello “world”</p>\n","orig":"Hello \"world\"","user":{"name":"Ann","id":"google_1","picture":"https://x.example/a.png","ip":"ab12","admin":true},"locator":{"site":"blog","url":"https://blog.example/open/"},"score":3,"votes":{"a":true},"vote":0,"time":"2021-06-01T12:00:00.123456789-05:00","edit":{"time":"2021-06-01T12:05:00-05:00","summary":"typo"},"pin":true,"title":"Open post"}
{
  "id": "c2",
  "pid": "c1",
  "text": "<p>Imported <b>text</b></p>",
  "user": {"name": "Bob", "id": "disqus_2", "picture": ""},
  "locator": {"site": "blog", "url": "https://blog.example/open/"},
  "time": "2021-06-01T17:30:00Z", "imported": true
}
{"id":"c3","pid":"c2","text":"","user":{"name":"deleted","id":"deleted"},"locator":{"site":"blog","url":"https://blog.example/open/"},"score":0,"time":"2021-06-02T00:00:00Z","delete":true}
"#;
    check(
        Format::Remark42,
        export,
        r##"
        thread https://blog.example/closed/ url=https://blog.example/closed/ closed=yes
        thread https://blog.example/open/ url=https://blog.example/open/ site=blog title=Open post
        thread https://blog.example/open/ url=https://blog.example/open/ site=blog
        c1 https://blog.example/open/ @1622566800 edited=1622567100 name=Ann email=ann@blog.example owner pinned votes=3 Published Markdown: "Hello \"world\""
        c2 https://blog.example/open/ <c1 @1622568600 name=Bob Published Html: "<p>Imported <b>text</b></p>"
        c3 https://blog.example/open/ <c2 @1622592000 Deleted Html: ""
        lost Avatars 1
        lost NetworkAddresses 1
    "##,
    );
}

#[test]
fn remark42_of_old_versions_without_a_header_and_of_two_sites() {
    let export = "{\"id\":\"a\",\"pid\":\"missing\",\"text\":\"one\",\"user\":{\"name\":\"A\",\"id\":\"anonymous_1\"},\"locator\":{\"site\":\"s1\",\"url\":\"http://one.example/\"},\"time\":\"2019-01-01T00:00:00Z\"}\n\
        {\"id\":\"b\",\"pid\":\"\",\"text\":\"two\",\"user\":{\"name\":\"B\",\"id\":\"x\"},\"locator\":{\"site\":\"s2\",\"url\":\"https://one.example/\"},\"time\":\"nonsense\"}\n\
        {\"pid\":\"\",\"text\":\"no id\",\"locator\":{\"url\":\"https://one.example/\"}}\n{\"id\":\"d\",\"text\":\"no post\",\"user\":{}}\n";
    check(
        Format::Remark42,
        export,
        r##"
        thread http://one.example/ url=http://one.example/ site=s1
        thread https://one.example/ url=https://one.example/ site=s2
        a http://one.example/ <missing @1546300800 name=A Published Html: "one"
        b https://one.example/ @? name=B Published Html: "two"
        problem Record(3) no id
        problem Record(4) no post
    "##,
    );
}

#[test]
fn comentario_files_of_versions_1_and_3() {
    let v1 = fixture("comentario/comentario-ok-single-v1.json.gz");
    check_files(
        Format::Commento,
        &[("v1.json.gz", &v1)],
        r##"
        thread https://example.com/ url=https://example.com/ site=example.com
        0a34d928db9f5d55f34558048c79874587dc938906d3087a781d192f526447e6 https://example.com/ @1635879817 name=Bugs Bunny email=bugsy@bigsy votes=23 Published Markdown: "Yay, imported"
    "##,
    );
    let v3 = fixture("comentario/comentario-ok-single-v3.json.gz");
    check_files(
        Format::Comentario,
        &[("v3.json.gz", &v3)],
        r##"
        thread 20420d40-be9b-4d09-bb0c-59ed8e95347b url=http://localhost:8000/ site=localhost:8000 title=Home
        881e132c-21b5-4b20-ad69-3223b9974d01 20420d40-be9b-4d09-bb0c-59ed8e95347b @1699992912 name=Bugs Bunny email=bugsy@bigsy votes=23 Published Markdown: "Yay, imported"
    "##,
    );
}

#[test]
fn comentario_files_without_comments_or_of_unknown_versions() {
    check_files(Format::Commento, &[("v1", &fixture("comentario/comentario-ok-empty-v1.json.gz"))], "");
    check_files(Format::Comentario, &[("v3", &fixture("comentario/comentario-ok-empty-v3.json.gz"))], "");
    let version = records(Format::Comentario, &[("v", &fixture("comentario/comentario-bad-version.json.gz"))], None);
    assert!(matches!(version, Err(ReadError::NoComments { advice, .. }) if advice.contains("version 481")));
    let broken = records(Format::Comentario, &[("b", &fixture("comentario/comentario-bad-format.json.gz"))], None);
    assert!(matches!(broken, Err(ReadError::Malformed { .. })));
}

#[test]
fn commento_with_three_kinds_of_anonymous_authors_and_placeholders() {
    let zeros = "0".repeat(64);
    let export = format!(
        r#"{{"version":1,"comments":[
        {{"commentHex":"c1","domain":"blog.example","url":"/a/","commenterHex":"u1","markdown":"**Hi**","html":"","parentHex":"root","score":2,"state":"approved","creationDate":"2020-01-02T03:04:05.678Z","direction":0,"deleted":false}},
        {{"commentHex":"c2","domain":"blog.example","url":"/a/","commenterHex":"anonymous","markdown":"Reply","html":"","parentHex":"c1","score":0,"state":"unapproved","creationDate":"2020-01-02T03:05:00Z","deleted":false}},
        {{"commentHex":"c3","domain":"blog.example","url":"/a/","commenterHex":"{zeros}","markdown":"[deleted]","parentHex":"root","state":"approved","creationDate":"2020-01-02T03:06:00Z","deleted":false}},
        {{"commentHex":"c4","host":"other.example","path":"/a/","commenterHex":"u2","markdown":"Other","parentHex":"root","state":"flagged","creationDate":"2020-01-02T03:07:00Z"}}],
        "commenters":[{{"commenterHex":"u1","email":"ann@blog.example","name":"Ann","link":"https://ann.example","photo":"undefined","provider":"commento","joinDate":"2020-01-01T00:00:00Z","isModerator":true}},
        {{"commenterHex":"u2","email":"undefined","name":"Bob","link":"undefined","photo":"https://x.example/b.png","isModerator":false}}]}}"#
    );
    check(
        Format::Commento,
        &export,
        r##"
        thread https://blog.example/a/ url=https://blog.example/a/ site=blog.example
        thread https://other.example/a/ url=https://other.example/a/ site=other.example
        c1 https://blog.example/a/ @1577934245 name=Ann email=ann@blog.example site=https://ann.example owner votes=2 Published Markdown: "**Hi**"
        c2 https://blog.example/a/ <c1 @1577934300 Pending Markdown: "Reply"
        c3 https://blog.example/a/ @1577934360 Deleted Markdown: "[deleted]"
        c4 https://other.example/a/ @1577934420 name=Bob Pending Markdown: "Other"
        lost Avatars 1
    "##,
    );
}

#[test]
fn comentario_3_with_states_and_an_unregistered_author() {
    let export = r#"{"version":3,"pages":[{"id":"p1","domainId":"d1","path":"/post/","title":"Post","isReadonly":true}],"comments":[
        {"id":"1","pageId":"p1","markdown":"ok","html":"<p>ok</p>","score":0,"isSticky":true,"isApproved":true,"isPending":false,"isDeleted":false,"createdTime":"2024-02-03T04:05:06Z","editedTime":"2024-02-03T05:00:00Z","userCreated":"00000000-0000-0000-0000-000000000000","authorName":"Guest","authorIP":"192.0.2.1","url":"https://blog.example/post/#comentario-1"},
        {"id":"2","parentId":"1","pageId":"p1","markdown":"waits","isApproved":false,"isPending":true,"isDeleted":false,"createdTime":"2024-02-03T04:06:06Z","editedTime":"0001-01-01T00:00:00.000Z","userCreated":"u","url":"https://blog.example/post/#comentario-2"},
        {"id":"3","parentId":"1","pageId":"p1","markdown":"rejected","isApproved":false,"isPending":false,"isDeleted":false,"createdTime":"2024-02-03T04:07:06Z"},
        {"id":"4","pageId":"p2","markdown":"","isApproved":true,"isDeleted":true,"createdTime":"2024-02-03T04:08:06Z","deletedTime":"2024-02-04T00:00:00Z"}],
        "commenters":[{"id":"u","email":"eve@blog.example","name":"Eve","websiteUrl":"https://eve.example","isModerator":false}]}"#;
    check(
        Format::Comentario,
        export,
        r##"
        thread p1 url=https://blog.example/post/ site=blog.example title=Post closed=yes
        1 p1 @1706933106 edited=1706936400 name=Guest pinned Published Markdown: "ok"
        2 p1 <1 @1706933166 name=Eve email=eve@blog.example site=https://eve.example Pending Markdown: "waits"
        3 p1 <1 @1706933226 Deleted Markdown: "rejected"
        4 p2 @1706933286 Deleted Html: ""
        lost NetworkAddresses 1
    "##,
    );
}

#[test]
fn waline_file() {
    check_files(
        Format::Waline,
        &[("waline.json", &fixture("waline/waline-minimal.json"))],
        r##"
        thread /posts/hello-world.html url=/posts/hello-world.html
        thread /posts/about.html url=/posts/about.html
        thread /posts/python-tips.html url=/posts/python-tips.html
        thread /posts/docker-guide.html url=/posts/docker-guide.html
        thread /posts/contact.html url=/posts/contact.html
        5f8a1b2c3d4e5f6a7b8c9d0e /posts/hello-world.html @1705314600 name=张三 email=zhangsan@example.com site=https://zhangsan.example Published Markdown: "这是一篇非常有深度的文章，学习了！"
        5f8a1b2c3d4e5f6a7b8c9d0f /posts/hello-world.html @1705328400 name=李四 email=lisi@example.com Published Markdown: "有个小问题，第二段的代码示例好像有语法错误？"
        5f8a1b2c3d4e5f6a7b8c9d10 /posts/hello-world.html <5f8a1b2c3d4e5f6a7b8c9d0f @1705394700 name=王五 email=wangwu@example.com site=https://wangwu.example Published Markdown: "感谢反馈！我刚刚修复了代码示例。"
        5f8a1b2c3d4e5f6a7b8c9d11 /posts/about.html @1704877200 name=博主本人 email=admin@example.com site=https://example.com pinned Published Markdown: "欢迎访问我的博客，有问题随时留言！"
        5f8a1b2c3d4e5f6a7b8c9d12 /posts/hello-world.html @1705461300 name=垃圾评论 email=spam@example.net site=http://spam.example Spam Markdown: "点击链接领取100万红包！！！http://spam.example"
        5f8a1b2c3d4e5f6a7b8c9d13 /posts/python-tips.html @1705576800 name=赵六 email=zhaoliu@example.com Published Markdown: "**感谢分享！** 这里我也补充一个技巧：\n\n可以使用 `pathlib` 替代 `os.path`，代码会更简洁。\n\n```python\nfrom pathlib import Path\n\nPath('output').mkdir(parents=True, exist_ok=True)\n```"
        5f8a1b2c3d4e5f6a7b8c9d14 /posts/python-tips.html <5f8a1b2c3d4e5f6a7b8c9d13 @1705589400 name=钱七 email=qianqi@example.com Published Markdown: "@赵六 `pathlib` 确实好用，而且跨平台兼容性更好。"
        5f8a1b2c3d4e5f6a7b8c9d15 /posts/docker-guide.html @1705656600 name=孙八 email=sunba@example.com site=https://sunba.example Published Markdown: "刚接触 Docker，这篇文章帮助很大。期待后续的 Kubernetes 教程！"
        5f8a1b2c3d4e5f6a7b8c9d16 /posts/contact.html @1705768800 name=等待审核 email=pending@example.com Pending Markdown: "请问博主接不接受付费推广合作？"
        lost NetworkAddresses 9
        lost UserAgents 9
    "##,
    );
}

#[test]
fn waline_with_users_mentions_and_times_of_three_kinds() {
    let export = r##"{"type":"waline","version":1,"__version":"1.32.3","time":1700000000000,"tables":["Comment","Counter","Users"],"data":{"Comment":[
        {"objectId":1,"url":"/a","nick":"","mail":"","link":"","user_id":7,"comment":"Owner's **text**","status":"approved","insertedAt":{"__type":"Date","iso":"2023-01-02T03:04:05.000Z"},"createdAt":"2023-09-09T00:00:00Z","like":"3","ip":"192.0.2.1","ua":"x"},
        {"objectId":2,"pid":1,"rid":1,"url":"/a","nick":"Ann","mail":"ann@blog.example","link":"ann.example","comment":"[@Owner](#1): thanks","insertedAt":"2023-01-02 11:04:05","like":true,"sticky":false},
        {"objectId":3,"pid":99,"rid":1,"url":"/a","nick":"Old","comment":"<p><a class=\"at\" href=\"#99\">@x</a> , from <b>Valine</b></p>","status":"waiting","insertedAt":"2023-01-03T00:00:00.000Z"}],
        "Counter":[{"objectId":1,"url":"/a","time":9}],
        "Users":[{"objectId":7,"display_name":"Owner","email":"owner@blog.example","password":"$2a$08$hash","2fa":"secret","type":"administrator","url":"https://blog.example","label":""}]}}"##;
    check(
        Format::Waline,
        export,
        r##"
        thread /a url=/a
        1 /a @1672628645 name=Owner email=owner@blog.example site=https://blog.example owner votes=3 Published Markdown: "Owner's **text**"
        2 /a <1 @1672657445? name=Ann email=ann@blog.example site=ann.example votes=1 Published Markdown: "thanks"
        3 /a <99 @1672704000 name=Old Pending Html: "<p>from <b>Valine</b></p>"
        lost Accounts 1
        lost NetworkAddresses 1
        lost UserAgents 1
    "##,
    );
    let found = lines(&records(Format::Waline, &[("w.json", export.as_bytes())], Some(480)).unwrap());
    assert!(found.contains("2 /a <1 @1672628645? "), "{found}");
    assert!(!found.contains("hash") && !found.contains("secret"));
    let wrapped = r#"{"errno":0,"errmsg":"","data":{"type":"waline","data":{"Comment":[{"objectId":"x","url":"/w","nick":"N","comment":"c","insertedAt":"2023-01-02T03:04:05Z"}]}}}"#;
    check_records(
        Format::Waline,
        &[("w.json", wrapped.as_bytes())],
        r##"
        thread /w url=/w
        x /w @1672628645 name=N Published Markdown: "c"
    "##,
    );
}

#[test]
fn twikoo_file() {
    check_files(
        Format::Twikoo,
        &[("twikoo.json", &fixture("twikoo/twikoo-array.json"))],
        r##"
        thread /posts/hello-world.html url=/posts/hello-world.html hints=https://blog.example/posts/hello-world.html
        thread /posts/about.html url=/posts/about.html hints=https://blog.example/posts/about.html
        thread /posts/python-tips.html url=/posts/python-tips.html hints=https://blog.example/posts/python-tips.html
        thread /posts/docker-guide.html url=/posts/docker-guide.html hints=https://blog.example/posts/docker-guide.html
        thread /posts/contact.html url=/posts/contact.html hints=https://blog.example/posts/contact.html
        ab0c07b073ab4824bcd5e0b48fba3b5f /posts/hello-world.html @1705314600 name=张三 email=zhangsan@example.com site=https://zhangsan.example Published Html: "<p>这是一篇非常有深度的文章，学习了！</p>"
        1a3d194bf2bb47f18b150503d2647525 /posts/hello-world.html @1705328400 edited=1705396500 name=李四 email=lisi@example.com Published Html: "<p>有个小问题，第二段的代码示例好像有语法错误？</p>"
        c7f9ed4433c94c14be04e10a50ac8bbd /posts/hello-world.html <1a3d194bf2bb47f18b150503d2647525 @1705394700 name=王五 email=wangwu@example.com site=https://wangwu.example Published Html: "<p>感谢反馈！我刚刚修复了代码示例。</p>"
        8a783adde52e459a8109507b412eb5cc /posts/about.html @1704877200 name=博主本人 email=admin@example.com site=https://example.com pinned Published Html: "<p>欢迎访问我的博客，有问题随时留言！</p>"
        9110df41ebf24ccd82b7dc90954381df /posts/hello-world.html @1705461300 name=垃圾评论 email=spam@example.net site=http://spam.example Spam Html: "<p>点击链接领取100万红包！！！http://spam.example</p>"
        cd3669363e224057995e769036fffac9 /posts/python-tips.html @1705576800 name=赵六 email=zhaoliu@example.com Published Html: "<p><strong>感谢分享！</strong> 这里我也补充一个技巧：</p>\n<p>可以使用 <code>pathlib</code> 替代 <code>os.path</code>，代码会更简洁。</p>\n<p>```python</p>\n<p>from pathlib import Path</p>\n<p>Path('output').mkdir(parents=True, exist_ok=True)</p>\n<p>```</p>"
        e93a14a5b8c943bd91557f45649f0179 /posts/python-tips.html <cd3669363e224057995e769036fffac9 @1705589400 name=钱七 email=qianqi@example.com Published Html: "<p>@赵六 <code>pathlib</code> 确实好用，而且跨平台兼容性更好。</p>"
        1660d68005b84f6d8e4fc88a2ac9834c /posts/docker-guide.html @1705656600 name=孙八 email=sunba@example.com site=https://sunba.example Published Html: "<p>刚接触 Docker，这篇文章帮助很大。期待后续的 Kubernetes 教程！</p>"
        dee5aa2fea304d5eaebb08ab2ae6bc72 /posts/contact.html @1705768800 name=等待审核 email=pending@example.com Spam Html: "<p>请问博主接不接受付费推广合作？</p>"
        lost NetworkAddresses 9
        lost UserAgents 9
    "##,
    );
}

#[test]
fn twikoo_lines_with_object_ids_and_texts_for_values() {
    let export = r#"{"_id":{"$oid":"66f0a"},"nick":"Ann","mail":"ann@blog.example","mailMd5":"0cc","link":"https://ann.example","url":"/a/","href":"https://blog.example/a/#66f0a","comment":"<p>Hi &amp; bye</p>","isSpam":"false","created":{"$numberLong":"1672628645000"},"updated":{"$numberLong":"1672628645000"},"master":true,"ups":["u1","u2"],"downs":"[]","top":false,"ip":"192.0.2.1","ua":"x","$loki":1}
{"_id":"plain","nick":"Bob","mailMd5":"d41d8cd98f00b204e9800998ecf8427e","url":"/a/","comment":"<p>r</p>","pid":{"$oid":"66f0a"},"rid":{"$oid":"66f0a"},"isSpam":"true","created":"2023-01-02T03:04:06.000Z","like":"[\"a\"]"}
{"_id":"third","nick":"C","url":"","href":"https://blog.example/b/","comment":"x","pid":"","rid":null,"created":1672628647000}
"#;
    check(
        Format::Twikoo,
        export,
        r##"
        thread /a/ url=/a/ hints=https://blog.example/a/
        thread https://blog.example/b/ url=https://blog.example/b/ hints=https://blog.example/b/
        66f0a /a/ @1672628645 name=Ann email=ann@blog.example site=https://ann.example owner votes=2 Published Html: "<p>Hi &amp; bye</p>"
        plain /a/ <66f0a @1672628646 name=Bob votes=1 Spam Html: "<p>r</p>"
        third https://blog.example/b/ @1672628647 name=C Published Html: "x"
        lost NetworkAddresses 1
        lost UserAgents 1
        lost UnusableEmails 1
    "##,
    );
    let wrapped = r#"{"results":[{"_id":"1","nick":"A","url":"/","comment":"c","created":1672628645000}]}"#;
    check(
        Format::Twikoo,
        wrapped,
        r##"
        thread / url=/
        1 / @1672628645 name=A Published Html: "c"
    "##,
    );
}

#[test]
fn valine_lines_and_results() {
    let export = "#filetype:JSON-streaming {\"type\":\"Class\",\"class\":\"Comment\"}\n\
        {\"objectId\":\"5e1\",\"nick\":\"Ann\",\"mail\":\"ann@blog.example\",\"link\":\"\",\"url\":\"/a.html\",\"comment\":\"<p>x<script>y</script></p>\",\"insertedAt\":{\"__type\":\"Date\",\"iso\":\"2020-01-02T03:04:05.678Z\"},\"createdAt\":\"2021-01-01T00:00:00Z\",\"ACL\":{\"*\":{\"read\":true}},\"ip\":\"\",\"ua\":\"z\"}\n\
        {\"objectId\":\"5e2\",\"nick\":\"Bot\",\"url\":\"/a.html\",\"pid\":\"5e1\",\"rid\":\"5e1\",\"comment\":\"<p><a class=\\\"at\\\" href=\\\"#5e1\\\">@Ann</a> , spam</p>\",\"createdAt\":\"2020-01-02T03:05:05Z\",\"isSpam\":true}\n";
    check_records(
        Format::Valine,
        &[("Comment.0.jsonl", export.as_bytes())],
        r##"
        thread /a.html url=/a.html
        5e1 /a.html @1577934245 name=Ann email=ann@blog.example Published Html: "<p>x<script>y</script></p>"
        5e2 /a.html <5e1 @1577934305 name=Bot Spam Html: "<p>spam</p>"
        lost UserAgents 1
    "##,
    );
    let results = r#"{"results":[{"objectId":"1","nick":"N","url":"/v","comment":"**no Markdown**","createdAt":"2020-01-02T03:05:05Z"}]}"#;
    check(
        Format::Valine,
        results,
        r##"
        thread /v url=/v
        1 /v @1577934305 name=N Published Html: "**no Markdown**"
    "##,
    );
}

#[test]
fn artalk_with_texts_for_all_values() {
    let export = r##"[{"id":"1","rid":"0","content":"Hi **all**","ua":"x","ip":"192.0.2.1","is_collapsed":"false","is_pending":"false","is_pinned":"true","vote_up":"5","vote_down":"2","created_at":"2021-10-28 18:50:00.25 +0800 CST","updated_at":"2021-10-28 18:50:00 +0800 CST","nick":"Ann","email":"ann@blog.example","link":"https://ann.example","badge_name":"Admin","badge_color":"#f00","page_key":"/a/","page_title":"A","page_admin_only":"false","site_name":"Blog","site_urls":"https://blog.example/,http://localhost"},
        {"id":"2","rid":"1","content":"waits","is_pending":"true","created_at":"2021-10-28 19:00:00 +0800 CST","nick":"Bob","email":"","page_key":"/a/","page_title":"A","page_admin_only":"false","site_name":"Blog","site_urls":"https://blog.example/,http://localhost"},
        {"id":"3","rid":"","content":"other site","is_pending":"false","created_at":"2021-10-28 20:00:00 +0800 CST","nick":"C","page_key":"https://two.example/a/","page_admin_only":"true","site_name":"Two","site_urls":""}]"##;
    check(
        Format::Artalk,
        export,
        r##"
        thread Blog|/a/ url=https://blog.example/a/ site=Blog title=A
        thread Two|https://two.example/a/ url=https://two.example/a/ site=Two closed=yes
        1 Blog|/a/ @1635418200 name=Ann email=ann@blog.example site=https://ann.example pinned votes=3 Published Markdown: "Hi **all**"
        2 Blog|/a/ <1 @1635418800 name=Bob Pending Markdown: "waits"
        3 Two|https://two.example/a/ @1635422400 name=C Published Markdown: "other site"
        lost NetworkAddresses 1
        lost UserAgents 1
        lost Badges 1
    "##,
    );
    let wrapped = serde_json::json!({ "artrans": export }).to_string();
    assert_eq!(records(Format::Artalk, &[("answer.json", wrapped.as_bytes())], None).unwrap().comments.len(), 3);
}

#[test]
fn artalk_of_converters_with_real_booleans_and_numbers() {
    let export = r#"[{"id":10,"rid":0,"content":"<p>html</p>","is_pending":false,"is_pinned":false,"vote_up":1,"vote_down":4,"date":"2019-05-06T07:08:09Z","nick":"Z","page_key":"/z"},
        {"id":11,"rid":10,"content":"later","is_pending":true,"created_at":"2019-05-06 09:08:09","nick":"Y","page_key":"/z"}]"#;
    check(
        Format::Artalk,
        export,
        r##"
        thread |/z url=/z
        10 |/z @1557126489 name=Z votes=-3 Published Html: "<p>html</p>"
        11 |/z <10 @1557133689? name=Y Pending Markdown: "later"
    "##,
    );
}
