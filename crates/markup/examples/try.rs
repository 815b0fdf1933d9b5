//! Renders texts.
use std::io::Read as _;
fn main() {
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    for case in s.split("\n%%\n") {
        let case = case.trim_end_matches('\n');
        println!("{case}\n    => {}", match afterword_markup::render(case) { Ok(r) => r.html.as_str().replace(" rel=\"nofollow ugc noopener noreferrer\"", ""), Err(e) => e.to_string() });
    }
}
