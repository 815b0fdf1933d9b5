//! Staticman. Where no file is named, the shape comes from its documentation of `staticman.yml`: each site chooses its fields and its form.

use afterword_interchange::Format;

use crate::support::{check_files, fixture};

fn check_folder(files: &[(String, Vec<u8>)], expected: &str) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    check_files(Format::Staticman, &files, expected);
}

#[test]
fn folder_of_files() {
    let names = [
        "comment-1587225979921.yml",
        "post-one/comment-1483456786593.yml",
        "post-one/comment-1483457152038.yml",
        "post-two/comment-1470944162041.yml",
        "post-two/comment-1514406795156.yml",
        "post-two/comment-1514407115153.yml",
    ];
    let read = |name: &&str| (format!("_data/comments/{name}"), fixture(&format!("staticman/_data/comments/{name}")));
    check_folder(
        &names.iter().map(read).collect::<Vec<_>>(),
        r##"
        thread . title=Comments without a folder
        thread post-one hints=post-one
        thread post-two hints=post-two
        8a70d150-818e-11ea-b259-6f85cb9717b1 . @1587225979 name=Reader Three Published Markdown: "Hello"
        0ef265d0-d1c8-11e6-b0a9-efc179b06d97 post-one @1483456786 name=Reader One site=https://reader-one.example Published Markdown: "Got a little problem here,\n\nIf I'm using Github pages, should I delete those Theme files?\n\nbecause after I `bundle update`, they didn't generated as expected, or I've misunderstanding.\n\nOr, I should follow the instruction in Installation:\n> To maintain a local Jekyll environment in sync with GitHub Pages replace the gem \"jekyll\" line with gem \"github-pages\", group: :jekyll_plugins and run the following:\n\nThanks : )"
        e91c28e0-d1c8-11e6-b0a9-efc179b06d97 post-one @1483457152 name=Blog Owner site=https://owner.example Published Markdown: "@Reader One - follow [these instructions](https://mmistakes.github.io/minimal-mistakes/docs/quick-start-guide/#github-pages-compatible-method) in the docs. The theme gem install instructions don't apply to you since GitHub Pages doesn't support 3rd party gem themes yet.\n\nYou need to install the old way of forking the theme files."
        post-two/comment-1470944162041 post-two @1470944161 name=Anonymous Published Markdown: "> “I never had seen Seinfeld, and they said, ‘Oh, it’s the last episode.’ And I said, ‘Oh, I’ll watch Seinfeld.’ And it was terrible.”\n>\n> *— From a 2014 interview with Howard Stern*"
        29e7b010-eb45-11e7-a44f-935f90061bb7 post-two @1514406795 name=Reader Two Published Markdown: "I am not able to figure out the staticman v2 comments. Please help. Even after updating the end points also its throws me a message that there is an error with submission"
        e8aa5fc0-eb45-11e7-a44f-935f90061bb7 post-two @1514407115 name=Blog Owner site=https://owner.example Published Markdown: "Please open issue on GitHub and provide a link to a public repo.\n\n<https://github.com/mmistakes/minimal-mistakes>"
        lost UnusableEmails 6
    "##,
    );
}

#[test]
fn parents_are_ids_files_or_places() {
    let file = |name: &str, text: &str| (format!("blog/_data/comments/{name}"), text.as_bytes().to_vec());
    let files = [
        file(
            "a/comment-100.yml",
            "_id: id1\nmessage: one\nname: A\nemail: a@blog.example\ndate: 1500000000\nhidden: ''\nreply_to: ''\n",
        ),
        file("a/comment-200.yml", "_id: id2\nbody: two\nname: B\ndate: '1500000100000'\nreplying_to: '1'\n"),
        file("a/comment-300.yml", "comment: three\nname: C\ntimestamp: 1500000200\nparent: comment-200\n"),
        file(
            "a/comment-400.json",
            r#"{"message":"four","name":"D","date":"2017-07-14T02:45:00Z","replyThread":"id1","replyID":"id2","replyName":"B"}"#,
        ),
        file(
            "b/entry1.md",
            "---\n_id: x\nname: E\ndate: 2017-07-14T02:46:40.000Z\nurl: https://e.example\n---\nFront *matter*\r\ntext\n",
        ),
        file("b/broken.yml", "message: \"never closed\n"),
    ];
    check_folder(
        &files,
        r##"
        thread a hints=a
        thread b hints=b
        id1 a @1500000000 name=A email=a@blog.example Published Markdown: "one"
        id2 a <id1 @1500000100 name=B Published Markdown: "two"
        a/comment-300 a <id2 @1500000200 name=C Published Markdown: "three"
        a/comment-400 a <id2 @1500000300 name=D Published Markdown: "four"
        x b @1500000400 name=E site=https://e.example Published Markdown: "Front *matter*\ntext"
        problem Record(6) a field that cannot be read
    "##,
    );
}

#[test]
fn alias_bombs_of_yaml_cost_one_file() {
    let mut bomb = "message: x\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let files = [
        ("_data/comments/p/1.yml".to_owned(), bomb.into_bytes()),
        ("_data/comments/p/2.yml".to_owned(), b"_id: ok\nmessage: fine\nname: N\ndate: 1500000000\n".to_vec()),
    ];
    check_folder(
        &files,
        r##"
        thread p hints=p
        ok p @1500000000 name=N Published Markdown: "fine"
        problem Record(1) a field that cannot be read
    "##,
    );
}
