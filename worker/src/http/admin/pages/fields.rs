//! The fields of moderators' forms, and the parameters of their pages.

use afterword_guard::admin_return_path;
use afterword_model::moderation::{ActionItem, ActionReason, QueueFilter, QueueList};
use afterword_model::{CommentId, Origin, PostUrl, Refusal, SubmissionId};
use afterword_view::admin::FIELDS;
use chrono::NaiveDate;

use crate::context::AppContext;
use crate::http::admin::call::AdminCall;
use crate::http::form_fields::FormFields;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A comment that a form names, on a site of the moderator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormItem<'a> {
    pub(crate) site: &'a Origin,
    pub(crate) item: ActionItem,
}

/// The comments that a form names, each as `id:revision:site`.
pub(crate) fn items<'a>(
    app: &'a AppContext,
    call: &AdminCall<'_>,
    fields: &FormFields,
) -> Result<Vec<FormItem<'a>>, Refusal> {
    fields.values(FIELDS.comment).map(|value| item(app, call, value)).collect()
}

/// The only comment that a form names.
pub(crate) fn only_item<'a>(
    app: &'a AppContext,
    call: &AdminCall<'_>,
    fields: &FormFields,
) -> Result<FormItem<'a>, Refusal> {
    item(app, call, fields.value(FIELDS.comment))
}

fn item<'a>(app: &'a AppContext, call: &AdminCall<'_>, value: &str) -> Result<FormItem<'a>, Refusal> {
    let mut parts = value.splitn(3, ':');
    let mut part = || parts.next().ok_or(Refusal::BadQuery);
    let id = part()?.parse().map(CommentId::new).map_err(|_| Refusal::BadQuery)?;
    let revision = part()?.parse().map_err(|_| Refusal::BadQuery)?;
    Ok(FormItem { site: site(app, call, part()?)?, item: ActionItem { id, revision } })
}

/// The site with this origin, or the only one of the moderator. Another moderator's site is as unknown as one that does not exist.
pub(crate) fn site<'a>(app: &'a AppContext, call: &AdminCall<'_>, origin: &str) -> Result<&'a Origin, Refusal> {
    let mut sites = call.sites(app);
    let site = if origin.is_empty() {
        sites.next().filter(|_| sites.next().is_none()).ok_or(Refusal::BadQuery)
    } else {
        sites.find(|site| site.as_str() == origin).ok_or(Refusal::UnknownSite)
    }?;
    app.log.set_site(site.as_str());
    Ok(site)
}

/// The site in the field of a form, or in the address to which it is sent.
pub(crate) fn form_site<'a>(
    app: &'a AppContext,
    call: &AdminCall<'_>,
    fields: &FormFields,
) -> Result<&'a Origin, Refusal> {
    match fields.value(FIELDS.site) {
        "" => call.site(app),
        origin => site(app, call, origin),
    }
}

/// The UUID of the action, which the page made.
pub(crate) fn action_id(fields: &FormFields) -> Result<SubmissionId, Refusal> {
    SubmissionId::parse(fields.value(FIELDS.action_id)).ok_or(Refusal::BadId)
}

/// The word of an enumeration in a field. Empty counts as missing.
pub(crate) fn word<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Refusal> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| Refusal::BadQuery) }
}

/// The reason in a form.
pub(crate) fn reason(fields: &FormFields) -> Result<Option<ActionReason>, Refusal> {
    word(fields.value("reason"))
}

/// The address to which a form returns.
pub(crate) fn back(fields: &FormFields, default: &'static str) -> String {
    admin_return_path(fields.value(FIELDS.back)).unwrap_or(default).to_owned()
}

/// An address with parameters added, in front of its fragment.
pub(crate) fn with_parameters(address: &str, parameters: &[(&str, &str)]) -> String {
    let (address, fragment) = address.split_once('#').map_or((address, None), |(start, end)| (start, Some(end)));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    let separator = if address.contains('?') { '&' } else { '?' };
    let mut address = format!("{address}{separator}{}", query.finish());
    if let Some(fragment) = fragment {
        address.push('#');
        address.push_str(fragment);
    }
    address
}

/// A filter of the queue, from parameters or fields. `site` is the blog to whose posts it is limited.
pub(crate) fn queue_filter(
    app: &AppContext,
    site: Option<&Origin>,
    value: impl Fn(&str) -> String,
) -> Result<QueueFilter, Refusal> {
    let text = |name| Some(value(name).trim().to_owned()).filter(|text| !text.is_empty());
    Ok(QueueFilter {
        list: word::<QueueList>(&value("list"))?.unwrap_or_default(),
        search: text("search"),
        post: text("post").map(|url| post(app, site, &url)).transpose()?,
        author: text("author"),
        from: text("from").map(|day| day_start(&day)).transpose()?,
        until: text("until").map(|day| Ok(day_start(&day)? + DAY_SECONDS)).transpose()?,
        similar: word(&value("similar"))?,
    })
}

/// The canonical address of a post of a site, or of any site.
pub(crate) fn post(app: &AppContext, site: Option<&Origin>, url: &str) -> Result<PostUrl, Refusal> {
    let post = app.settings.sites.resolve_post(url)?;
    if site.is_none_or(|site| *site == post.site) { Ok(post.url) } else { Err(Refusal::UnknownSite) }
}

/// The first second of a day in UTC, such as `2011-11-11`.
pub(crate) fn day_start(day: &str) -> Result<i64, Refusal> {
    let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| Refusal::BadQuery)?;
    let start = date.and_hms_opt(0, 0, 0).ok_or(Refusal::BadQuery)?.and_utc().timestamp();
    if (0..=afterword_model::limits::LAST_SECOND).contains(&start) { Ok(start) } else { Err(Refusal::BadQuery) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_in_front_of_the_fragment() {
        assert_eq!(with_parameters("/admin", &[("done", "a b"), ("left", "")]), "/admin?done=a+b");
        assert_eq!(with_parameters("/admin/queue?list=spam#c7", &[("done", "x")]), "/admin/queue?list=spam&done=x#c7");
    }

    #[test]
    fn days_begin_at_midnight_utc() {
        assert_eq!(day_start("1970-01-02"), Ok(86_400));
        assert_eq!(day_start("2011-11-11"), Ok(1_320_969_600));
        for bad in ["", "2011-11-31", "11.11.2011", "2011-11-11T00:00", "1969-12-31", "10000-01-01", "-1-1-1"] {
            assert_eq!(day_start(bad), Err(Refusal::BadQuery), "{bad}");
        }
    }
}
