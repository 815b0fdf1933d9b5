//! `/admin`: what waits, and the numbers of the last weeks.

use std::collections::BTreeMap;

use afterword_model::moderation::{Overview, SignalCount};
use afterword_view::admin::overview_page;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::merged_queue::add_counts;

/// Number of threads of all blogs together.
const TOP_THREADS: usize = 10;

/// `GET /admin`: the overview of one blog, or of all together.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let mut context = PageContext::of_any_site(app, &call).await?;
    let mut total: Option<Overview> = None;
    for site in context.shown_sites() {
        let overview = calls::overview(app, site).await?;
        total = Some(match total {
            Some(total) => add(total, overview),
            None => overview,
        });
    }
    let total = total.ok_or(afterword_model::Refusal::UnknownSite)?;
    context.counts = total.counts;
    context.respond(|frame| overview_page(frame, &total))
}

/// The numbers of two blogs together. Their days are the same, because days begin at midnight UTC.
fn add(mut total: Overview, other: Overview) -> Overview {
    add_counts(&mut total.counts, &other.counts);
    total.oldest_pending = [total.oldest_pending, other.oldest_pending].into_iter().flatten().min();
    total.days_truncated |= other.days_truncated;
    for day in other.days {
        if let Some(same) = total.days.iter_mut().find(|same| same.day == day.day) {
            same.published += day.published;
            same.pending += day.pending;
            same.spam += day.spam;
            same.deleted += day.deleted;
            same.held += day.held;
        }
    }
    let mut signals: BTreeMap<String, u32> = BTreeMap::new();
    for SignalCount { signal, count } in total.signals.into_iter().chain(other.signals) {
        *signals.entry(signal).or_default() += count;
    }
    total.signals = signals.into_iter().map(|(signal, count)| SignalCount { signal, count }).collect();
    total.signals.sort_by_key(|signal| std::cmp::Reverse(signal.count));
    total.threads.extend(other.threads);
    total.threads.sort_by_key(|thread| std::cmp::Reverse(thread.count));
    total.threads.truncate(TOP_THREADS);
    // The plan belongs to the account, so the limits stay and the uses add up.
    for usage in other.usage {
        match total.usage.iter_mut().find(|same| same.limit == usage.limit) {
            Some(same) => same.used += usage.used,
            None => total.usage.push(usage),
        }
    }
    total
}
