//! The page that sent a plain form.

use afterword_model::{Origin, Refusal};

use crate::context::AppContext;
use crate::http::request::ApiRequest;

/// Page that sent a form, by the `Origin` that browsers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormOrigin {
    /// Our page, a page of the post's site, or a client that is no browser.
    Trusted,
    /// The browser withholds the origin (`null`). The page may be the blog's.
    Withheld,
    /// The browser withholds the origin, and says that the page is of another site than the Worker, as a blog may be.
    WithheldCrossSite,
    /// A page of another origin.
    Foreign,
}

pub(crate) fn form_origin(app: &AppContext, request: &ApiRequest, site: &Origin) -> FormOrigin {
    let Some(origin) = request.origin() else { return FormOrigin::Trusted };
    let is_site_page = app.settings.sites.find_by_origin(&origin).is_some_and(|page| page.origin() == site);
    if is_site_page || origin == request.own_origin() {
        return FormOrigin::Trusted;
    }
    match (origin.as_str(), request.header("sec-fetch-site").as_deref()) {
        ("null", Some("cross-site")) => FormOrigin::WithheldCrossSite,
        ("null", _) => FormOrigin::Withheld,
        _ => FormOrigin::Foreign,
    }
}

/// Refuses a form that another website may have sent.
pub(crate) fn require_trusted_form(app: &AppContext, request: &ApiRequest, site: &Origin) -> Result<(), Refusal> {
    match form_origin(app, request, site) {
        FormOrigin::Trusted => Ok(()),
        _ => Err(Refusal::WrongOrigin),
    }
}
