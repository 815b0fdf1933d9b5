//! The CSV and JSON that the book describes.

use afterword_interchange::{Format, ReadError};

use crate::support::{check, check_records, records};

#[test]
fn tables_with_all_columns() {
    let csv = "\u{feff}url,title,id,parent,date,name,email,website,text,format,state\r\n\
        https://blog.example/a/,\"A, the post\",1,,2020-01-02T03:04:05Z,Ann,ann@blog.example,https://ann.example,\"Line one\nLine \"\"two\"\"\",text,\r\n\
        https://blog.example/a/,,2,1,2020-01-02 04:00,Bob,,,<b>x</b>,html,pending\r\n\
        https://blog.example/a/,,3,2,,Eve,nobody,,**y**,markdown,deleted\r\n\
        https://blog.example/a/,,4,,2020-01-03,Eve,,,z,,nonsense\r\n,,,,,,,,,,\r\n";
    check(
        Format::Csv,
        csv,
        r##"
        thread https://blog.example/a/ url=https://blog.example/a/ title=A, the post
        thread https://blog.example/a/ url=https://blog.example/a/
        1 https://blog.example/a/ @1577934245 name=Ann email=ann@blog.example site=https://ann.example Published Text: "Line one\nLine \"two\""
        2 https://blog.example/a/ <1 @1577937600? name=Bob Pending Html: "<b>x</b>"
        3 https://blog.example/a/ <2 @? name=Eve Deleted Markdown: "**y**"
        problem Line(5) a field that cannot be read
        lost UnusableEmails 1
    "##,
    );
}

#[test]
fn tables_with_semicolons_other_names_and_no_ids() {
    let csv = "Post;Author;Comment;Date\n/b/;Zoë;caf\u{e9};1577934245\n/b/;Zoë;café again;1577934246\n";
    check(
        Format::Csv,
        csv,
        r##"
        thread /b/ url=/b/
        /b/|1577934245|Zoë|café /b/ @1577934245 name=Zoë Published Text: "café"
        /b/|1577934246|Zoë|café again /b/ @1577934246 name=Zoë Published Text: "café again"
    "##,
    );
    let latin = b"url;name;text;date\n/b/;Zo\xeb;caf\xe9;1577934245\n";
    check_records(
        Format::Csv,
        &[("latin.csv", latin)],
        r##"
        thread /b/ url=/b/
        /b/|1577934245|Zoë|café /b/ @1577934245 name=Zoë Published Text: "café"
    "##,
    );
}

#[test]
fn a_quotation_mark_that_is_never_closed_ends_with_an_error() {
    let csv = format!("url,text,date\n/a,\"{}", "x\n".repeat(10_000_000));
    let result = records(Format::Csv, &[("open.csv", csv.as_bytes())], None);
    assert!(matches!(result, Err(ReadError::Malformed { message, .. }) if message.contains("quotation mark")));
}

#[test]
fn json_as_an_array_lines_or_an_object() {
    let array = r#"[{"url":"/a","title":"T","id":7,"parent":null,"date":"2020-01-02T03:04:05+01:00","name":"N","email":"n@blog.example","website":"","text":"x","format":"markdown","state":"spam","pinned":true,"owner":true}]"#;
    check(
        Format::Json,
        array,
        r##"
        thread /a url=/a title=T
        7 /a @1577930645 name=N email=n@blog.example owner pinned Spam Markdown: "x"
    "##,
    );
    let lines = "{\"url\":\"/a\",\"text\":\"one\",\"date\":1577934245}\n{\"url\":\"/a\",\"text\":\"broken\n{\"url\":\"/a\",\"text\":\"two\",\"date\":1577934246,\"id\":\"b\",\"parent\":\"gone\"}\n";
    check(
        Format::Json,
        lines,
        r##"
        thread /a url=/a
        /a|1577934245||one /a @1577934245 Published Text: "one"
        b /a <gone @1577934246 Published Text: "two"
        problem Record(2) a field that cannot be read
    "##,
    );
    let object = r#"{"comments":[{"url":"/c","html":"<i>h</i>","id":"1","date":"2020-01-02"}]}"#;
    check(
        Format::Json,
        object,
        r##"
        thread /c url=/c
        1 /c @1577923200? Published Html: "<i>h</i>"
    "##,
    );
}

#[test]
fn our_own_export_is_to_be_restored() {
    let export = b"{\"afterword\":1}\n";
    assert!(
        matches!(records(Format::Afterword, &[("a.jsonl", export)], None), Err(ReadError::NoComments { advice, .. }) if advice.contains("restore"))
    );
}
