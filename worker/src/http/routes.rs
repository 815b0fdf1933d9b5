//! The table of routes. The router, the `Allow` header, CORS preflights and the test of the documentation read it.

use afterword_model::Role::{self, Moderator, Owner};
use afterword_model::{CommentId, SubmissionId};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use worker::{Method, Response};

use crate::admin_rpc::ModerationAction::{Approve, Erase, Unpublish};
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::pages::comments::CommentAction::{self, Edit, Move, Reply};
use crate::http::admin::pages::{
    self, actions, audit, bans, changes, comments, link, matching, on_behalf, overview, queue_page, settings, steps,
    threads,
};
use crate::http::admin::{api, api_comments, sign_in, transfer};
use crate::http::cors::has_cors;
use crate::http::request::ApiRequest;
use crate::http::routes::Handler::{Admin, AdminPage, Comment, Public, Unauthenticated};
use crate::http::{
    challenge, check, feed, interactions, latest, own_comment_page, preview, read_api, report_page, security_txt,
    setup, submit_comment, thread_page,
};

/// Placeholder for a comment's id in a path.
const ID: &str = "<id>";
/// Placeholder for the UUID of an action or a ban in a path.
const ACTION: &str = "<action>";
/// Placeholder for the mark of an author at the end of a path. The handler reads it from the path.
const MARK: &str = "<mark>";

/// Future of a response.
type ReplyFuture<'a> = LocalBoxFuture<'a, Result<Response, ApiError>>;

/// One row of the table.
pub(crate) struct Route {
    /// `GET`, `POST`, `PATCH` or `DELETE`. A `GET` route also serves `HEAD`.
    pub(crate) method: Method,
    /// Path, in which `<id>` stands for the id of a comment, `<action>` for the UUID of an action or ban, and `<mark>` for the mark of an author.
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
}

/// Handler of a route.
pub(crate) enum Handler {
    /// Open to everybody.
    Public(for<'a> fn(&'a AppContext, &'a mut ApiRequest) -> ReplyFuture<'a>),
    /// Open to everybody; gets the comment in the path.
    Comment(for<'a> fn(&'a AppContext, &'a mut ApiRequest, CommentId) -> ReplyFuture<'a>),
    /// For moderators with this role: a call that takes and returns JSON.
    Admin(Role, for<'a> fn(&'a AppContext, AdminCall<'a>) -> ReplyFuture<'a>),
    /// For moderators with this role: a page, or a form that leads to one.
    AdminPage(Role, for<'a> fn(&'a AppContext, AdminCall<'a>) -> ReplyFuture<'a>),
    /// A page under `/admin` for somebody who is not signed in.
    Unauthenticated(for<'a> fn(&'a AppContext, &'a mut ApiRequest) -> ReplyFuture<'a>),
}

/// All routes.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    get("/", Public(|app, request| async { setup::welcome(app, request) }.boxed_local())),
    get("/favicon.ico", Public(|_, _| async { setup::favicon() }.boxed_local())),
    get("/check", Public(|app, request| check::get(app, request).boxed_local())),
    get("/health", Public(|app, _| setup::health(app).boxed_local())),
    get(security_txt::PATH, Public(|app, request| async { security_txt::get(app, request) }.boxed_local())),
    get("/thread", Public(|app, request| thread_page::get(app, request).boxed_local())),
    post("/thread", Public(|app, request| thread_page::post(app, request).boxed_local())),
    get("/thread/comment", Public(|app, request| own_comment_page::get(app, request).boxed_local())),
    post("/thread/comment", Public(|app, request| own_comment_page::post(app, request).boxed_local())),
    get("/thread/report", Public(|app, request| report_page::get(app, request).boxed_local())),
    post("/thread/report", Public(|app, request| report_page::post(app, request).boxed_local())),
    get("/v1/challenge", Public(|app, request| async { challenge::get(app, request) }.boxed_local())),
    post("/v1/comments", Public(|app, request| submit_comment::post(app, request).boxed_local())),
    patch("/v1/comments/<id>", Comment(|app, request, id| interactions::edit(app, request, id).boxed_local())),
    delete("/v1/comments/<id>", Comment(|app, request, id| interactions::delete(app, request, id).boxed_local())),
    post("/v1/comments/<id>/report", Comment(|app, request, id| interactions::report(app, request, id).boxed_local())),
    post("/v1/comments/<id>/restore", Comment(|app, request, id| interactions::restore(app, request, id).boxed_local())),
    get("/v1/comments/<id>/source", Comment(|app, request, id| interactions::source(app, request, id).boxed_local())),
    post("/v1/comments/<id>/vote", Comment(|app, request, id| interactions::vote(app, request, id).boxed_local())),
    get("/v1/comments/status", Public(|app, request| interactions::fates(app, request).boxed_local())),
    get("/v1/counts", Public(|app, request| read_api::counts(app, request).boxed_local())),
    get("/v1/feed", Public(|app, request| feed::get(app, request).boxed_local())),
    get("/v1/latest", Public(|app, request| latest::json(app, request).boxed_local())),
    get("/v1/latest.html", Public(|app, request| latest::fragment(app, request).boxed_local())),
    post("/v1/preview", Public(|app, request| preview::post(app, request).boxed_local())),
    post("/v1/reactions", Public(|app, request| interactions::react(app, request).boxed_local())),
    get("/v1/thread", Public(|app, request| read_api::thread(app, request).boxed_local())),
    get("/v1/thread.html", Public(|app, request| read_api::fragment(app, request).boxed_local())),
    get("/admin/sign-in", Unauthenticated(|app, request| sign_in::get(app, request).boxed_local())),
    post("/admin/sign-in", Unauthenticated(|app, request| sign_in::post(app, request).boxed_local())),
    get("/admin/link", Unauthenticated(|app, request| link::get(app, request).boxed_local())),
    post("/admin/link", Unauthenticated(|app, request| link::post(app, request).boxed_local())),
    post("/admin/sign-out", AdminPage(Moderator, |app, call| sign_in::sign_out(app, call).boxed_local())),
    get("/admin", AdminPage(Moderator, |app, call| overview::get(app, call).boxed_local())),
    get("/admin/queue", AdminPage(Moderator, |app, call| queue_page::get(app, call).boxed_local())),
    post("/admin/act", AdminPage(Moderator, |app, call| actions::act(app, call).boxed_local())),
    post("/admin/undo", AdminPage(Moderator, |app, call| actions::undo(app, call).boxed_local())),
    get("/admin/matching", AdminPage(Moderator, |app, call| matching::get(app, call).boxed_local())),
    post("/admin/matching", AdminPage(Moderator, |app, call| matching::post(app, call).boxed_local())),
    get("/admin/comments/<id>", AdminPage(Moderator, |app, call| comments::get(app, call).boxed_local())),
    get("/admin/comments/<id>/edit", AdminPage(Moderator, |app, call| comments::form(app, call, Edit).boxed_local())),
    post("/admin/comments/<id>/edit", AdminPage(Moderator, |app, call| comments::submit(app, call, Edit).boxed_local())),
    get("/admin/comments/<id>/reply", AdminPage(Moderator, |app, call| comments::form(app, call, Reply).boxed_local())),
    post("/admin/comments/<id>/reply", AdminPage(Moderator, |app, call| comments::submit(app, call, Reply).boxed_local())),
    get("/admin/comments/<id>/move", AdminPage(Moderator, |app, call| comments::form(app, call, Move).boxed_local())),
    post("/admin/comments/<id>/move", AdminPage(Moderator, |app, call| comments::submit(app, call, Move).boxed_local())),
    get("/admin/comments/<id>/erase", AdminPage(Owner, |app, call| comments::form(app, call, CommentAction::Erase).boxed_local())),
    post("/admin/comments/<id>/erase", AdminPage(Owner, |app, call| comments::submit(app, call, CommentAction::Erase).boxed_local())),
    get("/admin/authors/<mark>", AdminPage(Moderator, |app, call| comments::author(app, call).boxed_local())),
    get("/admin/on-behalf", AdminPage(Moderator, |app, call| on_behalf::get(app, call).boxed_local())),
    post("/admin/on-behalf", AdminPage(Moderator, |app, call| on_behalf::post(app, call).boxed_local())),
    get("/admin/threads", AdminPage(Moderator, |app, call| threads::get(app, call).boxed_local())),
    post("/admin/threads/closed", AdminPage(Moderator, |app, call| threads::set_closed(app, call).boxed_local())),
    post("/admin/threads/close-old", AdminPage(Moderator, |app, call| threads::close_old(app, call).boxed_local())),
    post("/admin/threads/title", AdminPage(Moderator, |app, call| threads::set_title(app, call).boxed_local())),
    get("/admin/bans", AdminPage(Moderator, |app, call| bans::get(app, call).boxed_local())),
    get("/admin/bans/new", AdminPage(Moderator, |app, call| bans::new(app, call).boxed_local())),
    post("/admin/bans/new", AdminPage(Moderator, |app, call| bans::create(app, call).boxed_local())),
    post("/admin/bans/sweep", AdminPage(Moderator, |app, call| steps::continue_sweep(app, call).boxed_local())),
    post("/admin/bans/lift", AdminPage(Moderator, |app, call| bans::lift(app, call).boxed_local())),
    get("/admin/audit", AdminPage(Moderator, |app, call| audit::get(app, call).boxed_local())),
    get("/admin/settings", AdminPage(Owner, |app, call| settings::get(app, call).boxed_local())),
    post("/admin/settings", AdminPage(Owner, |app, call| settings::post(app, call).boxed_local())),
    get("/admin/transfer", AdminPage(Owner, |app, call| pages::transfer::get(app, call).boxed_local())),
    post("/admin/import", AdminPage(Owner, |app, call| pages::transfer::import(app, call).boxed_local())),
    post("/admin/api/actions", Admin(Moderator, |app, call| api_comments::act(app, call).boxed_local())),
    post("/admin/api/actions/<action>/undo", Admin(Moderator, |app, call| api_comments::undo(app, call).boxed_local())),
    post("/admin/api/actions/matching", Admin(Moderator, |app, call| api_comments::act_on_matching(app, call).boxed_local())),
    get("/admin/api/audit", Admin(Moderator, |app, call| api::list_audit_log(app, call).boxed_local())),
    get("/admin/api/bans", Admin(Moderator, |app, call| api::list_bans(app, call).boxed_local())),
    post("/admin/api/bans", Admin(Moderator, |app, call| api::ban(app, call).boxed_local())),
    post("/admin/api/bans/<action>/sweep", Admin(Moderator, |app, call| api_comments::sweep(app, call).boxed_local())),
    post("/admin/api/bans/lift", Admin(Moderator, |app, call| api::lift_bans(app, call).boxed_local())),
    get("/admin/api/changes", Admin(Moderator, |app, call| changes::get(app, call).boxed_local())),
    get("/admin/api/comments", Admin(Moderator, |app, call| api::list_comments(app, call).boxed_local())),
    post("/admin/api/comments", Admin(Moderator, |app, call| api_comments::post_on_behalf(app, call).boxed_local())),
    get("/admin/api/comments/<id>", Admin(Moderator, |app, call| api_comments::read_comment(app, call).boxed_local())),
    post("/admin/api/comments/<id>/approve", Admin(Moderator, |app, call| api::moderate(app, call, Approve).boxed_local())),
    post("/admin/api/comments/<id>/edit", Admin(Moderator, |app, call| api_comments::edit(app, call).boxed_local())),
    post("/admin/api/comments/<id>/erase", Admin(Owner, |app, call| api::moderate(app, call, Erase).boxed_local())),
    post("/admin/api/comments/<id>/link", Admin(Moderator, |app, call| link::create(app, call).boxed_local())),
    post("/admin/api/comments/<id>/move", Admin(Moderator, |app, call| api_comments::move_comment(app, call).boxed_local())),
    post("/admin/api/comments/<id>/reply", Admin(Moderator, |app, call| api_comments::reply(app, call).boxed_local())),
    post("/admin/api/comments/<id>/unpublish", Admin(Moderator, |app, call| api::moderate(app, call, Unpublish).boxed_local())),
    get("/admin/api/comments/count", Admin(Moderator, |app, call| api_comments::count_matching(app, call).boxed_local())),
    get("/admin/api/export", Admin(Owner, |app, call| transfer::export(app, call).boxed_local())),
    post("/admin/api/import", Admin(Owner, |app, call| transfer::import(app, call).boxed_local())),
    get("/admin/api/openapi.json", Admin(Moderator, |_, _| async { api_comments::openapi() }.boxed_local())),
    get("/admin/api/overview", Admin(Moderator, |app, call| api_comments::overview(app, call).boxed_local())),
    post("/admin/api/remap", Admin(Owner, |app, call| api::remap(app, call).boxed_local())),
    post("/admin/api/republish", Admin(Owner, |app, call| api::republish(app, call).boxed_local())),
    post("/admin/api/rerender", Admin(Owner, |app, call| api::rerender(app, call).boxed_local())),
    get("/admin/api/settings", Admin(Moderator, |app, call| api::settings(app, call).boxed_local())),
    post("/admin/api/settings", Admin(Owner, |app, call| api::update_setting(app, call).boxed_local())),
    get("/admin/api/threads", Admin(Moderator, |app, call| api_comments::list_threads(app, call).boxed_local())),
    post("/admin/api/threads/close", Admin(Moderator, |app, call| api::set_closed(app, call, true).boxed_local())),
    post("/admin/api/threads/close-old", Admin(Moderator, |app, call| api_comments::close_old_threads(app, call).boxed_local())),
    post("/admin/api/threads/open", Admin(Moderator, |app, call| api::set_closed(app, call, false).boxed_local())),
    post("/admin/api/threads/title", Admin(Moderator, |app, call| api::set_title(app, call).boxed_local())),
];

const fn get(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::Get, path, handler }
}

const fn post(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::Post, path, handler }
}

const fn patch(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::Patch, path, handler }
}

const fn delete(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::Delete, path, handler }
}

/// Finds the route for a method and a path. Returns it with the comment's id in the path.
pub(crate) fn find(method: &Method, path: &str) -> Option<(&'static Route, Option<CommentId>)> {
    ROUTES.iter().filter(|route| route.method == *method).find_map(|route| Some((route, match_path(route.path, path)?)))
}

/// Methods that a path accepts, as in an `Allow` header. Returns `None` if there is no such path.
pub(crate) fn allowed_methods(path: &str) -> Option<String> {
    let has = |method: &Method| find(method, path).is_some();
    let mut methods = Vec::new();
    if has(&Method::Get) {
        methods.extend(["GET", "HEAD"]);
    }
    for (method, name) in [(Method::Post, "POST"), (Method::Patch, "PATCH"), (Method::Delete, "DELETE")] {
        if has(&method) {
            methods.push(name);
        }
    }
    if methods.is_empty() {
        return None;
    }
    if has_cors(path) {
        methods.push("OPTIONS");
    }
    Some(methods.join(", "))
}

/// Matches a path with that of a route. Returns the id in it, if the route has one.
fn match_path(route: &str, path: &str) -> Option<Option<CommentId>> {
    if let Some((prefix, suffix)) = route.split_once(ACTION) {
        let id = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
        return SubmissionId::parse(id).map(|_| None);
    }
    if let Some(prefix) = route.strip_suffix(MARK) {
        let mark = path.strip_prefix(prefix)?;
        let is_mark = !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return is_mark.then_some(None);
    }
    let Some((prefix, suffix)) = route.split_once(ID) else { return (path == route).then_some(None) };
    let id = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
    id.parse().ok().map(|id| Some(CommentId::new(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::{is_admin_api_path, is_admin_path};

    /// The routes that need the role of an owner.
    const FOR_OWNERS: &[&str] = &[
        "GET /admin/comments/<id>/erase",
        "POST /admin/comments/<id>/erase",
        "GET /admin/settings",
        "POST /admin/settings",
        "GET /admin/transfer",
        "POST /admin/import",
        "POST /admin/api/comments/<id>/erase",
        "GET /admin/api/export",
        "POST /admin/api/import",
        "POST /admin/api/remap",
        "POST /admin/api/republish",
        "POST /admin/api/rerender",
        "POST /admin/api/settings",
    ];
    /// The paths of moderators that need no credential, or bring their own.
    const UNAUTHENTICATED: [&str; 2] = ["/admin/sign-in", "/admin/link"];

    /// The page that documents the routes, and the heading of their table.
    const DOCUMENTATION: &str = include_str!("../../../docs/src/http-api.md");
    const HEADING: &str = "## Calls";

    #[test]
    fn the_documentation_lists_all_routes() {
        let section = DOCUMENTATION.split(HEADING).nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let documented = |code: &'static str| {
            let (method, target) =
                code.split_once(' ').filter(|(method, _)| matches!(*method, "GET" | "POST" | "PATCH" | "DELETE"))?;
            Some((method.to_owned(), target.split('?').next().unwrap_or_default()))
        };
        let mut listed: Vec<_> = section.split('`').filter_map(documented).collect();
        listed.sort_unstable();
        listed.dedup();
        // The pages of moderators are for people: docs/src/moderation.md describes them.
        let is_page = |route: &Route| matches!(route.handler, AdminPage(..) | Unauthenticated(_));
        let is_listed = |route: &&Route| !matches!(route.path, "/" | "/favicon.ico") && !is_page(route);
        let mut served: Vec<_> =
            ROUTES.iter().filter(is_listed).map(|route| (route.method.to_string(), route.path)).collect();
        served.sort_unstable();
        assert_eq!(listed, served);
    }

    #[test]
    fn the_openapi_document_describes_exactly_the_calls_of_moderators() {
        let document: serde_json::Value = serde_json::from_str(include_str!("admin/openapi.json")).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut described = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(
                    operation["summary"].is_string() && operation["responses"]["200"].is_object(),
                    "{method} {path}"
                );
                described.push((method.to_uppercase(), path.replace('{', "<").replace('}', ">")));
            }
        }
        described.sort_unstable();
        let is_admin = |route: &&Route| route.path.starts_with("/admin/api/");
        let mut served: Vec<_> =
            ROUTES.iter().filter(is_admin).map(|route| (route.method.to_string(), route.path.to_owned())).collect();
        served.sort_unstable();
        assert_eq!(described, served);
    }

    #[test]
    fn only_admin_paths_have_admin_handlers() {
        for route in ROUTES {
            let (is_call, is_page) = match route.handler {
                Admin(..) => (true, false),
                AdminPage(..) | Unauthenticated(_) => (false, true),
                Public(_) | Comment(_) => (false, false),
            };
            assert_eq!(is_call, is_admin_api_path(route.path), "{}", route.path);
            assert_eq!(is_call || is_page, is_admin_path(route.path), "{}", route.path);
            let takes_comment = matches!(route.handler, Comment(_));
            assert_eq!(takes_comment, !is_call && !is_page && route.path.contains(ID), "{}", route.path);
        }
    }

    #[test]
    fn allowed_methods_follow_from_the_table() {
        for (path, methods) in [
            ("/", "GET, HEAD"),
            ("/thread", "GET, HEAD, POST"),
            ("/v1/thread", "GET, HEAD, OPTIONS"),
            ("/v1/comments", "POST, OPTIONS"),
            ("/v1/comments/12", "PATCH, DELETE, OPTIONS"),
            ("/v1/comments/12/source", "GET, HEAD, OPTIONS"),
            ("/v1/comments/12/vote", "POST, OPTIONS"),
            ("/v1/comments/status", "GET, HEAD, OPTIONS"),
            ("/v1/reactions", "POST, OPTIONS"),
            ("/admin/api/bans", "GET, HEAD, POST"),
            ("/admin/api/comments/12/erase", "POST"),
            ("/admin/api/comments/12", "GET, HEAD"),
            ("/admin/api/comments/count", "GET, HEAD"),
            ("/admin/api/actions/00000000-0000-8000-8000-000000000007/undo", "POST"),
        ] {
            assert_eq!(allowed_methods(path).as_deref(), Some(methods), "{path}");
        }
        for path in [
            "/v1/",
            "/threads",
            "/v1/comments/",
            "/v1/comments/x",
            "/v1/comments/1/",
            "/v1/comments/1/2/vote",
            "/admin/api/comments/x/erase",
            "/admin/api/actions/7/undo",
            "/admin/api/comments/<id>/erase",
        ] {
            assert_eq!(allowed_methods(path), None, "{path}");
        }
    }

    #[test]
    fn only_owners_do_what_cannot_be_undone() {
        let roles = ROUTES.iter().filter_map(|route| match route.handler {
            Admin(role, _) | AdminPage(role, _) => Some((route.method.to_string(), route.path, role)),
            Public(_) | Comment(_) | Unauthenticated(_) => None,
        });
        let for_owners: Vec<_> =
            roles.filter(|(_, _, role)| *role == Owner).map(|(method, path, _)| format!("{method} {path}")).collect();
        assert_eq!(for_owners, FOR_OWNERS);
        assert!(
            ROUTES
                .iter()
                .all(|route| !matches!(route.handler, Unauthenticated(_)) || UNAUTHENTICATED.contains(&route.path))
        );
    }

    #[test]
    fn ids_in_paths_are_parsed() {
        let (route, comment) = find(&Method::Post, "/admin/api/comments/12/approve").unwrap();
        assert_eq!((route.path, comment), ("/admin/api/comments/<id>/approve", Some(CommentId::new(12))));
        let (_, comment) = find(&Method::Get, "/v1/thread").unwrap();
        assert_eq!(comment, None);
        assert!(find(&Method::Get, "/admin/api/comments/12/approve").is_none());
    }
}
