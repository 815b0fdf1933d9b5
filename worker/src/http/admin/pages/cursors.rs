//! Places in something of several blogs, one for each: a page of a list, or a step of an undo.

use afterword_model::Origin;

/// For each blog that has a cursor, the number after which it continues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursors(Vec<(String, i64)>);

impl Cursors {
    /// Parses a text such as `7@blog.example,12@other.example:8080`. An empty text has no cursor.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parse = |part: &str| {
            let (number, authority) = part.split_once('@')?;
            Some((authority.to_owned(), number.parse().ok()?))
        };
        if text.is_empty() {
            Some(Self::default())
        } else {
            text.split(',').map(parse).collect::<Option<_>>().map(Self)
        }
    }

    /// The cursor of a blog.
    pub(super) fn of(&self, site: &Origin) -> Option<i64> {
        self.0.iter().find(|(authority, _)| authority == site.authority()).map(|(_, number)| *number)
    }

    /// Returns true if no blog has a cursor.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn set(&mut self, site: &Origin, number: i64) {
        self.0.retain(|(authority, _)| authority != site.authority());
        self.0.push((site.authority().to_owned(), number));
    }

    pub(super) fn text(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(authority, number)| format!("{number}@{authority}")).collect();
        parts.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_what_their_text_says() {
        let [blog, other] = ["https://blog.example", "https://other.example:8080"].map(|it| Origin::parse(it).unwrap());
        let mut cursors = Cursors::default();
        assert!(cursors.is_empty() && Cursors::parse("") == Some(Cursors::default()));
        cursors.set(&blog, 3);
        cursors.set(&other, 12);
        cursors.set(&blog, 7);
        assert_eq!((cursors.of(&blog), cursors.of(&other)), (Some(7), Some(12)));
        assert_eq!(Cursors::parse(&cursors.text()), Some(cursors));
        for bad in ["7", "x@blog.example", "7@a,,8@b"] {
            assert_eq!(Cursors::parse(bad), None, "{bad}");
        }
    }
}
