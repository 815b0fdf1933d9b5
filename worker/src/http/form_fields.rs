//! The fields of a plain form.

use afterword_model::{CommentId, Refusal};
use url::form_urlencoded;

use crate::context::AppContext;
use crate::http::request::ApiRequest;

/// The fields of a form, as a browser sent them.
pub(crate) struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// Reads the body of a request.
    pub(crate) async fn read(app: &AppContext, request: &mut ApiRequest) -> Result<Self, Refusal> {
        if !request.has_media_type("application/x-www-form-urlencoded") {
            return Err(Refusal::BadMediaType);
        }
        Ok(Self::parse(&request.read_body(&app.log).await?))
    }

    /// Parses a body. Any bytes are valid (URL standard, section 5.1).
    fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field. Empty if it is missing. If it occurs twice, the last one counts.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// All values of a field, in the order of the form.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The comment in the field `id`.
    pub(crate) fn comment(&self) -> Result<CommentId, Refusal> {
        self.value("id").parse().map(CommentId::new).map_err(|_| Refusal::UnknownComment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_field_counts() {
        let fields = FormFields::parse(b"id=1&text=a%20b%0D%0A&id=7&&=&\xff=x&text=%E4%B8%AD+%zz");
        assert_eq!((fields.value("text"), fields.value("none")), ("\u{4e2d} %zz", ""));
        assert_eq!(fields.comment(), Ok(CommentId::new(7)));
        for bad in [&b"id=x"[..], b"id=", b"", b"id=9223372036854775808"] {
            assert_eq!(FormFields::parse(bad).comment(), Err(Refusal::UnknownComment));
        }
    }
}
