//! A change that was begun is finished, whether or not anybody waits for the answer. The server drops
//! a request when the browser hangs up, and a move that takes several commands (without MOVE or
//! UIDPLUS, RFC 6851 and RFC 4315) would end between two of them: the message in both folders.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What changes a mailbox, by the last part of its address. What sends or saves a mail sees to it
/// itself (`delivery.rs`), since it has files to read before.
const CHANGES: [&str; 9] = [
    "change",
    "change_many",
    "create_folder",
    "create_role_folder",
    "rename_folder",
    "delete_folder",
    "subscribe_folder",
    "empty_folder",
    "mark_all_read",
];

/// The middleware that does so.
pub async fn finish_changes(request: Request, next: Next) -> Response {
    let name = request.uri().path().strip_prefix("/api/");
    if !name.is_some_and(|name| CHANGES.contains(&name)) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(answer) => answer,
        // Told as any panic is.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The server is being ended.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
