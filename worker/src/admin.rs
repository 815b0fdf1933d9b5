//! The calls of moderators, and the gate before everything under `/admin`.

use afterword_guard::bearer;
use afterword_model::Refusal;
use worker::Response;

use crate::answer::Failure;
use crate::request::Call;
use crate::route::{self, App};

/// Whether an address is behind the gate, whether there is something at it or not.
pub(crate) fn is_behind(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// The answer to a call behind the gate. Without a moderator's secret it is the same for all of them.
pub(crate) async fn answer(app: &App, mut call: Call) -> Result<Response, Failure> {
    let admitted = admit(app, &call);
    call.read_body().await;
    let _by = admitted?;
    route::unserved(call.path())
}

/// The name of the moderator who calls. The secret travels in a header that no browser adds by itself; a browser that says that
/// another site's page makes the call is refused all the same.
fn admit(app: &App, call: &Call) -> Result<&'static str, Refusal> {
    let header = call.header("authorization").unwrap_or_default();
    let name = bearer(&header).and_then(|secret| app.settings.moderators.of_secret(secret));
    let name = name.ok_or(Refusal::Unauthorized)?;
    if call.is_cross_site() { Err(Refusal::WrongOrigin) } else { Ok(name) }
}
