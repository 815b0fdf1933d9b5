use super::*;

/// The elements of a text with their texts, as `name=text` or `family:name=text`, in the order of their ends.
fn read(xml: &str) -> Result<String, ReadError> {
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new("a.xml", xml.as_bytes(), &mut bytes);
    let mut shown = Vec::new();
    while let Some(root) = reader.root()? {
        while let Some(tag) = reader.child(&root)? {
            let text = reader.text(&tag)?.text;
            let family = if tag.family == Family::Plain { String::new() } else { format!("{:?}:", tag.family) };
            shown.push(format!("{family}{}={text}", tag.name()));
        }
    }
    Ok(shown.join("|"))
}

fn check(xml: &str, expected: &str) {
    assert_eq!(read(xml).as_deref(), Ok(expected), "{xml}");
}

#[test]
fn texts_cdata_and_references_are_one_text() {
    check("<r><a>x &amp; y<![CDATA[<b>&amp;]]]]><![CDATA[>]]></a></r>", "a=x & y<b>&amp;]]>");
    check("<r><a>&eacute;&mdash;&#x1F600;&nbsp;</a></r>", "a=é—😀\u{a0}");
    check("<r><a>x<b>y</b>z</a><c/></r>", "a=xyz|c=");
}

#[test]
fn raw_ampersands_and_control_characters_are_tolerated() {
    check("<r><a>https://a.example/?b=1&c=2&d</a><e>x & y &</e></r>", "a=https://a.example/?b=1&c=2&d|e=x & y &");
    check("<r><a>x\u{1}\u{8}\0y\tz</a></r>", "a=xy\tz");
}

#[test]
fn entities_of_the_file_are_never_resolved() {
    let bomb = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    check(&format!("{bomb}<r><a>&b;&x;</a></r>"), "a=&b;&x;");
}

#[test]
fn namespaces_match_by_family_and_undeclared_prefixes_by_convention() {
    check("<r xmlns:w='http://wordpress.org/export/1.3/'><w:a>1</w:a></r>", "WordPress:a=1");
    check("<r xmlns:wp=\"https://wordpress.org/export/1.2/\"><wp:a>1</wp:a><a>2</a></r>", "WordPress:a=1|a=2");
    check("<r><wp:a>1</wp:a><excerpt:encoded>2</excerpt:encoded></r>", "WordPress:a=1|Other:encoded=2");
    check("<ns0:feed xmlns:ns0='http://www.w3.org/2005/Atom'><ns0:id>1</ns0:id></ns0:feed>", "id=1");
    check("<r><wp:x xmlns:wp='urn:other'/><wp:a>1</wp:a></r>", "Other:x=|WordPress:a=1");
}

#[test]
fn the_declaration_of_a_child_counts_inside_it_only() {
    check("<r><y:x xmlns:y='http://wordpress.org/export/1.0/'>1</y:x><y:x>2</y:x></r>", "WordPress:x=1|Other:x=2");
}

#[test]
fn end_tags_that_match_nothing_are_ignored() {
    check("<r><a>1</b></a><c>2</c></r>", "a=1|c=2");
    check("<r><a>1<br>2</a><c>3</c></r>", "a=12|c=3");
    check("<r><a>1</a></r></r></x>", "a=1");
}

#[test]
fn attributes_are_read_by_local_name() {
    let xml = "<post dsq:id=\"7\" b = 'x&amp;y&z' c d=e>";
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new("a.xml", xml.as_bytes(), &mut bytes);
    reader.root().unwrap();
    let values = ["id", "b", "d", "c", "post"].map(|name| reader.attribute(name));
    assert_eq!(values, [Some("7"), Some("x&y&z"), Some("e"), None, None].map(|value| value.map(str::to_owned)));
}

#[test]
fn markup_keeps_the_tags_within() {
    let xml = "<r><c type='xhtml'><div>x &lt; <b a='1'>y</b><br/><i/><![CDATA[<z>]]></div></c></r>";
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new("a.xml", xml.as_bytes(), &mut bytes);
    let root = reader.root().unwrap().unwrap();
    let content = reader.child(&root).unwrap().unwrap();
    assert_eq!(reader.attribute("type").as_deref(), Some("xhtml"));
    let html = reader.markup(&content).unwrap().text;
    assert_eq!(html, "<div>x &lt; <b a='1'>y</b><br>&lt;z></div>");
}

#[test]
fn html_keeps_tags_that_are_not_escaped() {
    let xml = "<r><c>x &lt;b&gt;y&lt;/b&gt;<br />&amp;amp; <i>z</i><![CDATA[<u>]]></c></r>";
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new("a.xml", xml.as_bytes(), &mut bytes);
    let root = reader.root().unwrap().unwrap();
    let content = reader.child(&root).unwrap().unwrap();
    assert_eq!(reader.html(&content).unwrap().text, "x <b>y</b><br >&amp; <i>z</i><u>");
}

#[test]
fn a_file_that_was_cut_off_is_named_with_the_line() {
    let whole = "<r>\n<a>1</a>\n<b x='y'>2 <![CDATA[3]]></b>\n</r>";
    for length in 4..whole.len() - 1 {
        let Err(ReadError::Malformed { position: Position::Line(line), .. }) = read(&whole[..length]) else {
            panic!("{:?}", &whole[..length]);
        };
        assert!((1..=4).contains(&line), "{line}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = "<a>".repeat(1_000_000);
    assert!(matches!(read(&nested), Err(ReadError::Malformed { .. })));
    let nested = format!("<r><a>{}{}</a><c>1</c></r>", "<b>".repeat(10_000), "</b>".repeat(10_000));
    check(&nested, "a=|c=1");
}
