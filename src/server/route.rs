//! What the routes beside the pages share: how a message is named in an address, and how a
//! failure is told where there is no page around it.

use super::reading::Place;
use super::visitor::Visitor;
use crate::model::Error;
use crate::ui::words::error_text;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The query of a message's address.
#[derive(Debug, Default, Deserialize)]
pub struct Query {
    /// The UIDVALIDITY under which the UID was read.
    pub v: Option<u32>,
    /// `text` for the text body.
    pub view: Option<String>,
    /// The word that says that images from the net be shown.
    pub images: Option<String>,
    /// `own` for the colours of an HTML body as its mail has them, in the dark too.
    pub colours: Option<String>,
    /// The number of an attached message that is meant instead of the message itself.
    pub part: Option<String>,
}

impl Query {
    /// The message `uid` of `folder` that the address names.
    pub fn place(&self, folder: String, uid: u32) -> Place {
        Place {
            folder,
            uid,
            uid_validity: self.v,
        }
    }
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
        Error::Folder(_) => StatusCode::CONFLICT,
        Error::BadRequest => StatusCode::BAD_REQUEST,
        Error::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Gives a call of a server function that failed the status of its error; server_fn says 500 for
/// all of them.
pub async fn tell_status(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let failed = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response
            .headers()
            .contains_key(server_fn::error::SERVER_FN_ERROR_HEADER);
    if !failed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let octets = axum::body::to_bytes(body, 64 << 10)
        .await
        .unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<Error>(&octets) {
        parts.status = status(&error);
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
    }
    Response::from_parts(parts, octets.into())
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
