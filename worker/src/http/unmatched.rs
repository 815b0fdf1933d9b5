//! The response for a request that matches no route.

use afterword_model::Refusal;
use worker::Response;

use crate::error::{ApiError, refusal_response};
use crate::http::routes;

/// `405` with the methods of the path, or `404` if there is no such path.
pub(crate) fn unmatched(path: &str) -> Result<Response, ApiError> {
    let methods = routes::allowed_methods(path).ok_or(Refusal::NotFound)?;
    let mut response = refusal_response(Refusal::BadMethod)?;
    response.headers_mut().set("allow", &methods)?;
    Ok(response)
}
