//! What the routes beside the pages share: how a message is named in an address, and how a
//! failure is told where there is no page around it.

use super::visitor::Visitor;
use crate::model::Error;
use crate::ui::words::error_text;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The query of a message's address.
#[derive(Debug, Default, Deserialize)]
pub struct Query {
    /// The UIDVALIDITY under which the UID was read.
    pub v: Option<u32>,
    /// `text` for the text body.
    pub view: Option<String>,
}

/// The HTTP status that goes with an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotSignedIn | Error::PasswordRefused => StatusCode::UNAUTHORIZED,
        Error::NoFolder | Error::NoMessage => StatusCode::NOT_FOUND,
        Error::FolderChanged => StatusCode::GONE,
        Error::Unreachable | Error::Busy | Error::Offline => StatusCode::SERVICE_UNAVAILABLE,
        Error::OverQuota => StatusCode::INSUFFICIENT_STORAGE,
        Error::Refused(_) => StatusCode::BAD_GATEWAY,
        Error::BadRequest => StatusCode::BAD_REQUEST,
        Error::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error as a document of its own, small enough for the body's frame.
pub fn problem(visitor: &Visitor, error: &Error) -> Response {
    let (what, mend) = error_text(visitor.locale, error);
    // Text, so that nothing in a server's words can be markup.
    let mut response = (status(error), format!("{what}\n{mend}\n")).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; frame-ancestors 'self'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
